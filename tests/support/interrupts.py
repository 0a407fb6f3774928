"""Exceptions before any line of rostro.gallery, and what is to be true after them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

import rostro
from tests.support.galleries import sqlite_of, unit

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


def agreed(path: Path | None, gallery: rostro.Gallery, *, all_of_it: bool = True) -> State:
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
    assert not all_of_it or rostro.gallery.check(path) == []
    return before


def make_original(folder: Path) -> Path:
    """A gallery with a few people, and an export of others beside it."""
    path = folder / "original.rostro"
    with rostro.Gallery.open(path, 32) as gallery:
        gallery.add(NAMES, ROWS[:10], {"note": "é"})
        gallery.remove("p9")
        gallery.rename("p8", "eight")
    gallery = rostro.Gallery(32)
    gallery.add(["import-1", "p1", "import-2"], ROWS[23:26], {"b": 2})
    gallery.export(folder / "export.npz")
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
    if name == "remove":
        sqlite_of(gallery)._loose = 1 << 30
    if name == "read":
        with rostro.Gallery.open(path) as other:
            other.add(["p1", "from-elsewhere"], ROWS[30:32])
            other.remove("p2")
            other.rename("p3", "three")
    return gallery, path
