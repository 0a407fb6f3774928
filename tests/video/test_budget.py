"""What is dropped where time is short, by a clock of the test's own."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pytest

from rostro.video.budget import WORKS, Budget

FRAMES = 1000
USUAL = {"detect": 0.012, "search": 0.001, "stages": 0.002, "embed_new": 0.01, "embed_more": 0.01}


class Clock:
    """Seconds that tests let pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Video:
    """Frames as a tracker works them: the detector in every fifth, else four searches; then a
    stage, and four faces that would all be embedded."""

    def __init__(self, milliseconds: float | None = 50.0) -> None:
        self.clock = Clock()
        self.budget = Budget(milliseconds, self.clock)
        self.frames: list[dict[str, int]] = []
        self.took: list[float] = []
        self._since = 5

    def frame(self, cost: Callable[[str], float]) -> dict[str, int]:
        """What was done of each kind."""
        done = dict.fromkeys(WORKS, 0)
        begin = self.clock.now
        self.budget.begin()
        self._since += 1
        if self._since >= 5 and self.budget.fits("detect"):
            self._since = 0
            with self.budget.timed("detect"):
                self.clock.now += cost("detect")
            done["detect"] += 1
        else:
            self.work("search", 4, cost, done)
        self.work("stages", 1, cost, done)
        self.work("embed_new", 2, cost, done)
        self.work("embed_more", 2, cost, done)
        self.clock.now += 0.0005  # the tracker's own
        self.budget.end()
        self.frames.append(done)
        self.took.append(self.clock.now - begin)
        return done

    def work(
        self, kind: str, count: int, cost: Callable[[str], float], done: dict[str, int]
    ) -> None:
        for part in self.budget.parts(kind, count):
            for _ in range(count)[part]:
                self.clock.now += cost(kind)
                done[kind] += 1

    def total(self, kind: str, last: int = FRAMES) -> int:
        return sum(done[kind] for done in self.frames[-last:])

    def kept(self, last: int = FRAMES) -> float:
        """The share of the last frames that took no longer than 50 ms."""
        return float(np.mean(np.array(self.took[-last:]) <= 0.05))


def costs(slower: float = 1.0, spread: float = 0.1, **others: float) -> Callable[[str], float]:
    """Times that vary by gamma distributions of this relative deviation."""
    random = np.random.default_rng(0)
    mean = USUAL | others
    shape = spread**-2
    return lambda kind: slower * mean[kind] * float(random.gamma(shape, 1 / shape))


@pytest.mark.parametrize(("slower", "spread"), [(1, 0.1), (1, 0.5), (2, 0.3), (2.5, 0.1)])
def test_the_budget_is_kept(slower: float, spread: float) -> None:
    video, cost = Video(), costs(slower, spread)
    for _ in range(FRAMES):
        video.frame(cost)
    assert video.kept() >= 0.99
    assert video.budget.dropped["over"] == sum(took > 0.05 for took in video.took)
    # What was done and what was dropped is all that was asked for.
    for kind, asked in (("stages", 1), ("embed_new", 2), ("embed_more", 2)):
        assert video.total(kind) + video.budget.dropped[kind] == asked * FRAMES
    assert video.total("embed_new") > FRAMES / 50


def test_what_comes_last_is_dropped_first() -> None:
    video, cost = Video(), costs(1.2, 0.01)
    for _ in range(FRAMES):
        video.frame(cost)
    dropped = video.budget.dropped
    assert dropped["embed_more"] > dropped["embed_new"] >= 0
    assert dropped["stages"] == dropped["search"] == dropped["detect"] == 0


def test_a_load_is_believed_and_forgotten_soon() -> None:
    video = Video()
    idle, loaded = costs(1), costs(3)
    for _ in range(100):
        video.frame(idle)
    for _ in range(100):
        video.frame(loaded)
    assert video.kept(100) >= 0.96  # the frames in which it comes
    assert video.total("detect", 100) > 5
    for _ in range(60):
        video.frame(idle)
    for _ in range(20):
        video.frame(idle)
    assert video.total("embed_new", 20) == 40 and video.kept(50) == 1


def test_one_run_that_was_held_up_stops_no_work() -> None:
    video, cost = Video(), costs()
    for _ in range(50):
        video.frame(cost)
    video.frame(lambda kind: 1.0 if kind.startswith("embed") else cost(kind))
    for _ in range(40):
        video.frame(cost)
    assert video.total("embed_new", 10) == 20


def test_the_detector_is_put_off_by_five_frames_at_most(
    caplog: pytest.LogCaptureFixture,
) -> None:
    video, cost = Video(), costs(detect=0.08)
    with caplog.at_level(logging.WARNING, "rostro"):
        for _ in range(100):
            video.frame(cost)
    looks = np.flatnonzero([done["detect"] for done in video.frames])
    assert np.diff(looks).max() == 10
    assert video.kept(100) == 1 - len(looks) / 100  # no other frame takes longer
    assert video.budget.dropped["detect"] >= 40
    (told,) = caplog.messages
    assert told.startswith("budget_ms: got 50; one look of the detector takes about ")


def test_other_work_that_never_fits_is_done_ever_more_seldom() -> None:
    video, cost = Video(), costs(stages=0.2)
    for _ in range(FRAMES):
        video.frame(cost)
    done = np.flatnonzero([frame["stages"] for frame in video.frames])
    assert done.tolist() == [0, 41, 122, 283, 484, 685, 886]
    assert video.kept() == 1 - len(done) / FRAMES


def test_nothing_fits_where_no_time_is_left() -> None:
    clock = Clock()
    budget = Budget(50, clock)
    budget.begin()
    clock.now += 1
    assert not budget.fits("search", 3) and budget.dropped["search"] == 3


def test_without_a_budget_all_is_done_at_once() -> None:
    budget = Budget(None)
    assert budget.fits("detect")
    assert list(budget.parts("search", 1000)) == [slice(0, 1000)]
    assert list(budget.parts("search", 0)) == []
    assert not any(budget.dropped.values())


def test_seconds_of_a_frame_are_told_by_work() -> None:
    video = Video(None)
    video.frame(lambda kind: USUAL[kind])
    assert video.budget.spent == pytest.approx(
        {"detect": 0.012, "stages": 0.002, "embed_new": 0.02, "embed_more": 0.02}
    )
