"""Faces that are not seen in a frame, as they were when they were last seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro.faces import Faces
from rostro.types import FloatArray
from rostro.video.tracker import NOBODY, Predicted

__all__ = ["LastSeen"]


class LastSeen:
    """The last row of everybody who has not left."""

    def __init__(self) -> None:
        self._rows: dict[int, Faces] = {}

    def with_predicted(self, followed: Faces, expected: Predicted, longest: float) -> Faces:
        """The faces of a frame without their embeddings, and those who were not seen for up to
        ``longest`` seconds where they are expected; the attribute ``"predicted"`` is 1 of these."""
        columns = followed.columns()
        columns.pop("embeddings", None)
        seen = Faces.of_checked(columns, followed.scheme)
        rows = [seen]
        for id_, box, unseen in zip(*expected, strict=True):
            row = self._rows.get(int(id_))
            if row is not None and 0 < unseen <= longest:
                rows.append(row.mapped(_between(row.boxes[0], box)))
        self._keep(seen, expected)
        # What the core takes: bool is no type of a column.
        predicted: NDArray[np.uint32] = np.zeros(sum(map(len, rows)), np.uint32)
        predicted[len(seen) :] = 1
        return _concatenated(rows).with_columns(attributes={"predicted": predicted})

    def _keep(self, seen: Faces, expected: Predicted) -> None:
        there = {int(id_) for id_ in expected.ids}
        self._rows = {id_: row for id_, row in self._rows.items() if id_ in there}
        ids = seen.columns()["ids"]
        for index in np.flatnonzero(ids != NOBODY):
            self._rows[int(ids[index])] = seen[int(index) : int(index) + 1]


def _concatenated(rows: list[Faces]) -> Faces:
    """Tables of the columns that all have; one without faces has none to say."""
    rows = [table for table in rows if len(table)] or rows[:1]
    names = set.intersection(*(set(table.columns()) for table in rows))
    shared = [
        {name: array for name, array in table.columns().items() if name in names} for table in rows
    ]
    return Faces.concatenate([Faces.of(columns, rows[0].scheme) for columns in shared])


def _between(box: FloatArray, other: FloatArray) -> FloatArray:
    """The transform from a box to another one, without a change of aspect."""
    sides, other_sides = box[2:] - box[:2], other[2:] - other[:2]
    scale = float(np.sqrt(np.prod(other_sides) / np.prod(sides)))
    shift = (other[:2] + other[2:]) / 2 - scale * (box[:2] + box[2:]) / 2
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
