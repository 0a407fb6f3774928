"""How well a network tells live faces from attacks, by the names of ISO/IEC 30107-3.

APCER is the share of attacks that are taken for live faces, of each kind of attack (species)
alone; what counts is the worst of them. BPCER is the share of live faces that are taken for
attacks, ACER the mean of both. A face is taken for live when its score reaches the threshold. The
equal error rate and the area under the ROC curve are of all attacks together. For intervals photos
are drawn anew, as if they were independent: photos of few persons, or frames of few videos, are
not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError
from rostro.evaluate.bootstrap import SAMPLES, Estimate, draws, estimate
from rostro.evaluate.verification import Comparisons, rates
from rostro.types import FloatArray

__all__ = [
    "APCERS",
    "ErrorRates",
    "Presentations",
    "Separation",
    "equal_error_threshold",
    "error_rates",
    "separation",
    "threshold_at",
]

APCERS = (0.1, 0.05, 0.01)
"""At which BPCER is reported: BPCER10, BPCER20, BPCER100."""

_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Presentations:
    """Scored faces.

    Attributes:
        live: scores of live faces, (n,) float32, 0..1.
        attacks: by species, scores of attacks, (m,) float32.
    """

    live: FloatArray
    attacks: Mapping[str, FloatArray]

    def all_attacks(self) -> FloatArray:
        """Of all species, one after the other."""
        together: FloatArray = np.concatenate(list(self.attacks.values()))
        return together


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """At one threshold.

    Attributes:
        by_species: APCER of each species; ``apcer`` is that of the worst one.
    """

    threshold: float
    apcer: Estimate
    bpcer: Estimate
    acer: Estimate
    by_species: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Separation:
    """Without a threshold: the equal error rate and the area under the ROC curve."""

    equal_error: Estimate
    area: Estimate


def error_rates(found: Presentations, threshold: float, samples: int = SAMPLES) -> ErrorRates:
    """APCER, BPCER and ACER at a threshold.

    Raises:
        EvaluationError: no live face, or a species without one.
    """
    _check(found)
    accepted = [found.live >= threshold, *(one >= threshold for one in found.attacks.values())]
    ends = np.cumsum([len(part) for part in accepted]).tolist()
    shares = _shares(np.concatenate(accepted), ends, np.ones((1, ends[-1]), np.int32))
    drawn = np.concatenate(
        [_shares(np.concatenate(accepted), ends, counts) for counts in draws(ends[-1], samples)]
    )

    def figure(of: _Values, in_draws: _Values) -> Estimate:
        return estimate(float(of[0]), in_draws)

    worst, worst_drawn = shares[:, 1:].max(1), _largest(drawn[:, 1:])
    refused, refused_drawn = 1 - shares[:, 0], 1 - drawn[:, 0]
    return ErrorRates(
        threshold,
        apcer=figure(worst, worst_drawn),
        bpcer=figure(refused, refused_drawn),
        acer=figure((worst + refused) / 2, (worst_drawn + refused_drawn) / 2),
        by_species={
            name: figure(shares[:, k], drawn[:, k]) for k, name in enumerate(found.attacks, start=1)
        },
    )


def separation(found: Presentations, samples: int = SAMPLES) -> Separation:
    """The equal error rate and the area under the ROC curve, of all attacks together.

    Raises:
        EvaluationError: no live face, or no attack.
    """
    _check(found)
    scores = np.concatenate([found.live, found.all_attacks()])
    live = np.arange(len(scores)) < len(found.live)
    units = np.arange(len(scores), dtype=np.int32)
    whole = _areas(scores, live, np.ones((1, len(scores)), np.int32))
    drawn = [_areas(scores, live, counts) for counts in draws(len(scores), samples)]
    return Separation(
        rates(Comparisons(scores, live, units, units), (0.5,), samples).equal_error,
        estimate(float(whole[0]), np.concatenate(drawn)),
    )


def threshold_at(found: Presentations, apcer: float) -> float:
    """The lowest threshold at which no species' APCER is above ``apcer``.

    Raises:
        EvaluationError: as `error_rates`.
    """
    _check(found)
    least = 0.0
    for scores in found.attacks.values():
        best_first = np.sort(scores)[::-1]
        may_pass = math.floor(len(scores) * apcer)
        if may_pass < len(scores):  # the first one that may not pass lies below the threshold
            least = max(least, _between(best_first[may_pass], np.sort(found.live)))
    return least


def equal_error_threshold(found: Presentations) -> float:
    """Where APCER, of the worst species, and BPCER are nearest to each other.

    Raises:
        EvaluationError: as `error_rates`.
    """
    _check(found)
    scores = np.unique(np.concatenate([found.live, found.all_attacks()]))
    live = np.sort(found.live)
    refused = np.searchsorted(live, scores, side="right") / len(live)
    accepted = np.max(
        [
            1 - np.searchsorted(np.sort(attacks), scores, side="right") / len(attacks)
            for attacks in found.attacks.values()
        ],
        axis=0,
    )
    # Thresholds just above each score; of two that are as good the stricter one.
    distance = np.abs(refused - accepted)[::-1]
    best = len(scores) - 1 - int(distance.argmin())
    return _between(scores[best], scores)


def _between(below: np.float32, scores: FloatArray) -> float:
    """A short number above one score, and not above the next higher one of sorted scores."""
    higher = scores[np.searchsorted(scores, below, side="right") :]
    low, high = float(below), float(higher[0]) if len(higher) else math.inf
    middle = (low + min(high, 1.0)) / 2
    for digits in range(2, 10):
        short = round(middle, digits)
        if low < short <= high:
            return short
    return math.nextafter(low, math.inf)


def _shares(accepted: NDArray[np.bool_], ends: Sequence[int], counts: NDArray[np.int32]) -> _Values:
    """The share of each part that is accepted, samples x parts; NaN of one that nobody drew."""
    begins = [0, *ends[:-1]]
    drawn = np.add.reduceat(counts, begins, axis=1).astype(np.float64)
    taken = np.add.reduceat(counts * accepted, begins, axis=1)
    shares: _Values = np.full(drawn.shape, np.nan)
    np.divide(taken, drawn, out=shares, where=drawn > 0)
    return shares


def _largest(shares: _Values) -> _Values:
    """Of each row, without NaN; NaN where there is nothing else."""
    largest = np.where(np.isnan(shares), -1, shares).max(1)
    return np.where(largest < 0, np.nan, largest)


def _areas(scores: FloatArray, live: NDArray[np.bool_], counts: NDArray[np.int32]) -> _Values:
    """How often a live face scores above an attack, ties by half (Mann and Whitney), a sample."""
    order = np.argsort(scores, kind="stable")
    begins = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    drawn = counts[:, order].astype(np.float64)
    of_live = np.add.reduceat(drawn * live[order], begins, axis=1)
    of_attacks = np.add.reduceat(drawn * ~live[order], begins, axis=1)
    below = np.cumsum(of_attacks, axis=1) - of_attacks / 2
    pairs = of_live.sum(1) * of_attacks.sum(1)
    areas: _Values = np.full(len(pairs), np.nan)
    np.divide((of_live * below).sum(1), pairs, out=areas, where=pairs > 0)
    return areas


def _check(found: Presentations) -> None:
    if len(found.live) == 0:
        raise EvaluationError("got no live face; at least one is wanted")
    empty = [name for name, scores in found.attacks.items() if len(scores) == 0]
    if empty or not found.attacks:
        raise EvaluationError(
            f"got no face in the attacks{f' of {empty[0]!r}' if empty else ''}; "
            "at least one is wanted"
        )
