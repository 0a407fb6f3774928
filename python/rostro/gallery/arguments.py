"""What callers may give to a gallery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.gallery.identity import MAX_DIM
from rostro.gallery.records import CONTROL, MAX_NAME
from rostro.gallery.templates import NORM_TOLERANCE
from rostro.types import FloatArray

__all__ = [
    "check_dim",
    "check_embeddings",
    "check_k",
    "check_name",
    "check_names",
    "check_threshold",
]


def check_dim(dim: int) -> int:
    """The length of embeddings."""
    if isinstance(dim, bool) or not isinstance(dim, int):
        raise ArgumentTypeError(f"dim: {dim!r}; an integer is wanted")
    if not 1 <= dim <= MAX_DIM:
        raise ArgumentError(f"dim: {dim}; 1 to {MAX_DIM} are wanted")
    return dim


def check_embeddings(embeddings: FloatArray, dim: int) -> FloatArray:
    """Embeddings of unit norm as (N, dim), of which one may come as (dim,)."""
    wanted = f"a C-contiguous float32 array of shape ({dim},) or (N, {dim}) is wanted"
    if not isinstance(embeddings, np.ndarray) or embeddings.dtype != np.float32:
        got = getattr(embeddings, "dtype", type(embeddings).__name__)
        raise ArgumentTypeError(f"embeddings: {got}; {wanted}")
    if embeddings.ndim not in (1, 2) or embeddings.shape[-1] != dim:
        raise ArgumentError(f"embeddings: array of shape {embeddings.shape}; {wanted}")
    if not embeddings.flags.c_contiguous:
        raise ArgumentError(f"embeddings: not C-contiguous; {wanted}")
    rows = embeddings.reshape(-1, dim)
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    wrong = np.flatnonzero(~(np.abs(norms - 1) <= NORM_TOLERANCE))  # also of NaN
    if len(wrong):
        raise ArgumentError(
            f"embeddings: row {wrong[0]} has norm {norms[wrong[0]]:.4g}; 1 is wanted: divide it by "
            "its norm"
        )
    return rows


def check_name(name: object) -> str:
    """A name."""
    if not isinstance(name, str):
        raise ArgumentTypeError(f"name: {type(name).__name__}; a str is wanted")
    if not name or CONTROL.search(name):
        raise ArgumentError(f"name: {name!r}; a text without control characters is wanted")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise ArgumentError(f"name: {name!r}; cannot be written in UTF-8") from None
    if length > MAX_NAME:
        raise ArgumentError(f"name: {length} bytes in UTF-8; at most {MAX_NAME} are wanted")
    return name


def check_names(names: str | Sequence[str], count: int | None = None) -> list[str]:
    """One name or many: as many as ``count`` where one is given, for which one may stand."""
    if isinstance(names, str):
        return [check_name(names)] * (1 if count is None else count)
    if not isinstance(names, Iterable):
        raise ArgumentTypeError(f"names: {type(names).__name__}; a str, or several, are wanted")
    checked = [check_name(name) for name in names]
    if count is not None and len(checked) != count:
        raise ArgumentError(
            f"names: {len(checked)} for {count} embeddings; one for each, or one for all, is wanted"
        )
    return checked


def check_k(k: int) -> int:
    """How many people are wanted."""
    if isinstance(k, bool) or not isinstance(k, int):
        raise ArgumentTypeError(f"k: {k!r}; an integer is wanted")
    if k < 1:
        raise ArgumentError(f"k: {k}; a number of at least 1 is wanted")
    return k


def check_threshold(threshold: float) -> float:
    """A cosine similarity."""
    if not -1.0 <= threshold <= 1.0:
        raise ArgumentError(f"threshold: {threshold}; a cosine similarity from -1 to 1 is wanted")
    return float(threshold)
