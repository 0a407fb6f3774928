"""How much boxes share."""

from __future__ import annotations

import numpy as np

from rostro.types import FloatArray

__all__ = ["overlaps"]


def overlaps(a: FloatArray, b: FloatArray) -> FloatArray:
    """Intersection over union, (N, M), of each of (N, 4) boxes with each of (M, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas_a, areas_b = (np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b))
    found: FloatArray = shared / (areas_a[:, None] + areas_b[None] - shared)
    return found
