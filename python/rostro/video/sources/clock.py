"""Times that grow, of time stamps that need not."""

from __future__ import annotations

__all__ = ["RESTART_AFTER", "StreamClock"]

RESTART_AFTER = 1.0
"""A time stamp that turns back by more begins a new stream, as for `rostro.video.Tracker`."""
_USUAL_RATE = 25.0


class StreamClock:
    """Makes times of the time stamps of one stream after the other.

    A frame whose stamp is not after the one before comes half a frame after it: so the times are
    right again with the next right stamp.

    Args:
        rate: frames a second, where it is known.

    Attributes:
        last: time of the last frame, seconds; of a stream's beginning -1.
        trouble: what was wrong with the last stamp: ``"stamp"``, ``"no_stamp"``, ``"restarted"`` or
            nothing.
    """

    def __init__(self, rate: float | None = None) -> None:
        self._length = 1 / (rate or _USUAL_RATE)
        self.trouble = ""
        self.restart()

    def restart(self) -> None:
        """A new stream begins."""
        self.last = -1.0
        self._origin: float | None = None
        self._arrived: float | None = None

    @property
    def origin(self) -> float:
        """The stamp of time 0; 0 where there is none."""
        return self._origin or 0.0

    def time(self, stamp: float | None, arrival: float | None = None) -> float:
        """The time of the next frame.

        Args:
            stamp: the stream's, seconds.
            arrival: by any clock, seconds; counts where a frame has no stamp.
        """
        before, self._arrived = self._arrived, arrival
        if stamp is None:
            self.trouble = "no_stamp"
            if arrival is None or before is None or arrival <= before:
                return self._after(self._length)
            return self._after(arrival - before)
        self.trouble = ""
        if self._origin is None:
            self._origin = stamp - (self.last + self._length if self.last >= 0 else 0.0)
        time = stamp - self._origin
        if time < self.last - RESTART_AFTER:
            self.restart()
            self.trouble, self._origin, time = "restarted", stamp, 0.0
        elif time <= self.last:
            self.trouble = "stamp"
            return self._after(self._length / 2)
        self.last = time
        return time

    def _after(self, length: float) -> float:
        self.last = self.last + length if self.last >= 0 else 0.0
        return self.last
