"""What detectors and pipelines return: arrays first, single faces as views of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Detections", "Face", "Faces", "FloatArray", "Image"]

FloatArray: TypeAlias = NDArray[np.float32]
Image: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Detected faces, best first.

    Attributes:
        boxes: (N, 4) float32, ``x1, y1, x2, y2`` in pixels; may reach beyond the image.
        scores: (N,) float32, in 0..1.
        landmarks: (N, 5, 2) float32 in pixels (image-left eye, image-right eye, nose, image-left
            mouth corner, image-right mouth corner); ``None`` where the network has none.
        poses: (N, 3) float32 yaw, pitch, roll in degrees (positive: the face turns to the image's
            right, up, clockwise in the image); ``None`` where the network has none.
    """

    boxes: FloatArray
    scores: FloatArray
    landmarks: FloatArray | None
    poses: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def select(self, indices: NDArray[np.int64] | slice) -> Detections:
        """The detections at ``indices``, in that order."""
        landmarks = None if self.landmarks is None else self.landmarks[indices]
        poses = None if self.poses is None else self.poses[indices]
        return Detections(self.boxes[indices], self.scores[indices], landmarks, poses)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face: views into the arrays of `Faces`."""

    box: FloatArray
    score: float
    landmarks: FloatArray | None
    embedding: FloatArray | None
    pose: FloatArray | None
    quality: float | None
    norm: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The faces of one image, best first; iterates as `Face`.

    Attributes:
        boxes: (N, 4) float32, ``x1, y1, x2, y2`` in the image's pixels.
        scores: (N,) float32, in 0..1.
        landmarks: (N, 5, 2) float32 in the image's pixels, or ``None``.
        embeddings: (N, D) float32 of unit norm, or ``None`` without an embedder.
        poses: (N, 3) float32 yaw, pitch, roll in degrees, or ``None``.
        quality: (N,) float32, or ``None``.
        norms: (N,) float32, of the embeddings before they were made unit vectors: the lower, the
            harder a face was to recognise, within one embedder; ``None`` without one.
    """

    boxes: FloatArray
    scores: FloatArray
    landmarks: FloatArray | None
    embeddings: FloatArray | None = None
    poses: FloatArray | None = None
    quality: FloatArray | None = None
    norms: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, index: int) -> Face:
        def at(array: FloatArray | None) -> FloatArray | None:
            return None if array is None else array[index]

        return Face(
            box=self.boxes[index],
            score=float(self.scores[index]),
            landmarks=at(self.landmarks),
            embedding=at(self.embeddings),
            pose=at(self.poses),
            quality=None if self.quality is None else float(self.quality[index]),
            norm=None if self.norms is None else float(self.norms[index]),
        )

    def __iter__(self) -> Iterator[Face]:
        return (self[i] for i in range(len(self)))
