"""How far eyes and mouth of a face are open, by its blendshapes or by its points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError
from rostro.faces import Faces
from rostro.support.arguments import shown

__all__ = ["Openings", "openings_of"]

# In the order of MediaPipe's 52 blendshapes, which docs/guide/landmarks.md describes.
_BLENDSHAPES = "blendshapes"
_COUNT = 52
_BLINKS = (9, 10)
_JAW_OPEN = 25

_Gap = tuple[int, int, int, int]  # two corners, the middle above and the middle below


class _Gaps(NamedTuple):
    """Points of a scheme around the eyes and the inside of the mouth."""

    eyes: tuple[_Gap, _Gap]
    mouth: _Gap


_MESH = _Gaps(((33, 133, 159, 145), (362, 263, 386, 374)), (61, 291, 13, 14))
_SCHEMES = {
    "ibug68": _Gaps(((36, 39, 37, 41), (42, 45, 44, 46)), (48, 54, 62, 66)),
    "wflw98": _Gaps(((60, 64, 62, 66), (68, 72, 70, 74)), (76, 82, 90, 94)),
    "mesh468": _MESH,
    "mesh478": _MESH,
}

# Of points: the gap of an open eye's lids, in widths of the eye, and that of a wide open mouth, in
# widths of the mouth.
_OPEN_EYE = 0.25
_OPEN_MOUTH = 0.8
_OPEN_JAW = 0.7  # of the blendshape


class Openings(NamedTuple):
    """How far the eyes, of both the mean, and the mouth are open: about 0 closed, 1 wide."""

    eyes: float
    mouth: float


def openings_of(face: Faces) -> Openings:
    """Of a table of one face.

    Raises:
        ArgumentError: neither 52 blendshapes nor points of a scheme that shows lids and lips.
    """
    shapes = (face.attributes or {}).get(_BLENDSHAPES)
    if shapes is not None:
        if shapes.shape != (1, _COUNT) or shapes.dtype != np.float32:
            raise ArgumentError(
                f"face: got blendshapes, {shown(shapes)}; MediaPipe's {_COUNT}, float32, are wanted"
            )
        closed = float(np.mean(shapes[0, list(_BLINKS)]))
        return Openings(1 - closed, float(shapes[0, _JAW_OPEN]) / _OPEN_JAW)
    gaps = _SCHEMES.get(face.scheme or "")
    if face.points is None or gaps is None:
        raise ArgumentError(
            "face: got neither blendshapes nor points that show lids and lips; a Landmarker of "
            f"{', '.join(_SCHEMES)} is wanted before"
        )
    points = face.points[0, :, :2].astype(np.float64)
    eyes = [_gap(points, eye) / _OPEN_EYE for eye in gaps.eyes]
    return Openings(float(np.mean(eyes)), _gap(points, gaps.mouth) / _OPEN_MOUTH)


def _gap(points: NDArray[np.float64], gap: _Gap) -> float:
    left, right, above, below = points[list(gap)]
    width = float(np.linalg.norm(right - left))
    return float(np.linalg.norm(below - above)) / max(width, 1e-6)
