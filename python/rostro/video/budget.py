"""Time a frame may take, and what is dropped where it does not suffice."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

__all__ = ["WORKS", "Budget"]

WORKS = ("detect", "search", "stages", "embed_new", "embed_more")
"""Kinds of work in the order in which they are done; what comes last is dropped first. Of a frame
in which the detector is due it is never dropped."""
_NEW_SHARE = 0.2  # of the last time in what a work is expected to take


class Budget:
    """Asks before each work whether it still fits, and counts what does not.

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
        self._expected: dict[str, float] = {}
        self.dropped = dict.fromkeys((*WORKS[1:], "over"), 0)
        self.spent: dict[str, float] = {}

    def begin(self) -> None:
        self._begin = self._clock()
        self.spent = {}

    def end(self) -> None:
        if self._limit is not None and self._clock() - self._begin > self._limit:
            self.dropped["over"] += 1

    def fits(self, work: str, count: int = 1) -> int:
        """How many of ``count`` such works fit into what is left; the others are counted."""
        if self._limit is None:
            return count
        left = self._limit - (self._clock() - self._begin)
        each = self._expected.get(work, 0.0)
        fitting = 0 if left <= 0 else count if each * count <= left else int(left / each)
        self.dropped[work] += count - fitting
        if fitting < count:  # else a single slow run would stop this work for ever
            self._expected[work] = each * 0.95
        return fitting

    @contextlib.contextmanager
    def timed(self, work: str, count: int = 1) -> Iterator[None]:
        """Learns how long works take."""
        begin = self._clock()
        yield
        if count == 0:
            return
        took = self._clock() - begin
        self.spent[work] = self.spent.get(work, 0.0) + took
        each = took / count
        before = self._expected.get(work, each)
        # What takes longer than expected is believed at once, what takes less slowly.
        self._expected[work] = max(each, before + _NEW_SHARE * (each - before))
