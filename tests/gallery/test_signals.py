"""Signals at random moments, memory that runs out, and who else uses the gallery meanwhile."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rostro
from rostro.gallery.matrix import Matrix
from tests.support.interrupts import (
    ROWS,
    Bang,
    Line,
    Tracer,
    agreed,
    lines_of,
    make_original,
    prepared,
    raise_before,
)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return make_original(tmp_path)


@pytest.mark.heavy
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
@pytest.mark.parametrize("where", ["file", "memory"])
def test_signals_at_random_moments(original: Path, where: str) -> None:
    """One interrupt in each call, at a random moment of it; the handle stays the same."""
    seed = random.randrange(1000)
    print(f"seed {seed}")
    rng = random.Random(seed)
    gallery, path = prepared(original, where, "add")
    work: list[Callable[[], Any]] = [
        lambda: gallery.add(["p3", "new", "p3"], ROWS[20:23], {"a": 1}),
        lambda: gallery.remove("new"),
        lambda: gallery.rename("p1", "p1"),
        lambda: gallery.search(ROWS, 2),
        lambda: gallery.forget("later"),
        lambda: gallery.counts(),
    ]

    def bang(*_: object) -> None:
        raise Bang

    previous = signal.signal(signal.SIGALRM, bang)
    interrupted = 0
    try:
        for round_ in range(600):
            try:
                # Before the timer: a search would find the thread in the middle of its call.
                call = rng.choice(work)
                signal.setitimer(signal.ITIMER_REAL, 1e-6 + rng.random() * rng.choice([4e-4, 4e-3]))
                call()
            except Bang:
                interrupted += 1
            except (rostro.errors.UnknownNameError, rostro.errors.ArgumentError):
                pass
            finally:
                while True:
                    try:
                        signal.setitimer(signal.ITIMER_REAL, 0)
                        break
                    except Bang:
                        interrupted += 1
            if round_ % 20 == 0:
                agreed(path, gallery)
                gallery.remove([name for name in gallery.names() if name in ("later", "other")])
    finally:
        signal.signal(signal.SIGALRM, previous)
    agreed(path, gallery)
    print(f"{interrupted} of 600 calls were interrupted")
    assert interrupted > 50


@pytest.mark.parametrize("where", ["file", "memory"])
def test_memory_that_runs_out_changes_nothing(
    original: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next chunk does not fit, a program catches that and goes on."""
    gallery, path = prepared(original, where, "add")
    before = gallery.counts()
    gallery.close()

    def no_more(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rostro.gallery.matrix._CHUNK_ROWS", 10)
    gallery, path = prepared(original, where, "add")
    with monkeypatch.context() as patch:
        patch.setattr(Matrix, "_new_chunk", no_more)
        with pytest.raises(MemoryError):
            gallery.add(["p1", "new"], ROWS[20:22])
        assert gallery.counts() == before
    assert agreed(path, gallery) == before
    gallery.close()


def test_a_search_in_a_signal_handler(original: Path) -> None:
    """It does not wait for the change that it came into."""
    gallery, _ = prepared(original, "file", "add")
    found: list[str] = []

    def handler(*_: object) -> None:
        found.append(gallery.search(ROWS[0], k=1)[0][0].name)

    previous = signal.signal(signal.SIGUSR1, handler)
    try:
        raised: list[bool] = []

        def once(_: Line) -> None:
            if gallery._session._lock.locked() and not raised:
                raised.append(True)
                os.kill(os.getpid(), signal.SIGUSR1)

        with Tracer(once).tracing():
            gallery.add("new", ROWS[20])
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert found == ["p0"] and "new" in gallery
    gallery.close()


def test_other_threads_go_on_after_an_interrupt(original: Path) -> None:
    gallery, path = prepared(original, "file", "add")
    line, *_ = (
        line for line in lines_of(lambda: gallery.add("x", ROWS[20])) if line[0].co_name == "apply"
    )
    assert raise_before(line, 1, lambda: gallery.add("y", ROWS[21]))
    thread = threading.Thread(target=lambda: gallery.add("z", ROWS[22]))
    thread.start()
    thread.join(10)
    assert {"x", "y", "z"} <= {*gallery.names()}
    agreed(path, gallery)
    gallery.close()


def test_waiting_can_be_interrupted(original: Path) -> None:
    """Ctrl-C need not wait until the timeout is over."""
    with (
        rostro.Gallery.open(original, timeout=60) as first,
        rostro.Gallery.open(original) as second,
    ):

        def change(now: Any) -> Any:
            def bang(*_: object) -> None:
                raise Bang

            previous = signal.signal(signal.SIGALRM, bang)
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.2)
                start = time.monotonic()
                with pytest.raises(Bang):
                    first.add("new", ROWS[20])
                waited.append(time.monotonic() - start)
            finally:
                signal.signal(signal.SIGALRM, previous)
            raise Bang

        waited: list[float] = []
        with pytest.raises(Bang):
            second._session.change(change)
        assert waited and waited[0] < 30
        first.add("new", ROWS[20])
        assert agreed(original, first)["new"] == 1
