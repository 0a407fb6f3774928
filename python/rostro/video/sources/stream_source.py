"""A source: one open stream after the other, with times that grow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rostro.errors import VideoError
from rostro.video.sources.clock import StreamClock
from rostro.video.sources.frame import Frame, RawStream
from rostro.video.sources.problems import Problems
from rostro.video.sources.retry import Retry

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["StreamSource"]

_MISSING, _MISSING_SECONDS = 2, 1.0
"""So many fewer than a header says are no early end: headers count loosely, sound is longer."""


class StreamSource:
    """A `Source` around a stream that is open, opened again as often as ``retry`` says if it is
    live and dies.

    Args:
        name: as it was given.
        open_stream: opens it; raises a `VideoError` where it cannot.
        retry: ``None``: what dies has ended.

    Raises:
        VideoError: it cannot be opened.
    """

    def __init__(
        self, name: str, open_stream: Callable[[], RawStream], retry: Retry | None = None
    ) -> None:
        self.name = name
        self.problems = Problems()
        self._open = open_stream
        self._retry = retry
        self._delays: Iterator[float] | None = None  # of the attempts since the last frame
        self._stream: RawStream | None = open_stream()
        self.live = self._stream.live
        self.rate = self._stream.rate
        self.size = self._stream.size
        self._clock = StreamClock(self.rate)
        self._number = self._streams = self._decoded = 0
        self._closed = threading.Event()
        self._running = threading.Lock()
        self._frames = self._all()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        with self._running:
            try:
                if not self._closed.is_set():
                    frame = next(self._frames)
                    if not self._closed.is_set():
                        return frame
            except BaseException:
                self._give_back()
                raise
            self._give_back()
            raise StopIteration

    def close(self) -> None:
        """Ends the iteration. A thread that waits for the stream ends it with the next frame, or at
        the stream's time limit."""
        self._closed.set()
        if self._running.acquire(timeout=0.2):  # else who iterates gives it back
            try:
                self._give_back()
            finally:
                self._running.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _give_back(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _all(self) -> Iterator[Frame]:
        while self._stream is not None:
            reason = ""
            try:
                yield from self._of_one(self._stream)
            except VideoError as error:
                reason = str(error)
            if self._closed.is_set():
                return
            if not self.live:
                self._check_end(self._stream, reason)
                return
            self.problems.add("lost", self._now(), reason or "it ended")
            self._give_back()
            if self._retry is None:
                return
            self._open_again(self._retry, reason or "it ended")

    def _of_one(self, stream: RawStream) -> Iterator[Frame]:
        for raw in stream:
            number, self._number = self._number, self._number + 1
            if raw.image is None:
                self.problems.add("undecodable", self._now())
                continue
            when = self._clock.time(raw.stamp, time.monotonic() if self.live else None)
            if self._clock.trouble:
                self.problems.add(self._clock.trouble, when)
            if self._clock.trouble == "restarted":
                self._streams, self._number, number = self._streams + 1, 1, 0
            if raw.damaged:
                self.problems.add("damaged", when)
            height, width = raw.image.shape[:2]
            if self._decoded and (width, height) != self.size and self.size is not None:
                was = f"from {self.size[0]}x{self.size[1]}"
                self.problems.add("resized", when, f"{was} to {width}x{height}")
            self.size = (width, height)
            self._decoded += 1
            self._delays = None
            yield Frame(raw.image, when, number, self._streams)

    def _check_end(self, stream: RawStream, reason: str) -> None:
        if not self._decoded:
            why = f": {reason}" if reason else ""
            raise VideoError(f"{self.name}: no frame of it can be decoded{why}")
        if not reason and not self._streams:
            if self._number + _MISSING < stream.frames:
                reason = f"{self._number} of {stream.frames} frames"
            elif self._now() + _MISSING_SECONDS < stream.seconds:
                reason = f"{self._now():.2f} of {stream.seconds:.2f} seconds"
        if reason:
            self.problems.add("ended_early", self._now(), reason)

    def _open_again(self, retry: Retry, reason: str) -> None:
        """Waits and opens, until it is open or closed; nothing else ends before all attempts."""
        self._delays = self._delays or retry.delays()
        for delay in self._delays:
            if self._closed.wait(delay):
                return
            try:
                self._stream = self._open()
            except VideoError as error:
                reason = str(error)
                self.problems.add("unreachable", self._now(), reason)
                continue
            self.problems.add("reconnected", self._now())
            self._clock.restart()
            self._streams, self._number = self._streams + 1, 0
            return
        raise VideoError(f"{self.name}: lost, and not back after {retry.attempts} times: {reason}")

    @property
    def origin(self) -> float:
        """The time stamp, seconds, that the time 0 of the stream stands for."""
        return self._clock.origin

    def _now(self) -> float:
        return max(self._clock.last, 0.0)
