"""How well scores tell same persons from different ones, with confidence intervals.

A comparison is accepted when its score reaches the threshold. FAR (also FMR) is the share of
comparisons of different persons that are accepted, TAR that of same persons; the equal error rate
is where FAR and 1 - TAR meet. For intervals persons are drawn anew where all photos are compared
with all, for comparisons that share a person are not independent; pairs where a list names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate.bootstrap import SAMPLES, Estimate, draws, estimate
from rostro.kernels.match import quantize_embeddings
from rostro.types import FloatArray

__all__ = [
    "FARS",
    "STORAGES",
    "Comparisons",
    "Indices",
    "OperatingPoint",
    "Rates",
    "accuracy",
    "all_pairs",
    "bytes_of",
    "check_both_kinds",
    "mean",
    "rates",
    "roc",
    "similarities",
]

FARS = (1e-2, 1e-3, 1e-4)

Indices = NDArray[np.int32]
_Values = NDArray[np.float64]

STORAGES = ("float32", "float16", "int8")
"""What an embedding is kept as: its numbers, rounded to 16 bits, or int8 codes and a scale."""

_BYTES = {"float32": (4, 0), "float16": (2, 0), "int8": (1, 4)}


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """Scored comparisons.

    Attributes:
        scores: (n,) float32; minus infinity where nothing can be accepted, as without a face.
        same: (n,) bool; whether of one person.
        first, second: (n,) int32, the two units that the bootstrap draws: the two persons; or both
            the number of the comparison itself, where comparisons are drawn.
    """

    scores: FloatArray
    same: NDArray[np.bool_]
    first: Indices
    second: Indices


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The lowest threshold that keeps to a false accept rate, and what is accepted there."""

    far: float
    threshold: float
    tar: Estimate


@dataclass(frozen=True, slots=True)
class Rates:
    """The equal error rate, and the points for the false accept rates that were asked for."""

    equal_error: Estimate
    points: tuple[OperatingPoint, ...]


def all_pairs(count: int) -> tuple[Indices, Indices]:
    """Every pair of ``count`` rows once: two (n,) int32 arrays of indices."""
    first, second = np.triu_indices(count, 1)
    return first.astype(np.int32), second.astype(np.int32)


def bytes_of(storage: str, dim: int) -> int:
    """Bytes of a template of ``dim`` numbers; of int8 with its scale."""
    number, scale = _BYTES[_known(storage)]
    return dim * number + scale


def similarities(
    embeddings: FloatArray, first: Indices, second: Indices, storage: str = "float32"
) -> FloatArray:
    """The similarities of pairs of rows.

    Args:
        embeddings: (N, D) float32 of unit norm.
        first, second: (n,) int32, the rows of each pair.
        storage: one of `STORAGES`.

    Returns:
        (n,) float32; for ``"int8"`` the very numbers of `rostro.search_int8`.
    """
    if _known(storage) == "int8":
        codes, scales = quantize_embeddings(embeddings)
        return _core.score_pairs_int8(codes, scales, first, second)
    if storage == "float16":
        embeddings = embeddings.astype(np.float16).astype(np.float32)
    return _core.score_pairs_float32(embeddings, first, second)


def rates(
    comparisons: Comparisons,
    fars: Sequence[float] = FARS,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Rates:
    """Equal error rate and TAR at false accept rates.

    Raises:
        EvaluationError: the comparisons are all of same persons, or all of different ones.
        ArgumentError: rates that are not in 0..1.
    """
    check_both_kinds(comparisons)
    scores, same = comparisons.scores, comparisons.same
    equal_error, tars, thresholds = _core.verification_rates(
        scores, same, *_as_they_are(comparisons), fars
    )
    drawn = [
        _core.verification_rates(scores, same, counts, comparisons.first, comparisons.second, fars)[
            :2
        ]
        for counts in draws(_units(comparisons), samples, seed)
    ]
    drawn_errors = np.concatenate([errors for errors, _ in drawn])
    drawn_tars = np.concatenate([tars for _, tars in drawn])
    points = tuple(
        OperatingPoint(far, float(thresholds[0, k]), estimate(float(tars[0, k]), drawn_tars[:, k]))
        for k, far in enumerate(fars)
    )
    return Rates(estimate(float(equal_error[0]), drawn_errors), points)


def accuracy(
    comparisons: Comparisons, folds: Indices, samples: int = SAMPLES, seed: int = 0
) -> Estimate:
    """The protocol of LFW: each fold is judged with the threshold best on the others; the mean.

    Args:
        folds: (n,) int32 from 0, the fold of each comparison.

    Raises:
        EvaluationError: as `rates`.
        ArgumentError: fewer than two folds.
    """
    check_both_kinds(comparisons)
    count = int(folds.max()) + 1
    if count < 2:
        raise ArgumentError("folds: got one; two or more are wanted")
    scores, same = comparisons.scores, comparisons.same
    whole = _core.fold_accuracies(scores, same, folds, count, *_as_they_are(comparisons))
    drawn = [
        _core.fold_accuracies(
            scores, same, folds, count, counts, comparisons.first, comparisons.second
        ).mean(axis=1)
        for counts in draws(_units(comparisons), samples, seed)
    ]
    return estimate(float(whole.mean()), np.concatenate(drawn))


def roc(comparisons: Comparisons) -> tuple[FloatArray, _Values, _Values]:
    """Every distinct score as threshold, highest first, with FAR and TAR there: (m,) each.

    Raises:
        EvaluationError: as `rates`.
    """
    check_both_kinds(comparisons)
    thresholds, false_matches, true_matches = _core.roc_curve(comparisons.scores, comparisons.same)
    same = int(comparisons.same.sum())
    return thresholds, false_matches / (len(comparisons.same) - same), true_matches / same


def mean(
    values: NDArray[np.bool_], units: Indices, samples: int = SAMPLES, seed: int = 0
) -> Estimate:
    """The share of ``values`` that are true; ``units``, (n,) int32, are what is drawn."""
    _, unit = np.unique(units, return_inverse=True)
    right, all_of = (np.bincount(unit, weights) for weights in (values, np.ones(len(values))))
    drawn = [counts @ right / (counts @ all_of) for counts in draws(len(right), samples, seed)]
    return estimate(float(values.mean()), np.concatenate(drawn))


def _known(storage: str) -> str:
    if storage not in STORAGES:
        raise ArgumentError(f"storage: got {storage!r}; one of {', '.join(STORAGES)} is wanted")
    return storage


def check_both_kinds(comparisons: Comparisons) -> None:
    same = int(comparisons.same.sum())
    if same in (0, len(comparisons.same)):
        raise EvaluationError(
            f"{same} comparisons of same persons and {len(comparisons.same) - same} of different "
            "ones; both are wanted"
        )


def _as_they_are(comparisons: Comparisons) -> tuple[Indices, Indices, Indices]:
    """The one sample that has every comparison once."""
    one_unit = np.zeros(len(comparisons.scores), np.int32)
    return np.ones((1, 1), np.int32), one_unit, one_unit


def _units(comparisons: Comparisons) -> int:
    return int(max(comparisons.first.max(), comparisons.second.max())) + 1
