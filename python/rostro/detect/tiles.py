"""Huge images in tiles, so that small faces keep their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError
from rostro.types import Detections, Image

__all__ = ["Tile", "Tiling", "join"]

# A box that ends so near a cut, as a part of its longer side, may be of a face that the cut halves.
_NEAR = 0.05


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of an image: its left, top, right and bottom sides in pixels, the last two excluded.

    Attributes:
        cuts: the same sides, infinite where the tile ends with the image.
    """

    left: int
    top: int
    right: int
    bottom: int
    cuts: tuple[float, float, float, float]

    def of(self, image: Image) -> Image:
        """This part of an image, without a copy."""
        return image[self.top : self.bottom, self.left : self.right]

    def whole_faces(self, found: Detections) -> Detections:
        """Detections in the tile as such in the image, without faces that a cut may halve."""
        origin = np.array([self.left, self.top], np.float32)
        boxes = found.boxes + np.tile(origin, 2)
        near = _NEAR * (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0, keepdims=True)
        inside = (boxes[:, :2] - near >= self.cuts[:2]) & (boxes[:, 2:] + near <= self.cuts[2:])
        landmarks = None if found.landmarks is None else found.landmarks + origin
        moved = Detections(boxes, found.scores, landmarks, found.poses)
        return moved.select(np.flatnonzero(inside.all(axis=1)))


class Tiling:
    """Cuts images into tiles.

    Args:
        size: (width, height) of a tile.
        overlap: pixels that neighbours share at least; a smaller face is whole in one of them.

    Raises:
        ArgumentError: no such size or overlap.
    """

    def __init__(self, size: tuple[int, int], overlap: int) -> None:
        if len(size) != 2 or min(size) < 2:
            raise ArgumentError(f"tile: {size!r}; (width, height) in pixels is wanted")
        if not 0 <= overlap < min(size):
            raise ArgumentError(
                f"overlap: {overlap}; 0 to less than the shorter side of a tile, {min(size)}, is "
                "wanted"
            )
        self._size = size
        self._overlap = overlap

    def __call__(self, width: int, height: int) -> Iterator[Tile]:
        """The tiles of an image; none where it fits into one."""
        if width <= self._size[0] and height <= self._size[1]:
            return
        for top, bottom in self._spans(height, self._size[1]):
            for left, right in self._spans(width, self._size[0]):
                cuts = (
                    left if left > 0 else -np.inf,
                    top if top > 0 else -np.inf,
                    right if right < width else np.inf,
                    bottom if bottom < height else np.inf,
                )
                yield Tile(left, top, right, bottom, cuts)

    def _spans(self, side: int, tile: int) -> list[tuple[int, int]]:
        if side <= tile:
            return [(0, side)]
        count = 1 + -(-(side - tile) // (tile - self._overlap))
        # Begins are even, as YUYV's pairs of pixels ask for; the last tile may be a pixel longer.
        begins = sorted({i * (side - tile) // (count - 1) // 2 * 2 for i in range(count)})
        return [(begin, begin + tile) for begin in begins[:-1]] + [(begins[-1], side)]


def join(parts: Sequence[Detections]) -> Detections:
    """All detections of several results of one detector, one after the other."""

    def together(arrays: list[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
        present = [array for array in arrays if array is not None]
        return np.concatenate(present) if present else None

    return Detections(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        together([part.landmarks for part in parts]),
        together([part.poses for part in parts]),
    )
