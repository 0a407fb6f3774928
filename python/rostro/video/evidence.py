"""Which faces of a frame are worth an embedding, and none twice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rostro.faces import Faces
from rostro.types import FloatArray
from rostro.video.boxes import overlaps
from rostro.video.identity import Vote
from rostro.video.tracker import NOBODY, Predicted

__all__ = ["EvidencePlan"]

BETTER = 1.1
"""By how much the quality must exceed the best so far."""
FIRST = 3
"""So many embeddings of somebody are made whatever their quality, ``APART`` seconds apart."""
APART = 0.5
LATER = 3.0
"""After so many seconds, another one is made: people and lights change."""
FULL_SIZE = 112.0
"""Pixels from which on a larger face is no better: the side of an embedder's crop."""
_SAME = 0.3
"""From this intersection over union on, a face is the one that was expected there."""


class EvidencePlan:
    """What to embed of a frame. Faces that have no id yet are remembered with their embeddings, so
    that the frame in which they get one needs no other.

    Attributes:
        new: rows of faces that nobody has seen, best first.
        better: rows of faces that are better than the best so far, the most needed first.
    """

    def __init__(self) -> None:
        self.new: list[int] = []
        self.better: list[int] = []
        self._quality: NDArray[np.float64] = np.empty(0)
        self._boxes: FloatArray = np.empty((0, 4), np.float32)
        self._found: dict[int, FloatArray] = {}
        self._waiting: list[tuple[FloatArray, FloatArray]] = []

    def look(
        self, faces: Faces, expected: Predicted, votes: Mapping[int, Vote], time: float
    ) -> None:
        """Plans for a frame."""
        self._quality, self._boxes, self._found = quality_of(faces), faces.boxes, {}
        self.new, self.better = [], []
        owners = _owners(faces.boxes, expected)
        for row, id_ in enumerate(owners):
            vote = votes.get(id_)
            if vote is None:
                kept = self._kept(faces.boxes[row])
                if kept is None:
                    self.new.append(row)
                else:
                    self._found[row] = kept
            elif self._is_worth(vote, row, time):
                self.better.append(row)
        self.new.sort(key=lambda row: -self._quality[row])
        self.better.sort(key=lambda row: votes[owners[row]].count)

    def _is_worth(self, vote: Vote, row: int, time: float) -> bool:
        waited = time - vote.last
        if vote.count < FIRST and waited >= APART:
            return True
        return bool(self._quality[row] > BETTER * vote.best) or waited >= LATER

    def _kept(self, box: FloatArray) -> FloatArray | None:
        for other, embedding in self._waiting:
            if overlaps(box[None], other[None])[0, 0] >= _SAME:
                return embedding
        return None

    def embedded(self, rows: list[int], embeddings: FloatArray) -> None:
        """What an embedder made of rows."""
        self._found.update(zip(rows, embeddings, strict=True))

    def embeddings(self, dim: int) -> FloatArray | None:
        """Of all faces, zeros of those that were not embedded; ``None`` where none was."""
        if not self._found:
            return None
        found: FloatArray = np.zeros((len(self._boxes), dim), np.float32)
        for row, embedding in self._found.items():
            found[row] = embedding
        return found

    def taken(self, ids: NDArray[np.int64]) -> list[tuple[int, float]]:
        """Rows that have an embedding and an id, with their quality; the others wait."""
        self._waiting = [
            (self._boxes[row], embedding)
            for row, embedding in self._found.items()
            if ids[row] == NOBODY
        ]
        return [(row, float(self._quality[row])) for row in self._found if ids[row] != NOBODY]


def quality_of(faces: Faces) -> NDArray[np.float64]:
    """How good faces are for an embedder, 0..1: score, size and, where it is known, quality."""
    sides = faces.boxes[:, 2:] - faces.boxes[:, :2]
    size = np.sqrt(np.clip(np.prod(sides.astype(np.float64), axis=1), 0, None))
    found: NDArray[np.float64] = faces.scores * np.minimum(size / FULL_SIZE, 1)
    return found if faces.quality is None else found * faces.quality


def _owners(boxes: FloatArray, expected: Predicted) -> list[int]:
    """The id that is expected at each box, `NOBODY` where there is none."""
    if not len(expected.ids):
        return [NOBODY] * len(boxes)
    shared = overlaps(boxes, expected.boxes)
    nearest = shared.argmax(axis=1)
    return [
        int(expected.ids[column]) if shared[row, column] >= _SAME else NOBODY
        for row, column in enumerate(nearest)
    ]
