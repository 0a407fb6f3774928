"""A thread that does the work: the newest frame wins, and nothing is queued behind it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from rostro.video.watch.naming import Errand

__all__ = ["Given", "Worker"]

_T = TypeVar("_T")
_R = TypeVar("_R")
_PATIENCE = 10.0  # seconds for the work that is under way


class Given(NamedTuple, Generic[_T]):
    """What was given to the worker, and when, by `time.monotonic`."""

    what: _T
    at: float


class Worker(Generic[_T]):
    """Runs ``work`` on what it is given, in a thread of its own.

    One frame at most waits; who comes later takes its place, and that is counted. So what is worked
    on is never older than the work before it took.

    Args:
        work: done with each frame that is not replaced.
        failed: told of what ``work`` raised; the thread goes on.

    Attributes:
        received, dropped, done: frames.
    """

    def __init__(
        self, work: Callable[[Given[_T]], None], failed: Callable[[Exception], None]
    ) -> None:
        self._work, self._failed = work, failed
        self._changed = threading.Condition()
        self._waiting: Given[_T] | None = None
        self._errands: deque[Errand[Any]] = deque()
        self._ended = False
        self.received = self.dropped = self.done = 0
        self._thread = threading.Thread(target=self._run, name="rostro-faces", daemon=True)
        self._thread.start()

    def give(self, what: _T) -> None:
        """The newest frame. Returns at once."""
        with self._changed:
            self.received += 1
            self.dropped += self._waiting is not None
            self._waiting = Given(what, time.monotonic())
            self._changed.notify()

    def ask(self, work: Callable[[], _R], patience: float = _PATIENCE) -> _R:
        """What ``work`` gives, done in the worker's thread between two frames.

        Raises:
            TimeoutError: the frame under way did not end in so many seconds.
            Whatever ``work`` raised.
        """
        errand = Errand(work)
        with self._changed:
            if self._ended:
                raise TimeoutError("the node is not configured any more")
            self._errands.append(errand)
            self._changed.notify()
        return errand.wait(patience, "the image under way takes too long; try again later")

    def forget(self) -> None:
        """The frame that waits is left."""
        with self._changed:
            self._waiting = None

    def end(self) -> None:
        """Ends the thread, after the frame under way."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._waiting is None and not self._errands and not self._ended:
                    self._changed.wait()
                errands, self._errands = self._errands, deque()
                given, self._waiting = self._waiting, None
                ended = self._ended
            for errand in errands:
                errand()
            if ended:
                return
            if given is not None:
                try:
                    self._work(given)
                except Exception as error:
                    self._failed(error)
                self.done += 1
