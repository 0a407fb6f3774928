"""The newest frame wins, and nothing is queued."""

from __future__ import annotations

import threading
import time

import pytest

from rostro_ros.worker import Given, Worker


class Slow:
    """Work that waits until it is let go on."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.began = threading.Semaphore(0)
        self.done: list[int] = []
        self.errors: list[Exception] = []
        self.worker: Worker[int] = Worker(self.work, self.errors.append)

    def work(self, given: Given[int]) -> None:
        self.began.release()
        assert self.go.acquire(timeout=10)
        if given.what < 0:
            raise ValueError("broken")
        self.done.append(given.what)


def test_ten_frames_behind_a_slow_one_are_one() -> None:
    slow = Slow()
    slow.worker.give(0)
    assert slow.began.acquire(timeout=10)
    for number in range(1, 11):
        slow.worker.give(number)
    slow.go.release(2)
    assert slow.began.acquire(timeout=10)
    slow.worker.end()
    assert slow.done == [0, 10]
    assert (slow.worker.received, slow.worker.dropped, slow.worker.done) == (11, 9, 2)


def test_what_fails_is_told_and_the_next_goes_on() -> None:
    slow = Slow()
    slow.go.release(10)
    for number in (-1, 5):
        slow.worker.give(number)
        assert slow.began.acquire(timeout=10)
    slow.worker.end()
    assert slow.done == [5] and [str(error) for error in slow.errors] == ["broken"]


def test_asked_between_two_frames_and_while_none_comes() -> None:
    slow = Slow()
    assert slow.worker.ask(lambda: threading.current_thread().name) == "rostro-faces"
    slow.worker.give(1)
    assert slow.began.acquire(timeout=10)
    threading.Timer(0.05, slow.go.release).start()
    assert slow.worker.ask(lambda: list(slow.done)) == [1]  # not in the middle of a frame
    with pytest.raises(ValueError, match="mine"):
        slow.worker.ask(raises)
    slow.worker.end()
    with pytest.raises(TimeoutError):
        slow.worker.ask(lambda: 1)


def raises() -> None:
    raise ValueError("mine")


def test_who_waits_too_long_is_told() -> None:
    slow = Slow()
    slow.worker.give(1)
    assert slow.began.acquire(timeout=10)
    ran: list[int] = []
    with pytest.raises(TimeoutError, match="image under way"):
        slow.worker.ask(lambda: ran.append(1), patience=0.05)
    slow.go.release()
    slow.worker.end()
    assert not ran  # nobody waited for it any more


def test_what_waits_can_be_left() -> None:
    slow = Slow()
    slow.worker.give(1)
    assert slow.began.acquire(timeout=10)
    slow.worker.give(2)
    slow.worker.forget()
    slow.go.release(2)
    slow.worker.end()
    assert slow.done == [1]


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    for _ in range(3):
        Worker(print, print).end()
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() == before
