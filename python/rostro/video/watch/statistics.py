"""Frames a second and the time of each stage, over the last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

__all__ = ["Figures", "StageTimes", "Statistics"]


class StageTimes(NamedTuple):
    """Milliseconds that a stage took in the frames in which it ran, and how many these were."""

    p50_ms: float
    p99_ms: float
    frames: int


class Figures(NamedTuple):
    """What is known of the last seconds.

    Attributes:
        fps: frames a second.
        stages: by name, ``"frame"`` is the sum of a frame's.
    """

    fps: float
    stages: dict[str, StageTimes]


class Statistics:
    """Keeps the times of the last seconds. One thread at a time.

    Args:
        window: seconds.
        clock: seconds, for tests.
    """

    def __init__(self, window: float = 5.0, clock: Callable[[], float] = time.perf_counter) -> None:
        self._window = window
        self._clock = clock
        self._begin: float | None = None
        self._frames: deque[tuple[float, Mapping[str, float]]] = deque()
        self.frames = 0

    def add(self, seconds: Mapping[str, float]) -> None:
        """A frame, and the seconds that each of its stages took."""
        now = self._clock()
        if self._begin is None:
            self._begin = now
        self.frames += 1
        self._frames.append((now, seconds))
        self._forget(now)

    def figures(self) -> Figures:
        """Of the frames that were added in the last ``window`` seconds."""
        now = self._clock()
        self._forget(now)
        if not self._frames or self._begin is None:
            return Figures(0.0, {})
        times: dict[str, list[float]] = {}
        for _, seconds in self._frames:
            for stage, took in seconds.items():
                times.setdefault(stage, []).append(took)
        # In the first seconds there is less than a window to count in.
        span = max(min(self._window, now - self._begin), 1e-3)
        count = len(self._frames) - (self._frames[0][0] == self._begin)  # the first began the clock
        return Figures(count / span, {stage: _times(took) for stage, took in times.items()})

    def _forget(self, now: float) -> None:
        while self._frames and self._frames[0][0] < now - self._window:
            self._frames.popleft()


def _times(seconds: list[float]) -> StageTimes:
    p50, p99 = np.percentile(np.array(seconds), (50, 99)) * 1000
    return StageTimes(float(p50), float(p99), len(seconds))
