"""What recognition gains when faces of low quality are refused: error-versus-discard curves.

Grother and Tabassi, "Performance of Biometric Quality Measures", 2007, section 4: comparisons of
same persons are dropped by the lower quality of their two photos, the worst first, and the false
non-match rate (FNMR) of the others is drawn over the share that was dropped. The threshold is the
lowest that keeps to a false match rate (FMR) on all comparisons, and does not move. A measure that
knows what recognition fails on lets the curve fall; by chance it stays level.

Equal qualities are dropped in no order: the curve is what is to be expected of a random one. So
"random" is exact, too: the level line of a measure that calls all photos equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.attributes.reasons import Reason
from rostro.errors import ArgumentError
from rostro.evaluate.bootstrap import SAMPLES, Estimate, draws, estimate
from rostro.evaluate.verification import Comparisons, Indices, check_both_kinds

__all__ = ["LIMIT", "RANDOM", "SHARES", "Discard", "DiscardCurve", "ReasonCost", "discard"]

RANDOM = "random"
"""The name of the baseline."""

LIMIT = 0.2
"""Up to which share the partial area goes, unless another is asked for: more is rarely refused."""

_Values = NDArray[np.float64]

SHARES: _Values = np.arange(100) / 100
"""Of the points of a curve."""

_STEPS = 200  # of an area, by the midpoint rule
_MIDPOINTS: _Values = (np.arange(_STEPS) + 0.5) / _STEPS


@dataclass(frozen=True, slots=True, eq=False)
class DiscardCurve:
    """The curve of one measure of quality.

    Areas are divided by their width: they are the mean FNMR over the shares, that of `RANDOM` is
    the FNMR of all comparisons.

    Attributes:
        fnmr, low, high: (100,) float64 at `SHARES`, and their intervals of 95 %.
        area: below the curve, from share 0 to 1.
        partial: from share 0 to the limit that was asked for.
        behind: how much larger the partial area is than that of the first measure: of the same
            draws, so that 0 outside of the interval tells the two apart.
    """

    fnmr: _Values
    low: _Values
    high: _Values
    area: Estimate
    partial: Estimate
    behind: Estimate


@dataclass(frozen=True, slots=True)
class ReasonCost:
    """What is refused, and what is saved, where faces with a reason are not compared.

    Attributes:
        photos: the share of the photos that carry the reason.
        refused: the share of comparisons of same persons in which one does.
        fnmr: of the comparisons that are left; NaN where none is.
        saved: the FNMR of all comparisons less that.
    """

    photos: float
    refused: float
    fnmr: Estimate
    saved: Estimate


@dataclass(frozen=True, slots=True)
class Discard:
    """What was measured.

    Attributes:
        threshold: of the similarity.
        fnmr: of all comparisons there.
        curves: by the name of the measure, in the order given, `RANDOM` last.
        reasons: by name, of those that a photo carries, and ``"any"``.
    """

    threshold: float
    fnmr: Estimate
    curves: dict[str, DiscardCurve]
    reasons: dict[str, ReasonCost]


def discard(
    comparisons: Comparisons,
    first: Indices,
    second: Indices,
    qualities: Mapping[str, _Values],
    reasons: NDArray[np.uint32] | None = None,
    *,
    fmr: float = 1e-3,
    limit: float = LIMIT,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Discard:
    """Error-versus-discard curves of several measures on the same comparisons.

    Args:
        comparisons: n of them.
        first, second: (n,) int32, the two photos of each.
        qualities: (N,) float64 of the photos by the name of the measure; more is better, NaN is
            worst.
        reasons: (N,) uint32, bits of `rostro.Reason`.
        fmr: the false match rate that sets the threshold.
        limit: up to which share the partial area goes.

    Raises:
        EvaluationError: the comparisons are all of same persons, or all of different ones.
        ArgumentError: ``limit`` is not in 0..1, or no measure.
    """
    if not 0 < limit <= 1:
        raise ArgumentError(f"limit: got {limit}; a share above 0, at most 1, is wanted")
    if not qualities or RANDOM in qualities:
        raise ArgumentError(f"qualities: got {list(qualities)}; one or more, other than {RANDOM!r}")
    check_both_kinds(comparisons)
    same = np.flatnonzero(comparisons.same)
    sides = first[same], second[same]
    by_name = {name: np.nan_to_num(each, nan=-np.inf) for name, each in qualities.items()}
    by_name[RANDOM] = np.zeros(int(max(first.max(), second.max())) + 1)
    orders = [_order(np.minimum(*(each[side] for side in sides))) for each in by_name.values()]
    masks = {} if reasons is None else _masks(reasons)
    carried = np.array([mask[sides[0]] | mask[sides[1]] for mask in masks.values()])
    carried = carried.reshape(len(masks), len(same))
    shares = np.concatenate([SHARES, _MIDPOINTS, limit * _MIDPOINTS])
    scores = comparisons.scores[same]
    units = comparisons.first[same], comparisons.second[same]

    def figures(threshold: float, weights: _Values) -> _Figures:
        wrong = weights * (scores < threshold)
        return _figures(weights, wrong, orders, carried, shares)

    everything = np.ones((1, 1), np.int32), *(np.zeros_like(comparisons.first),) * 2
    threshold = _thresholds(comparisons, *everything, fmr)[0]
    whole = figures(threshold, np.ones(len(same)))
    drawn = []
    count = int(max(comparisons.first.max(), comparisons.second.max())) + 1
    for counts in draws(count, samples, seed):
        of_all = _thresholds(comparisons, counts, comparisons.first, comparisons.second, fmr)
        for its_threshold, row in zip(of_all, counts, strict=True):
            # A unit compared with itself is drawn once, as in the core.
            weights = row[units[0]] * np.where(units[0] == units[1], 1, row[units[1]])
            if not np.isnan(its_threshold):
                drawn.append(figures(its_threshold, weights.astype(np.float64)))
    spread = _Figures(*(np.array(column) for column in zip(*drawn, strict=True)))
    return Discard(
        threshold,
        estimate(float(whole.fnmr), spread.fnmr),
        {name: _curve(row, whole, spread) for row, name in enumerate(by_name)},
        {
            name: ReasonCost(
                float(mask.mean()),
                float(carried[row].mean()),
                _where_any(whole.without[row], spread.without[:, row]),
                _where_any(whole.fnmr - whole.without[row], spread.fnmr - spread.without[:, row]),
            )
            for row, (name, mask) in enumerate(masks.items())
        },
    )


class _Figures(NamedTuple):
    """Of one sample, or stacked, of many."""

    fnmr: _Values
    curves: _Values  # measures x SHARES
    areas: _Values  # measures
    partials: _Values  # measures
    without: _Values  # reasons: the FNMR of the comparisons that do not carry it


class _Order(NamedTuple):
    """Comparisons from the lowest quality on, and where each run of equal ones begins."""

    order: NDArray[np.intp]
    begins: NDArray[np.intp]


def _order(quality: _Values) -> _Order:
    order = np.argsort(quality, kind="stable")
    sorted_ = quality[order]
    return _Order(order, np.flatnonzero(np.append(True, sorted_[1:] != sorted_[:-1])))


def _figures(
    weights: _Values, wrong: _Values, orders: list[_Order], carried: NDArray[np.bool_], at: _Values
) -> _Figures:
    total, errors = weights.sum(), wrong.sum()
    rows = np.array([_fnmr_at(weights, wrong, order, at) for order in orders])
    curves, areas, partials = np.split(rows, [len(SHARES), len(SHARES) + _STEPS], axis=1)
    left = total - carried @ weights
    without = np.where(left > 0, (errors - carried @ wrong) / np.maximum(left, 1e-300), np.nan)
    fnmr = np.asarray(errors / total)
    return _Figures(fnmr, curves, areas.mean(1), partials.mean(1), without)


def _fnmr_at(weights: _Values, wrong: _Values, order: _Order, shares: _Values) -> _Values:
    """Within a run of equal qualities errors are dropped in proportion: what chance would do."""
    dropped, mistakes = (
        np.append(0, np.add.reduceat(each[order.order], order.begins).cumsum())
        for each in (weights, wrong)
    )
    left = mistakes[-1] - np.interp(shares * dropped[-1], dropped, mistakes)
    rates: _Values = left / ((1 - shares) * dropped[-1])
    return rates


def _curve(row: int, whole: _Figures, spread: _Figures) -> DiscardCurve:
    low, high = np.percentile(spread.curves[:, row], [2.5, 97.5], axis=0)
    return DiscardCurve(
        whole.curves[row],
        low,
        high,
        estimate(float(whole.areas[row]), spread.areas[:, row]),
        estimate(float(whole.partials[row]), spread.partials[:, row]),
        estimate(
            float(whole.partials[row] - whole.partials[0]),
            spread.partials[:, row] - spread.partials[:, 0],
        ),
    )


def _where_any(value: np.float64, drawn: _Values) -> Estimate:
    """NaN where no comparison is left, of all or in every sample."""
    if np.isnan(value) or np.isnan(drawn).all():
        return Estimate(float(value), np.nan, np.nan)
    return estimate(float(value), drawn)


def _masks(reasons: NDArray[np.uint32]) -> dict[str, NDArray[np.bool_]]:
    """Which photos carry each reason: those that one does, the most frequent first; and any."""
    found = {str(reason.name): (reasons & np.uint32(reason)) != 0 for reason in Reason}
    kept = {name: mask for name, mask in found.items() if mask.any()}
    ordered = dict(sorted(kept.items(), key=lambda entry: -int(entry[1].sum())))
    return ordered | {"any": reasons != 0}


def _thresholds(
    comparisons: Comparisons, counts: Indices, first: Indices, second: Indices, fmr: float
) -> list[float]:
    """Of each sample; NaN where it has no comparisons of one of the two kinds."""
    _, tars, thresholds = _core.verification_rates(
        comparisons.scores, comparisons.same, counts, first, second, [fmr]
    )
    usable = ~np.isnan(tars[:, 0])
    return [
        float(threshold) if use else np.nan
        for threshold, use in zip(thresholds[:, 0], usable, strict=True)
    ]
