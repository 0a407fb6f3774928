"""What a frame may take: works are forecast, and what does not fit is dropped and counted."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator

__all__ = ["PATIENCE", "WORKS", "Budget"]

WORKS = ("detect", "search", "stages", "embed_new", "embed_more")
"""Kinds of work in the order in which they are done; what comes last is dropped first."""
PATIENCE = {"detect": 5, "stages": 200, "embed_new": 200}
"""After it was dropped so often in a row, a work is done at any cost: without its detector, a
tracker sees nobody who comes. The others may break the budget in one frame of a hundred."""
_NEW_SHARE = 0.25  # of the last time in what a work is expected to take, and in its deviation

_log = logging.getLogger(__name__)


class Forecast:
    """What a work will take, from the mean of what it took and its mean deviation, as TCP waits for
    an answer (Jacobson, 1988). Each run counts a quarter: a load that comes, or goes, is believed
    after a few.

    Attributes:
        mean: seconds that it takes; 0 before the second run, for the first one prepares it.
    """

    def __init__(self) -> None:
        self.mean = self._deviation = 0.0
        self._prepared = False

    def seconds(self, put_off: int = 0) -> float:
        """Four deviations above the mean; one once it was put off thirty times, for nothing is
        learned of what is not done."""
        return self.mean + max(1.0, 4.0 - 0.1 * put_off) * self._deviation

    def learn(self, seconds: float) -> None:
        """It took so long."""
        if not self._prepared:
            self._prepared = True
        elif self.mean == 0:
            self.mean, self._deviation = seconds, seconds / 2
        else:
            # One run that something held up for long says little of the next.
            error = min(seconds - self.mean, max(self.mean, 4 * self._deviation))
            self.mean += _NEW_SHARE * error
            self._deviation += _NEW_SHARE * (abs(error) - self._deviation)


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
        self._limit = None if milliseconds is None else milliseconds / 1000
        self._clock = clock
        self._begin = 0.0
        embedding = Forecast()  # whoever's it is
        self._forecasts = {work: Forecast() for work in WORKS[:3]}
        self._forecasts |= {"embed_new": embedding, "embed_more": embedding}
        self._put_off = dict.fromkeys(WORKS, 0)  # times in a row
        self._rest = Forecast()  # what a frame takes besides
        self._told = False
        self.dropped = dict.fromkeys((*WORKS, "over"), 0)
        self.spent: dict[str, float] = {}

    def begin(self) -> None:
        self._begin = self._clock()
        self.spent = {}

    def end(self) -> None:
        took = self._passed()
        self._rest.learn(took - sum(self.spent.values()))
        if self._limit is not None and took > self._limit:
            self.dropped["over"] += 1
            self._tell(self._limit)

    def fits(self, work: str, count: int = 1) -> bool:
        """Whether the next of so many works fits; else all of them are dropped."""
        if self._limit is None:
            return True
        left = self._limit - self._passed() - self._rest.seconds()
        put_off = self._put_off[work]
        forecast = self._forecasts[work].seconds(put_off)
        if 0 < left >= forecast or put_off >= PATIENCE.get(work, math.inf):
            return True
        self._put_off[work] += 1
        self.dropped[work] += count
        return False

    def parts(self, work: str, count: int) -> Iterator[slice]:
        """Which of so many works are to be done now: one after the other while the next one fits,
        or, without a budget, all at once. Each part is timed until the next one is asked for."""
        step = count if self._limit is None else 1
        for first in range(0, count, step or 1):
            if not self.fits(work, count - first):
                return
            with self.timed(work):
                yield slice(first, first + step)

    @contextlib.contextmanager
    def timed(self, work: str) -> Iterator[None]:
        """Learns how long a work takes."""
        begin = self._clock()
        yield
        took = self._clock() - begin
        self.spent[work] = self.spent.get(work, 0.0) + took
        self._forecasts[work].learn(took)
        self._put_off[work] = 0

    def _passed(self) -> float:
        """Seconds since the frame began."""
        return self._clock() - self._begin

    def _tell(self, limit: float) -> None:
        detector = self._forecasts["detect"].mean
        if detector > limit and not self._told:
            self._told = True
            _log.warning(
                "budget_ms: got %g; one look of the detector takes about %.0f here, so that the "
                "frames with one take longer: a smaller det_size, or a larger budget is wanted",
                *(1000 * limit, 1000 * detector),
            )
