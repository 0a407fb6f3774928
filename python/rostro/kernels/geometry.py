"""Points: the similarity between two sets, and where landmarks lie in crops."""

from __future__ import annotations

from rostro import _core
from rostro.kernels.arguments import crop_size
from rostro.support.arguments import check_text
from rostro.types import FloatArray

__all__ = ["estimate_similarity", "template_points"]


def estimate_similarity(src: FloatArray, dst: FloatArray) -> FloatArray:
    """The similarity that takes points ``src`` to ``dst`` with the least squared error.

    Rotation, uniform scale and translation, never a reflection (Umeyama, "Least-squares estimation
    of transformation parameters between two point patterns", 1991, eq. 40-42; closed form in 2-D).

    Args:
        src: (K, 2) or (N, K, 2) float32.
        dst: (K, 2) float32, K >= 2.

    Returns:
        (2, 3) or (N, 2, 3) float32: ``dst = m[:, :2] @ src + m[:, 2]``.

    Raises:
        ArgumentError: also for points that are not finite or all coincide.
    """
    return _core.estimate_similarity(src, dst)


def template_points(name: str, size: int | tuple[int, int]) -> FloatArray:
    """Where the landmarks lie in crops of `align`: (5, 2) float32, in pixels.

    Raises:
        ArgumentError: no such template, which lists them; or no such size.
    """
    return _core.template_points(check_text("name", name), *crop_size(size))
