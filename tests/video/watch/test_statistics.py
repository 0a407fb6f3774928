"""Figures of the last seconds, with a clock that is set."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.video.watch.statistics import Statistics


def test_figures_are_of_the_last_seconds() -> None:
    now = [100.0]
    statistics = Statistics(window=5, clock=lambda: now[0])
    assert statistics.figures() == (0.0, {})
    taken = np.random.default_rng(0).uniform(0.001, 0.1, 300)
    for number, seconds in enumerate(taken):
        now[0] = 100 + number / 20
        detect = {"detect": float(seconds)} if number % 5 == 0 else {}
        statistics.add({"frame": 2 * float(seconds)} | detect)
    figures = statistics.figures()
    last = [index for index in range(300) if 100 + index / 20 >= now[0] - 5]
    assert figures.fps == pytest.approx(20, abs=0.3)
    assert figures.stages["frame"].frames == len(last)
    p50, p99 = np.percentile(2000 * taken[last], (50, 99))
    assert figures.stages["frame"][:2] == pytest.approx((p50, p99))
    p50, p99 = np.percentile(1000 * taken[[index for index in last if index % 5 == 0]], (50, 99))
    assert figures.stages["detect"][:2] == pytest.approx((p50, p99))
    assert statistics.frames == 300


def test_a_stream_that_stands_still_has_no_frames_a_second() -> None:
    now = [0.0]
    statistics = Statistics(clock=lambda: now[0])
    for _ in range(10):
        now[0] += 0.1
        statistics.add({"frame": 0.01})
    assert statistics.figures().fps == pytest.approx(10)  # nine more in 0.9 seconds
    now[0] += 60
    assert statistics.figures() == (0.0, {})
