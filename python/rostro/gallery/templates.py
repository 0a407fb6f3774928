"""Which templates can have been made of an embedding: others could win every search."""

from __future__ import annotations

import numpy as np

from rostro.gallery.snapshot import Flags, Rows
from rostro.types import FloatArray

__all__ = ["NORM_TOLERANCE", "are_templates"]

# How far the norm of an embedding may be from 1.
NORM_TOLERANCE = 1e-3

_ROWS_AT_ONCE = 1024  # which stay in the cache as floats


def are_templates(rows: Rows) -> Flags:
    """(N,) whether codes times scale can be an embedding of unit norm, rounded to int8."""
    scales = rows.scales
    good: Flags = np.isfinite(scales) & (scales > 0)
    if len(rows) and rows.codes.min() < -127:
        good &= (rows.codes >= -127).all(axis=1)
    # An embedding lies within half a step of its codes. Far fewer are so far from norm 1 that all
    # of their numbers have to be looked at for that.
    norms = np.sqrt(_squares(rows)) * np.where(good, scales, 0)
    far = np.flatnonzero(good & ~(np.abs(norms - 1) <= NORM_TOLERANCE + scales))
    for start in range(0, len(far), _ROWS_AT_ONCE):
        which = far[start : start + _ROWS_AT_ONCE]
        sizes = np.abs(rows.codes[which].astype(np.float32))
        least = np.linalg.norm(np.maximum(sizes - 0.5, 0), axis=1) * scales[which]
        most = np.linalg.norm(sizes + 0.5, axis=1) * scales[which]
        good[which] = (least <= 1 + NORM_TOLERANCE) & (most >= 1 - NORM_TOLERANCE)
    return good


def _squares(rows: Rows) -> FloatArray:
    """(N,) sums of the squares of codes."""
    squares = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        which = slice(start, start + _ROWS_AT_ONCE)
        codes = rows.codes[which].astype(np.float32)
        np.einsum("ij,ij->i", codes, codes, out=squares[which])
    return squares
