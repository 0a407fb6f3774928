"""APCER, BPCER, ACER, equal error rate and AUC, against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from rostro.errors import EvaluationError
from rostro.evaluate.liveness import (
    Presentations,
    equal_error_threshold,
    error_rates,
    separation,
    threshold_at,
)
from rostro.types import FloatArray


def scores(*values: float) -> FloatArray:
    return np.array(values, np.float32)


HAND = Presentations(
    scores(0.9, 0.8, 0.6, 0.4),
    {"print": scores(0.1, 0.2, 0.3, 0.7), "screen": scores(0.5, 0.05)},
)


def test_rates_at_a_threshold_by_hand() -> None:
    at = error_rates(HAND, 0.5)  # a score of 0.5 reaches it
    assert at.by_species["print"].value == 0.25 and at.by_species["screen"].value == 0.5
    assert (at.apcer.value, at.bpcer.value, at.acer.value) == (0.5, 0.25, 0.375)
    for figure in (at.apcer, at.bpcer, at.acer):
        assert 0 <= figure.low <= figure.value <= figure.high <= 1
    every = error_rates(HAND, 0.0)
    assert (every.apcer.value, every.bpcer.value, every.acer.value) == (1, 0, 0.5)
    none = error_rates(HAND, 1.0)
    assert (none.apcer.value, none.bpcer.value, none.acer.value) == (0, 1, 0.5)


def test_area_is_that_of_ranks_also_with_ties() -> None:
    rng = np.random.default_rng(0)
    live, attacks = rng.integers(0, 12, 90) / 20 + 0.2, rng.integers(0, 12, 60) / 20
    found = Presentations(live.astype(np.float32), {"a": attacks.astype(np.float32)})
    ranks = rankdata(np.concatenate([found.live, found.attacks["a"]]))
    area = (ranks[:90].sum() - 90 * 91 / 2) / (90 * 60)
    whole = separation(found)
    assert whole.area.value == pytest.approx(area, abs=1e-12)
    # Hanley and McNeil's standard error of an area, 1982.
    a, q1, q2 = area, area / (2 - area), 2 * area**2 / (1 + area)
    spread = np.sqrt((a * (1 - a) + 89 * (q1 - a * a) + 59 * (q2 - a * a)) / (90 * 60))
    assert whole.area.high - whole.area.low == pytest.approx(2 * 1.96 * spread, rel=0.2)
    apart = separation(Presentations(scores(0.9, 0.8), {"a": scores(0.1)}))
    assert apart.area.value == 1 and apart.equal_error.value == 0
    same = separation(Presentations(scores(0.5, 0.5), {"a": scores(0.5, 0.5)}))
    assert same.area.value == 0.5 and same.equal_error.value == 0.5


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(60):
        live = (rng.random(200) < 0.9).astype(np.float32)
        attacks = (rng.random(100) < 0.2).astype(np.float32)
        at = error_rates(Presentations(live, {"a": attacks}), 0.5, samples=200)
        held += at.bpcer.low <= 0.1 <= at.bpcer.high
        held += at.apcer.low <= 0.2 <= at.apcer.high
        held += at.acer.low <= 0.15 <= at.acer.high
    assert held / 180 > 0.88


def test_thresholds_keep_to_a_rate_and_are_the_lowest_that_do() -> None:
    rng = np.random.default_rng(2)
    found = Presentations(
        rng.beta(4, 2, 300).astype(np.float32),
        {"a": rng.beta(2, 4, 200).astype(np.float32), "b": rng.beta(1, 3, 70).astype(np.float32)},
    )
    for rate in (0.0, 0.01, 0.05, 0.1, 1.0):
        least = threshold_at(found, rate)
        at = error_rates(found, least)
        assert at.apcer.value <= rate
        lower = found.live[found.live < least]
        if len(lower):
            assert error_rates(found, float(lower.max())).apcer.value > rate
    met = error_rates(found, equal_error_threshold(found))
    assert abs(met.apcer.value - met.bpcer.value) < 0.02
    apart = Presentations(scores(0.9, 0.8), {"a": scores(0.1, 0.3)})
    assert 0.3 < equal_error_threshold(apart) <= 0.8
    above = Presentations(scores(0.9), {"a": scores(1.0)})
    assert threshold_at(above, 0) > 1  # nothing but refusing all of them will do


def test_it_needs_both_kinds() -> None:
    with pytest.raises(EvaluationError, match="got no live face"):
        separation(Presentations(scores(), {"a": scores(1)}))
    for attacks in ({}, {"a": scores()}):
        with pytest.raises(EvaluationError, match="got no face in the attacks"):
            error_rates(Presentations(scores(1), attacks), 0.5)
