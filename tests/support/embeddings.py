"""Embeddings of made-up people, and all their pairs compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro.evaluate.verification import (
    Comparisons,
    all_pairs,
    similarities,
)
from rostro.types import FloatArray


def people(
    count: int, photos: int, spread: float, seed: int = 0
) -> tuple[FloatArray, NDArray[np.int32]]:
    """Embeddings of persons who have several photos each, and whose they are."""
    random = np.random.default_rng(seed)
    persons = np.repeat(np.arange(count, dtype=np.int32), photos)
    rows = random.normal(size=(count, 64))[persons] + spread * random.normal(
        size=(len(persons), 64)
    )
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), persons


def compared(spread: float = 1.3, seed: int = 0, count: int = 40) -> Comparisons:
    embeddings, persons = people(count, 4, spread, seed)
    first, second = all_pairs(len(persons))
    scores = similarities(embeddings, first, second)
    return Comparisons(scores, persons[first] == persons[second], persons[first], persons[second])
