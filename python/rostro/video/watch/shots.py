"""The best shot of everybody: a picture for the page, and whether it is good enough to enroll."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from rostro.attributes.quality import Quality
from rostro.faces import Faces
from rostro.types import FloatArray, Image
from rostro.video.watch.people import People, predicted_of

__all__ = ["BestShots", "Shot"]

_AROUND = 1.5
"""Sides of the picture, in longer sides of the box."""
_SHORTEST = 40
"""Pixels of a side; smaller faces are shown, too, with more around them."""


class Shot(NamedTuple):
    """A face of a frame.

    Attributes:
        quality: 0..1, by the limits for enrolling.
        why: it is not good enough to enroll; none of a good one.
        crop: (H, W, 3) uint8, BGR.
    """

    quality: float
    why: list[str]
    crop: Image


class BestShots:
    """Looks at faces in the frames in which they were embedded, which are few.

    One thread calls `look`, any other may `get`.
    """

    def __init__(self) -> None:
        self._gate = Quality(purpose="enroll")
        self._shots: dict[int, Shot] = {}
        self._votes: dict[int, int] = {}
        self._lock = threading.Lock()

    def get(self, id_: int) -> Shot | None:
        with self._lock:
            return self._shots.get(id_)

    def look(self, image: Image, faces: Faces, people: People) -> None:
        """The faces of a frame; after `People.look`."""
        if faces.ids is not None:
            for row, (id_, predicted) in enumerate(
                zip(faces.ids.tolist(), predicted_of(faces), strict=True)
            ):
                person = people.get(id_)
                if person is None or predicted:
                    continue
                votes = 0 if person.identity is None else person.identity.votes
                if votes != self._votes.get(id_, -1):
                    self._votes[id_] = votes
                    self._compare(id_, image, faces[row : row + 1])
        gone = [id_ for id_ in self._votes if people.get(id_) is None]
        with self._lock:
            for id_ in gone:
                del self._votes[id_]
                self._shots.pop(id_, None)

    def _compare(self, id_: int, image: Image, face: Faces) -> None:
        measured = self._gate(image, face)
        quality, why = float(measured[0].quality or 0.0), self._gate.explain(measured, 0)
        best = self._shots.get(id_)
        # One without reasons is better than any with some.
        if best is None or (not why, quality) > (not best.why, best.quality):
            shot = Shot(quality, why, _crop(image, face.boxes[0]))
            with self._lock:
                self._shots[id_] = shot


def _crop(image: Image, box: FloatArray) -> Image:
    """A copy of the square around a face, as far as it lies in the image."""
    height, width = image.shape[:2]
    x, y = (box[:2] + box[2:]) / 2
    half = max(float(np.max(box[2:] - box[:2])) * _AROUND, _SHORTEST) / 2
    left, right = (int(np.clip(side, 0, width)) for side in (x - half, x + half))
    top, bottom = (int(np.clip(side, 0, height)) for side in (y - half, y + half))
    left, top = min(left, width - 1), min(top, height - 1)
    return image[top : max(bottom, top + 1), left : max(right, left + 1)].copy()
