"""An exception before any line: what was acknowledged stays, and everybody agrees on the rest."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

import rostro
from tests.support.interrupts import ROWS, agreed, lines_of, make_original, prepared, raise_before

CHANGES: dict[str, Callable[[rostro.Gallery, Path], object]] = {
    "add": lambda gallery, _: gallery.add(["p3", "new", "p3"], ROWS[20:23], {"a": 1}),
    "rename": lambda gallery, _: gallery.rename("p6", "six"),
    "forget": lambda gallery, _: gallery.forget("p7"),
    "import": lambda gallery, folder: gallery.import_(folder / "export.npz"),
    "remove": lambda gallery, _: gallery.remove(["p4", "p5"]),  # and write the file anew
    "read": lambda gallery, _: gallery.names(),
}


@pytest.fixture
def original() -> Iterator[Path]:
    memory = Path("/dev/shm")  # where synchronising takes no time
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield make_original(Path(folder))


@pytest.mark.heavy
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("where", ["file", "memory"])
def test_an_exception_before_any_line(
    original: Path, where: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "remove":
        monkeypatch.setattr("rostro.gallery.sqlite_backend.is_wasteful", lambda *_: True)
    change = CHANGES[name]
    gallery, path = prepared(original, where, name)
    before = gallery.counts() if path is None or name != "read" else None
    gallery.close()
    gallery, path = prepared(original, where, name)
    lines = lines_of(lambda: change(gallery, original.parent))
    after = agreed(path, gallery)
    gallery.close()
    points = {(line, times) for line, count in lines.items() for times in (1, count)}
    for number, (line, times) in enumerate(sorted(points, key=str)):
        gallery, path = prepared(original, where, name)
        held = raise_before(line, times, partial(change, gallery, original.parent))
        assert held is not None
        found = agreed(path, gallery, all_of_it=number % 8 == 0)
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
                assert len(gallery) == (9 if dim is None else 0)
            if [*path.parent.iterdir()] != [path]:
                gc.collect()  # the connection of an interrupted opening
            assert [*path.parent.iterdir()] == [path], f"{line}"
    print(f"{len(lines)} lines")
