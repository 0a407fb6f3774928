"""Pairs of faces, and how well a similarity tells one person from two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro.types import FloatArray

__all__ = ["Pairs", "pairs_of", "ten_fold_accuracy", "threshold_at"]

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def pairs_of(people: NDArray[np.int64], most: int) -> tuple[Pairs, Pairs]:
    """Pairs of one person's faces, at most so many, and as many of two persons; always the same."""
    first, second = np.triu_indices(len(people), 1)
    same = people[first] == people[second]
    random = np.random.default_rng(0)
    genuine = random.permutation(np.flatnonzero(same))[:most]
    impostor = random.permutation(np.flatnonzero(~same))[: len(genuine)]
    return (first[genuine], second[genuine]), (first[impostor], second[impostor])


def ten_fold_accuracy(genuine: FloatArray, impostor: FloatArray) -> float:
    """Each tenth of the similarities judged by the threshold that is best on the other nine.

    The protocol of G. Huang et al., "Labeled Faces in the Wild", 2007, section III.
    """
    similarity = np.concatenate([genuine, impostor])
    same = np.arange(len(similarity)) < len(genuine)
    folds = np.concatenate([np.arange(len(part)) % 10 for part in (genuine, impostor)])
    thresholds = np.arange(-1, 1, 0.001)
    right = (similarity[np.newaxis] >= thresholds[:, np.newaxis]) == same[np.newaxis]
    accuracy = []
    for fold in range(10):
        best = right[:, folds != fold].mean(axis=1).argmax()
        accuracy.append(right[best, folds == fold].mean())
    return float(np.mean(accuracy))


def threshold_at(rate: float, impostor: FloatArray) -> float:
    """The similarity that this share of impostors reaches."""
    return float(np.quantile(impostor, 1 - rate))
