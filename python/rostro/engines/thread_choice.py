"""Whether a network runs on several threads or on one, by what several gained lately."""

from __future__ import annotations

import math
from collections import deque
from statistics import fmean

__all__ = ["ThreadChoice"]

_PAYS = 0.9
"""Threads pay where they end a run in this share of what one thread would take: of the CPU time of
a run, if it has a CPU of its own, or of what it took lately, if it has not."""
_LATE, _LOOKED_AT = 3, 4
"""When so many of the last runs did not pay, one thread is tried."""
_TRIAL = 8
"""After so many runs it stays if it took that share of what several took, at most: on a machine
full of others, several may get more of the CPUs, though each waits for the last."""
_ALONE = 1.1
"""A thread had a CPU of its own where a run took no more than this many times its CPU time."""
_CALM = 16
_LEAST_HOLD, _MOST_HOLD = 2, 256
"""Several are tried again after so many runs, in the last of which, at most `_CALM`, one thread had
its CPU; each try in vain doubles that. So a burst of other work, which virtual machines have from
their neighbours, costs two runs; the most is what keeps tries out of the 99th percentile."""
_AGING = 1.01
"""By this factor a run, what was learned is forgotten: CPUs become slower when they are warm, and
other processes end."""


class ThreadChoice:
    """Chooses for the runs of one network on tensors of one shape. It has no clock: the same times
    lead to the same choices.

    Attributes:
        several: whether the next run takes several threads.
    """

    def __init__(self) -> None:
        self.several = True
        self._work = math.inf  # the least CPU time of a run
        self._alone = 0.0  # what one thread took, while that is remembered
        self._walls = deque[float](maxlen=_LOOKED_AT)  # of several threads
        self._late = deque[bool](maxlen=_LOOKED_AT)
        self._trial: list[float] = []  # of one thread
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
            self._ran_on_several(wall)
        else:
            self._ran_on_one(wall, calm=wall <= _ALONE * cpu)

    def _ran_on_several(self, wall: float) -> None:
        self._walls.append(wall)
        self._late.append(wall > _PAYS * max(self._work, self._alone))
        self._alone /= _AGING
        if sum(self._late) >= _LATE:
            self.several = False
            self._late.clear()
            self._trial.clear()
            self._runs = self._calm = 0
        elif len(self._late) == _LOOKED_AT and not any(self._late):
            self._hold = _LEAST_HOLD

    def _ran_on_one(self, wall: float, calm: bool) -> None:
        self._runs += 1
        self._calm = self._calm + 1 if calm else 0
        if self._runs <= _TRIAL:
            self._trial.append(wall)
        if self._runs == _TRIAL and fmean(self._trial) > _PAYS * fmean(self._walls):
            self.several = True
            self._alone = fmean(self._trial)
        elif self._runs >= self._hold and self._calm >= min(self._hold, _CALM):
            self.several = True
            self._alone = 0.0
            self._hold = min(2 * self._hold, _MOST_HOLD)
            self._late.extend([True] * (_LATE - 1))  # one more, and the try was in vain
