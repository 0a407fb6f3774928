"""Which points of a face there are, and how one choice becomes another."""

from __future__ import annotations

from rostro import _core
from rostro.support.arguments import check_text
from rostro.types import FloatArray

__all__ = ["convert_points", "eye_corners", "scheme_size"]


def convert_points(points: FloatArray, source: str, target: str) -> FloatArray:
    """Points of one scheme as those of another, where that is exact.

    The schemes: ``"five"``, a detector's landmarks; ``"ibug68"``; ``"ibug66"``, without the inner
    corners of the lips, as OpenSeeFace has it; ``"wflw98"``; ``"jd106"``, in the order of
    JD-landmark; ``"mesh468"`` and ``"mesh478"``, MediaPipe's without and with irises.

    Every scheme becomes ``"five"``: eyes are the means of their points where there are no pupils.
    ``"wflw98"`` becomes ``"ibug68"`` and, as that, ``"ibug66"``; ``"mesh478"`` ``"mesh468"``.

    Args:
        points: (N, K, 2) or (N, K, 3) float32.
        source, target: names of schemes.

    Raises:
        ArgumentError: no such scheme, or no exact conversion; or another number of points.
    """
    return _core.convert_points(points, check_text("source", source), check_text("target", target))


def scheme_size(scheme: str) -> int:
    """The number of points of a scheme."""
    return _core.scheme(scheme)["count"]


def eye_corners(scheme: str) -> tuple[int, int] | None:
    """The points that are the outer corners of the eyes, image-left and image-right, whose distance
    is what errors are measured in; ``None`` for ``"five"``, which has none."""
    left, right = _core.scheme(scheme)["eye_corners"]
    return (left, right) if left != right else None
