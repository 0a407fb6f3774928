"""The best shots of everybody: pictures, and whether they are good enough to enroll."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from rostro.attributes.quality import Quality
from rostro.faces import Faces
from rostro.kernels.arguments import Color
from rostro.types import Image

__all__ = ["BestShots", "Shot", "square_crop"]

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
        time: of the frame.
        live: whether the face is a live one, as far as anybody asked.
    """

    quality: float
    why: list[str]
    crop: Image
    time: float = 0.0
    live: bool = True


def square_crop(image: Image, face: Faces, color: Color = "bgr") -> Image:
    """A copy of the square around a face, as far as it lies in the image."""
    box = face.boxes[0]
    height, width = image.shape[:2]
    x, y = (box[:2] + box[2:]) / 2
    half = max(float(np.max(box[2:] - box[:2])) * _AROUND, _SHORTEST) / 2
    left, right = (int(np.clip(side, 0, width)) for side in (x - half, x + half))
    top, bottom = (int(np.clip(side, 0, height)) for side in (y - half, y + half))
    left, top = min(left, width - 1), min(top, height - 1)
    return image[top : max(bottom, top + 1), left : max(right, left + 1)].copy()


class BestShots:
    """Looks at faces in the frames in which they were embedded, which are few.

    One thread calls `look`, any other may `get`.

    Args:
        crop: makes the picture of a table of one face.
        most: shots of one person.
        live: from which ``live`` of the table on a face is a live one; ``None``: nobody asks.
    """

    def __init__(
        self,
        crop: Callable[[Image, Faces, Color], Image] = square_crop,
        most: int = 1,
        live: float | None = None,
    ) -> None:
        self._crop, self._most, self._live = crop, most, live
        self._gate = Quality(purpose="enroll")
        self._shots: dict[int, list[Shot]] = {}
        self._votes: dict[int, int] = {}
        self._lock = threading.Lock()

    def get(self, id_: int) -> Shot | None:
        """The best one."""
        return next(iter(self.all(id_)), None)

    def all(self, id_: int) -> list[Shot]:
        """Best first."""
        with self._lock:
            return list(self._shots.get(id_, ()))

    def look(
        self,
        image: Image,
        faces: Faces,
        votes: Mapping[int, int],
        color: Color = "bgr",
        time: float = 0.0,
    ) -> None:
        """The faces of a frame, and how many embeddings there are of everybody who has not left."""
        if faces.ids is not None:
            predicted = (faces.attributes or {}).get("predicted", np.zeros(len(faces)))
            for row, id_ in enumerate(faces.ids.tolist()):
                count = votes.get(id_)
                if count is not None and not predicted[row] and count != self._votes.get(id_, -1):
                    self._votes[id_] = count
                    self._compare(id_, image, faces[row : row + 1], color, time)
        gone = [id_ for id_ in self._votes if id_ not in votes]
        with self._lock:
            for id_ in gone:
                del self._votes[id_]
                self._shots.pop(id_, None)

    def _compare(self, id_: int, image: Image, face: Faces, color: Color, time: float) -> None:
        measured = self._gate(image, face, color)
        quality, why = float(measured[0].quality or 0.0), self._gate.explain(measured, 0)
        shots = self._shots.get(id_, [])
        if len(shots) == self._most and not _rank(quality, why) > _rank(*shots[-1][:2]):
            return
        alive = self._live is None or face.live is None or bool(face.live[0] >= self._live)
        if not alive:
            why = [*why, "the face is not live; a person before the camera is wanted"]
        shot = Shot(quality, why, self._crop(image, face, color), time, alive)
        shots = sorted([*shots, shot], key=lambda one: _rank(*one[:2]), reverse=True)
        with self._lock:
            self._shots[id_] = shots[: self._most]


def _rank(quality: float, why: list[str]) -> tuple[bool, float]:
    """One without reasons is better than any with some."""
    return not why, quality
