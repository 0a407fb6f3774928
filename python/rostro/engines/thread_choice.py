"""Whether a network runs on several threads or on one, by what several gained lately."""

from __future__ import annotations

import math
from collections import deque

__all__ = ["ThreadChoice"]

_PAYS = 0.9
"""Threads pay where they end a run in this share of the CPU time that it takes: one thread that has
a CPU of its own needs no longer than that time."""
_ALONE = 1.1
"""A thread had a CPU of its own where a run took no more than this many times its CPU time."""
_LATE, _LOOKED_AT = 3, 4
"""When so many of the last runs did not pay, one thread is taken."""
_CALM = 16
_LEAST_HOLD, _MOST_HOLD = 16, 256
"""Several are tried again when one thread had its CPU in so many runs in a row, and after so many
runs; each try in vain doubles that. The most is what keeps tries out of the 99th percentile."""
_AGING = 1.01
"""By this factor a run, the least CPU time is forgotten: CPUs become slower when they are warm."""


class ThreadChoice:
    """Chooses for the runs of one network on tensors of one shape. It has no clock: the same times
    lead to the same choices.

    Attributes:
        several: whether the next run takes several threads.
    """

    def __init__(self) -> None:
        self.several = True
        self._work = math.inf  # the least CPU time of a run
        self._late = deque[bool](maxlen=_LOOKED_AT)
        self._hold = _LEAST_HOLD
        self._runs = self._calm = 0  # on one thread

    def ran(self, several: bool, wall: float, cpu: float) -> None:
        """Learns from a run.

        Args:
            several: whether it took several threads.
            wall: seconds from its begin to its end.
            cpu: seconds of CPU time, of all threads together. That of others in the process may be
                in it, for the least counts.
        """
        self._work = min(cpu, self._work * _AGING)
        if several is not self.several:
            return  # of another thread that began it before the choice
        if several:
            self._ran_on_several(late=wall > _PAYS * self._work)
        else:
            self._ran_on_one(calm=wall <= _ALONE * cpu)

    def _ran_on_several(self, late: bool) -> None:
        self._late.append(late)
        if sum(self._late) >= _LATE:
            self.several = False
            self._late.clear()
            self._runs = self._calm = 0
        elif len(self._late) == _LOOKED_AT and not any(self._late):
            self._hold = _LEAST_HOLD

    def _ran_on_one(self, calm: bool) -> None:
        self._runs += 1
        self._calm = self._calm + 1 if calm else 0
        if self._runs >= self._hold and self._calm >= _CALM:
            self.several = True
            self._hold = min(2 * self._hold, _MOST_HOLD)
            self._late.extend([True] * (_LATE - 1))  # one more, and the try was in vain
