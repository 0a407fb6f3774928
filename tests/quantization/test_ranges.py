"""Ranges of values that are fitted to int8."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.quantization.ranges import Ranges


def test_ranges_of_a_known_distribution() -> None:
    values = np.random.default_rng(0).normal(0, 1, 200_000).astype(np.float32)
    values[0] = 40.0  # a single value far out
    ranges = {method: Ranges(method) for method in ("minmax", "percentile", "entropy")}
    for made in ranges.values():
        made.add({"x": values[:1000]})  # in two runs, the second with larger values
        made.add({"x": values[1000:]})
    assert ranges["minmax"]["x"] == (values.min(), 40.0)
    low, high = ranges["percentile"]["x"]
    # 0.005 % of a normal distribution lie beyond 3.9 on either side.
    assert low == pytest.approx(-3.9, abs=0.4) and high == pytest.approx(3.9, abs=0.4)
    low, high = ranges["entropy"]["x"]
    assert 3 < high < 10 and -10 < low < -3


def test_a_range_may_be_one_sided_or_nothing() -> None:
    ranges = Ranges("percentile")
    ranges.add({"relu": np.linspace(0, 6, 1000, dtype=np.float32), "zero": np.zeros(9, np.float32)})
    assert ranges["relu"] == pytest.approx((0, 6), abs=0.01)
    assert ranges.limit("zero") == 0
