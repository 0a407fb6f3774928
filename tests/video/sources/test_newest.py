"""Decoding in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from rostro.errors import ArgumentTypeError, VideoError
from rostro.video import Frame, NewestFrame
from rostro.video.sources.problems import Problems
from rostro.video.sources.stream_source import StreamSource
from tests.support.movies import Scripted


class Stepped:
    """A source whose frames come when the test says so."""

    name, rate, size = "stepped", None, None

    def __init__(self, live: bool, count: int = 100, error: Exception | None = None) -> None:
        self.live, self.problems = live, Problems()
        self.allowed, self.given = threading.Semaphore(0), threading.Semaphore(0)
        self.closed = threading.Event()
        self._count, self._error = count, error

    def __iter__(self) -> Iterator[Frame]:
        for number in range(self._count):
            self.allowed.acquire()
            if self.closed.is_set():
                return
            yield Frame(np.zeros((2, 2, 3), np.uint8), float(number), number)
            self.given.release()  # the one before was taken over
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed.set()
        self.allowed.release()

    def let(self, count: int) -> None:
        for _ in range(count):
            self.allowed.release()


def test_the_newest_of_a_live_source_wins() -> None:
    source = Stepped(live=True)
    with NewestFrame(source) as newest:
        source.let(11)
        for _ in range(10):  # of the eleventh it is not known
            assert source.given.acquire(timeout=10)
        first = newest.next_frame(10)
        assert first is not None and first.number >= 9
        source.let(1)
        last = newest.next_frame(10)
        while last is not None and last.number < 11:
            last = newest.next_frame(10)
        assert last is not None and last.number == 11
        assert newest.next_frame(0.01) is None and not newest.ended
        assert newest.dropped in (9, 10)
    assert newest.ended and newest.next_frame() is None


def test_nothing_of_a_file_is_dropped() -> None:
    source = StreamSource("a", lambda: Scripted(list(range(50))))
    with NewestFrame(source) as newest:
        assert [frame.number for frame in newest] == list(range(50))
        assert newest.dropped == 0 and newest.ended
    kept = NewestFrame(StreamSource("a", lambda: Scripted(list(range(50)))), drop=True)
    numbers = [frame.number for frame in kept]
    assert numbers == sorted(numbers) and len(numbers) + kept.dropped == 50


def test_errors_come_to_who_iterates() -> None:
    source = Stepped(live=False, count=1, error=VideoError("camera: gone"))
    source.let(1)
    newest = NewestFrame(source)
    assert newest.next_frame(10) is not None
    with pytest.raises(VideoError, match="camera: gone"):
        newest.next_frame(10)
    assert newest.next_frame(10) is None and newest.ended


def test_closing_while_somebody_waits() -> None:
    source = Stepped(live=True)
    newest = NewestFrame(source)
    ended = threading.Event()

    def wait() -> None:
        assert list(newest) == []
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    newest.close()
    assert ended.wait(10) and source.closed.is_set()
    newest.close()


def test_closing_while_the_reader_waits() -> None:
    newest = NewestFrame(StreamSource("a", lambda: Scripted(list(range(1000)))))
    assert next(iter(newest)).number == 0
    newest.close()
    assert newest.ended and newest.dropped == 0


def test_wrong_arguments() -> None:
    with pytest.raises(ArgumentTypeError, match="what open_source gives is wanted"):
        NewestFrame(5)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="drop"):
        NewestFrame(Stepped(live=True), drop=5)  # type: ignore[arg-type]
