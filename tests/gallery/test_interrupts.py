"""Exceptions at any moment: what was acknowledged stays, and everybody agrees on the rest."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import rostro
from rostro.gallery.matrix import Matrix
from tests.support.galleries import unit

ROOM = str(Path(rostro.gallery.__file__).parent)
ROWS = unit(40, 32)
NAMES = [f"p{i}" for i in range(10)]


class Bang(BaseException):
    """What comes in between."""


Line = tuple[CodeType, int]


class Tracer:
    """Calls back before each line of rostro.gallery that this thread comes to."""

    def __init__(self, before: Callable[[Line], None]) -> None:
        self._before = before

    def __call__(self, frame: FrameType, event: str, _: object) -> Tracer | None:
        if not frame.f_code.co_filename.startswith(ROOM):
            return None
        if event == "line":
            self._before((frame.f_code, frame.f_lineno))
        return self

    @contextmanager
    def tracing(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self)
        try:
            yield
        finally:
            sys.settrace(before)


def lines_of(work: Callable[[], object]) -> dict[Line, int]:
    """The lines that a piece of work comes to, and how often."""
    lines: dict[Line, int] = {}

    def count(line: Line) -> None:
        lines[line] = lines.get(line, 0) + 1

    with Tracer(count).tracing():
        work()
    return lines


def raise_before(line: Line, times: int, work: Callable[[], object]) -> Bang | None:
    """Interrupt the work before it comes to a line so many times. What is given keeps alive all
    that the work held, as an exception does that a program is still handling."""
    seen = 0

    def bang(here: Line) -> None:
        nonlocal seen
        seen += here == line
        if here == line and seen == times:
            raise Bang

    try:
        with Tracer(bang).tracing():
            work()
    except Bang as error:
        return error
    return None


State = dict[str, int]


def agreed(path: Path | None, gallery: rostro.Gallery) -> State:
    """What this handle, another one and `check` agree on, before and after a further change."""

    def state(seen: rostro.Gallery) -> State:
        counts = seen.counts()
        assert (seen.names(), seen.count) == ([*counts], sum(counts.values()))
        found = seen.search(ROWS, k=3)
        assert {m.name for matches in found for m in matches if m.similarity > 0.98} == {*counts}
        return counts

    before = state(gallery)
    if path is None:
        gallery.add("later", ROWS[39])
        assert state(gallery) == before | {"later": 1}
        return before
    with rostro.Gallery.open(path) as other:
        assert state(other) == before
        other.add("other", ROWS[38])
        gallery.add("later", ROWS[39])
        assert state(gallery) == state(other) == before | {"other": 1, "later": 1}
    assert rostro.gallery.check(path) == []
    return before


CHANGES: dict[str, Callable[[rostro.Gallery, Path], object]] = {
    "add": lambda gallery, _: gallery.add(["p3", "new", "p3"], ROWS[20:23], {"a": 1}),
    "remove": lambda gallery, _: gallery.remove(["p4", "p5"]),
    "rename": lambda gallery, _: gallery.rename("p6", "six"),
    "forget": lambda gallery, _: gallery.forget("p7"),
    "import": lambda gallery, folder: gallery.import_(folder / "export.npz"),
    "compact": lambda gallery, _: gallery.remove(["p4", "p5"]),
    "read": lambda gallery, _: gallery.names(),
    "search": lambda gallery, _: gallery.search(ROWS, 2),
}


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "original.rostro"
    with rostro.Gallery.open(path, 32) as gallery:
        gallery.add(NAMES, ROWS[:10], {"note": "é"})
        gallery.remove("p9")
        gallery.rename("p8", "eight")
    gallery = rostro.Gallery(32)
    gallery.add(["import-1", "p1", "import-2"], ROWS[23:26], {"b": 2})
    gallery.export(tmp_path / "export.npz")
    return path


def prepared(original: Path, where: str, name: str) -> tuple[rostro.Gallery, Path | None]:
    """A gallery to change: a copy of the original; where "read" is next, changed by another."""
    if where == "memory":
        gallery = rostro.Gallery(32)
        gallery.add(NAMES, ROWS[:10], {"note": "é"})
        gallery.remove("p9")
        return gallery, None
    path = original.parent / "people.rostro"
    shutil.copy(original, path)
    gallery = rostro.Gallery.open(path)
    if name == "compact":
        gallery._session._backend._loose = 1 << 30
    if name in ("read", "search"):
        with rostro.Gallery.open(path) as other:
            other.add(["p1", "from-elsewhere"], ROWS[30:32])
            other.remove("p2")
            other.rename("p3", "three")
    return gallery, path


@pytest.mark.heavy
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("where", ["file", "memory"])
def test_an_exception_before_any_line(
    original: Path, where: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "compact":
        monkeypatch.setattr("rostro.gallery.sqlite_backend.is_wasteful", lambda *_: True)
    change = CHANGES[name]
    gallery, path = prepared(original, where, name)
    before = gallery.counts() if path is None or name not in ("read", "search") else None
    gallery.close()
    gallery, path = prepared(original, where, name)
    lines = lines_of(lambda: change(gallery, original.parent))
    after = agreed(path, gallery)
    gallery.close()
    points = {(line, times) for line, count in lines.items() for times in (1, count)}
    for line, times in sorted(points, key=str):
        gallery, path = prepared(original, where, name)
        held = raise_before(line, times, partial(change, gallery, original.parent))
        assert held is not None
        found = agreed(path, gallery)
        del held
        assert found in (before or after, after), f"{line}, time {times}"
        gallery.close()
    print(f"{len(points)} points in {len(lines)} lines")


@pytest.mark.heavy
@pytest.mark.parametrize("dim", [None, 32], ids=["open", "create"])
def test_an_exception_before_any_line_of_opening(original: Path, dim: int | None) -> None:
    path = original.parent / "folder" / "people.rostro"
    path.parent.mkdir()

    def start() -> None:
        for file in path.parent.iterdir():
            file.unlink()
        if dim is None:
            shutil.copy(original, path)

    start()
    lines = lines_of(lambda: rostro.Gallery.open(path, dim).close())
    for line, count in lines.items():
        for times in {1, count}:
            start()
            assert raise_before(line, times, lambda: rostro.Gallery.open(path, dim).close())
            if dim is not None and not path.exists():
                rostro.Gallery.open(path, dim).close()
            with rostro.Gallery.open(path) as gallery:
                assert len(agreed(path, gallery)) == (9 if dim is None else 0)
            gc.collect()  # the connection of an interrupted opening
            assert [*path.parent.iterdir()] == [path], f"{line}"
    print(f"{len(lines)} lines")


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
