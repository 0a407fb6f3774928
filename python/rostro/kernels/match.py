"""Int8 templates: embeddings quantised to a byte a value, and exact search over them.

Both functions are thread-safe and release the GIL. Arrays are C-contiguous NumPy, never copied or
cast: a wrong dtype raises `ArgumentTypeError`, a wrong shape, stride or value `ArgumentError`.
Every SIMD level gives the same bits.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.support.arguments import check_integer
from rostro.support.cpus import resolve_threads
from rostro.types import FloatArray

__all__ = ["MOST_ROWS", "Codes", "quantize_embeddings", "search_int8"]

Codes: TypeAlias = NDArray[np.int8]

MOST_ROWS = 2**62  # what the core's integer holds; there are never as many


def quantize_embeddings(embeddings: FloatArray) -> tuple[Codes, FloatArray]:
    """Quantise embeddings to int8 codes with one scale a row: embedding ~ codes * scale.

    With m = max |v| of a row, scale = m / 127 and code = v * (127 / m), rounded to the nearest
    integer, ties to even, all in float32. A row of zeros has codes 0 and scale 0, and so has one
    with m < 2**-118, whose scale float32 cannot hold to full precision.

    Args:
        embeddings: (N, D) float32, finite, 1 <= D <= 65536.

    Returns:
        Codes, (N, D) int8 from -127 to 127, and scales, (N,) float32.
    """
    return _core.quantize_embeddings(embeddings)


def search_int8(
    codes: Codes,
    scales: FloatArray,
    queries: Codes,
    query_scales: FloatArray,
    k: int,
    *,
    mask: NDArray[np.bool_] | None = None,
    threads: int | None = 1,
) -> tuple[NDArray[np.int64], FloatArray]:
    """The k rows most similar to each query: exact, exhaustive, without a matrix of all scores.

    The similarity, float32(dot) * (scale * query_scale) with the exact integer dot product, is the
    cosine when unit-norm embeddings were quantised.

    Args:
        codes: (N, D) int8, 1 <= D <= 65536.
        scales: (N,) float32 from 0 to 1e14.
        queries: (Q, D) int8 from -127 to 127.
        query_scales: (Q,) float32 from 0 to 1e14.
        k: how many rows a query, at least 1.
        mask: (N,) bool, True for the rows that take part; all of them by default.
        threads: how many threads share the rows, never more than there are CPUs; None: as many.

    Returns:
        Indices, (Q, min(k, M)) int64, and similarities, float32 of the same shape, best first
        (ties: lower index first). M is the number of rows that take part.
    """
    count = min(check_integer("k", k, 1, None), MOST_ROWS)
    # Counting CPUs reads files, which takes longer than a small search.
    workers = 1 if isinstance(threads, int) and threads == 1 else resolve_threads(threads)
    return _core.search_int8(codes, scales, queries, query_scales, count, mask, workers)
