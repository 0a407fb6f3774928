"""Decisions on embeddings: is it the same person?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.support.arguments import check_number, shown
from rostro.types import FloatArray

__all__ = ["Verdict", "verify"]

_NORM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a comparison: ``same`` means that ``similarity >= threshold``."""

    same: bool
    similarity: float
    threshold: float


def verify(embedding_a: FloatArray, embedding_b: FloatArray, threshold: float) -> Verdict:
    """Whether two embeddings of one embedder show the same person. Thread-safe.

    Args:
        embedding_a, embedding_b: (D,) float32 of unit norm.
        threshold: the least cosine similarity of one person's faces, in -1..1. It belongs to the
            embedder: its card names calibrated ones.

    Raises:
        ArgumentError: wrong shape or norm, different lengths, a threshold out of range.
        ArgumentTypeError: wrong type or dtype.
    """
    _check("embedding_a", embedding_a)
    _check("embedding_b", embedding_b)
    if embedding_a.shape != embedding_b.shape:
        raise ArgumentError(
            f"embedding_b: got shape {embedding_b.shape}; that of embedding_a, "
            f"{embedding_a.shape}, is wanted: compare embeddings of one embedder only"
        )
    threshold = check_number(
        "threshold",
        threshold,
        "one in -1..1, embedder.threshold where the embedder's card names one, else what "
        "rostro eval pairs measures,",
    )
    if not -1.0 <= threshold <= 1.0:
        raise ArgumentError(f"threshold: got {threshold}; a cosine similarity in -1..1 is wanted")
    similarity = float(np.dot(embedding_a, embedding_b))
    return Verdict(similarity >= threshold, similarity, threshold)


def _check(name: str, embedding: FloatArray) -> None:
    if not isinstance(embedding, np.ndarray) or embedding.dtype != np.float32:
        raise ArgumentTypeError(f"{name}: got {shown(embedding)}; a float32 array (D,) is wanted")
    if embedding.ndim != 1 or embedding.size == 0:
        raise ArgumentError(f"{name}: got shape {embedding.shape}; (D,), D above 0, is wanted")
    norm = float(np.linalg.norm(embedding))
    if not abs(norm - 1.0) <= _NORM_TOLERANCE:  # also true of NaN
        raise ArgumentError(f"{name}: got norm {norm:.4g}; 1 is wanted: divide it by its norm")
