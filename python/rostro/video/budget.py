"""What a frame may take: works are forecast, and what does not fit is dropped and counted."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator

__all__ = ["WORKS", "Budget"]

WORKS = ("detect", "search", "stages", "embed_new", "embed_more")
"""Kinds of work in the order in which they are done; what comes last is dropped first."""
_LOOKS_PATIENCE = 5
_LEAST_PATIENCE, _MOST_PATIENCE = 20, 200
"""After it was put off so often in a row, a work is done at any cost. Without its detector, a
tracker sees nobody who comes; the patience with others doubles each time that they did not fit."""
_NEW_SHARE = 0.25  # of the last time in what a work is expected to take, and in its deviation

_log = logging.getLogger(__name__)


class Forecast:
    """What a work will take, from the mean of what it took and its mean deviation, as TCP waits for
    an answer (Jacobson, 1988). Each run counts a quarter: a load that comes, or goes, is believed
    after a few.

    Args:
        least, most: the patience with it.

    Attributes:
        mean: seconds that it takes; 0 before the first run.
        put_off: times in a row.
    """

    def __init__(self, least: int = _LEAST_PATIENCE, most: int = _MOST_PATIENCE) -> None:
        self.mean = self._deviation = 0.0
        self.put_off = 0
        self._runs = 0
        self._least, self._most, self._patience = least, most, least

    @property
    def seconds(self) -> float:
        """Four deviations above the mean; two once it was put off twenty times, for nothing is
        learned of what is not done."""
        return self.mean + max(2.0, 4.0 - 0.1 * self.put_off) * self._deviation

    def fits(self, left: float, limit: float) -> bool:
        """Whether it is to be done where so many seconds of the budget are left."""
        least = self.seconds if self._runs else limit / 2  # nobody knows yet
        return 0 < left >= least or self.put_off >= self._patience

    def learn(self, seconds: float, left: float) -> None:
        """It took so long where so much was left."""
        self._runs += 1
        if self._runs <= 2:  # the first one prepares it, and takes longer
            self.mean, self._deviation = seconds, seconds / 2 * (self._runs - 1)
        else:
            # One run that something held up for long says little of the next.
            error = min(seconds - self.mean, max(self.mean, 4 * self._deviation))
            self.mean += _NEW_SHARE * error
            self._deviation += _NEW_SHARE * (abs(error) - self._deviation)
        if seconds > left:
            self._patience = min(2 * self._patience, self._most)
        elif self.put_off < self._patience:
            self._patience = self._least  # it was expected to fit, and did
        self.put_off = 0


class Budget:
    """Asks before each work whether it fits into what is left, and counts what does not.

    Args:
        milliseconds: a frame; ``None``: all fits.
        clock: seconds, for tests.

    Attributes:
        dropped: how often each work was dropped; ``"over"``: frames that took longer all the same.
        spent: seconds that each work took in this frame.
    """

    def __init__(
        self, milliseconds: float | None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._limit = math.inf if milliseconds is None else milliseconds / 1000
        self._clock = clock
        self._begin = 0.0
        embedding = Forecast()  # whoever's it is
        self._forecasts = {
            "detect": Forecast(_LOOKS_PATIENCE, _LOOKS_PATIENCE),
            "search": Forecast(),
            "stages": Forecast(),
            "embed_new": embedding,
            "embed_more": embedding,
        }
        self._rest = Forecast()  # what a frame takes besides
        self._told = False
        self.dropped = dict.fromkeys((*WORKS, "over"), 0)
        self.spent: dict[str, float] = {}

    def begin(self) -> None:
        self._begin = self._clock()
        self.spent = {}

    def end(self) -> None:
        took = self._clock() - self._begin
        self._rest.learn(took - sum(self.spent.values()), math.inf)
        if took > self._limit:
            self.dropped["over"] += 1
            self._tell()

    def fits(self, work: str, count: int = 1) -> bool:
        """Whether the next of so many works fits; else all of them are dropped."""
        forecast = self._forecasts[work]
        if self._limit == math.inf or forecast.fits(self._left(), self._limit):
            return True
        forecast.put_off += 1
        self.dropped[work] += count
        return False

    def parts(self, work: str, count: int) -> Iterator[slice]:
        """Which of so many works are to be done now: one after the other while the next one fits,
        or, without a budget, all at once. Each part is timed until the next one is asked for."""
        step = count if self._limit == math.inf else 1
        for first in range(0, count, step or 1):
            if not self.fits(work, count - first):
                return
            with self.timed(work):
                yield slice(first, first + step)

    @contextlib.contextmanager
    def timed(self, work: str) -> Iterator[None]:
        """Learns how long a work takes."""
        begin, left = self._clock(), self._left()
        yield
        took = self._clock() - begin
        self.spent[work] = self.spent.get(work, 0.0) + took
        self._forecasts[work].learn(took, left)

    def _left(self) -> float:
        """Seconds, without what a frame takes besides."""
        return self._limit - (self._clock() - self._begin) - self._rest.seconds

    def _tell(self) -> None:
        detector = self._forecasts["detect"].mean
        if detector > self._limit and not self._told:
            self._told = True
            _log.warning(
                "budget_ms: got %g; one look of the detector takes about %.0f here, so that the "
                "frames with one take longer: a smaller det_size, or a larger budget is wanted",
                *(1000 * self._limit, 1000 * detector),
            )
