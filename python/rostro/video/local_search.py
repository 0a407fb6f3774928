"""Finding faces again where they are expected: small crops through the detector."""

from __future__ import annotations

import numpy as np

from rostro import _core
from rostro.detect.detector import Detector
from rostro.faces import Faces
from rostro.kernels import nms
from rostro.kernels.arguments import Color
from rostro.kernels.planes import even_box, part_of
from rostro.types import FloatArray, ImageLike
from rostro.video.boxes import overlaps

__all__ = ["LocalSearch", "without_doubles"]

_SIDE = 128
"""Of the detector's input, pixels; a face fills less than half of it."""
_AROUND = 2.2
"""The side of what is searched, in longer sides of the expected box."""
_NEAR = 0.3
"""The least intersection over union of a face and where it was expected."""
_SAME = 0.5
"""From this intersection over union on, what two searches found is one face."""


class LocalSearch:
    """Looks for a face around each expected box, by the same network at a small size.

    Any number of threads may call one at once.

    Args:
        detector: whose network is used; see `possible`.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector.with_size((_SIDE, _SIDE))

    @staticmethod
    def possible(detector: Detector) -> bool:
        """Whether the network takes small inputs."""
        return detector.takes_any_size

    def one(self, image: ImageLike, box: FloatArray, color: Color) -> Faces | None:
        """The face nearest to where one is expected, in the image's pixels; ``None`` for none."""
        width, height = _core.image_size(image, color)
        x, y = (box[:2] + box[2:]) / 2
        half = float(np.max(box[2:] - box[:2])) * _AROUND / 2
        left, top = max(int(x - half), 0), max(int(y - half), 0)
        right, bottom = min(int(x + half) + 1, width), min(int(y + half) + 1, height)
        if right - left < 8 or bottom - top < 8:
            return None
        left, top, right, bottom = even_box(color, (left, top, right, bottom))
        found = self._detector(part_of(image, color, (left, top, right, bottom)), color)
        if not len(found):
            return None
        here = found.mapped(np.array([[1, 0, left], [0, 1, top]], np.float32))
        shared = overlaps(here.boxes, box[None])[:, 0]
        best = int(shared.argmax())
        return here[best : best + 1] if shared[best] >= _NEAR else None


def without_doubles(faces: Faces) -> Faces:
    """What two searches found together, once."""
    if len(faces) < 2:
        return faces
    return faces.select(nms(faces.boxes, faces.scores, _SAME))
