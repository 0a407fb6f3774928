"""Galleries that live long stay as short and as quick to open as new ones."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.gallery import sqlite_backend, sqlite_compaction
from tests.gallery.test_forget import RawBytes
from tests.support.galleries import sqlite_of, unit

DIM = 64
ROWS = unit(2000, DIM)


def fresh(path: Path) -> Path:
    """A new gallery of the same people."""
    new = path.with_name("fresh.rostro")
    with rostro.Gallery.open(path) as gallery, rostro.Gallery.open(new, gallery.dim) as copy:
        gallery.export(path.with_name("export.npz"))
        copy.import_(path.with_name("export.npz"))
        assert copy.counts() == gallery.counts()
    return new


def assert_short(path: Path) -> None:
    new = fresh(path)
    size, least = path.stat().st_size, new.stat().st_size
    print(f"{size} bytes, {least} when new: {size / least:.2f}")
    assert size <= 1.5 * least
    assert rostro.gallery.check(path) == rostro.gallery.check(new) == []


def visitors(gallery: rostro.Gallery, count: int, at_once: int) -> None:
    for start in range(0, count, at_once):
        names = [f"visitor-{i}" for i in range(start, start + at_once)]
        gallery.add(
            names, np.roll(ROWS[[i % 1000 for i in range(start, start + at_once)]], start, 1)
        )
        gallery.remove(names)


def rename_all(gallery: rostro.Gallery, times: int) -> None:
    for i in range(times):
        gallery.rename(gallery.names()[i % 200], f"name-{i}")


LIVES: dict[str, Callable[[rostro.Gallery], object]] = {
    "visitors one by one": lambda gallery: visitors(gallery, 1500, 1),
    "visitors in groups": lambda gallery: visitors(gallery, 20_000, 50),
    "visitors all at once": lambda gallery: visitors(gallery, 20_000, 20_000),
    "more and more about people": lambda gallery: [
        gallery.add("p7", ROWS[7], {"a": "x" * i}) for i in range(0, 20_000, 40)
    ],
    "other names": lambda gallery: rename_all(gallery, 2000),
}


@pytest.mark.heavy
@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("key", [None, bytes(32)], ids=["plain", "encrypted"])
def test_a_long_life(tmp_path: Path, life: str, key: bytes | None) -> None:
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM, key=key) as gallery:
        gallery.add([f"p{i}" for i in range(200)], ROWS[:200], {"note": "é"})
        LIVES[life](gallery)
        names, counts = gallery.names(), gallery.counts()
        found = gallery.search(ROWS[:200], k=3)
        assert len(names) == 200
    if key is None:
        assert_short(path)
    assert path.stat().st_size < 200_000
    with rostro.Gallery.open(path, key=key) as gallery:
        assert (gallery.names(), gallery.counts()) == (names, counts)
        assert gallery.search(ROWS[:200], k=3) == found
        assert gallery.metadata("p8" if "p8" in names else names[8]) == {"note": "é"}
    assert rostro.gallery.check(path, key=key) == []


@pytest.mark.heavy
def test_people_who_come_one_by_one(tmp_path: Path) -> None:
    """Their file is like that of a batch: opened in the same number of reads."""
    path = tmp_path / "people.rostro"
    rows = unit(20_000, 32)
    with rostro.Gallery.open(path, 32) as gallery:
        for i, row in enumerate(rows[:3000]):
            gallery.add(f"p{i}", row)
        for start in range(3000, 20_000, 7):
            part = rows[start : start + 7]
            gallery.add([f"p{i}" for i in range(start, start + len(part))], part)
    new = fresh(path)
    assert_short(path)

    def opening(of: Path) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            rostro.Gallery.open(of).close()
            times.append(time.process_time() - start)
        return min(times)

    print(f"opened in {opening(path):.3f} s, {opening(new):.3f} s when new")
    with rostro.Gallery.open(path) as gallery:
        assert gallery.names() == [f"p{i}" for i in range(20_000)]
        records = sqlite_of(gallery)._db.execute("SELECT count(*) FROM person").fetchone()[0]
    assert records <= 1.3 * 20_000 / 128


@pytest.mark.parametrize("key", [None, bytes(32)], ids=["plain", "encrypted"])
def test_who_has_it_open_sees_the_file_that_was_written_anew(
    tmp_path: Path, key: bytes | None
) -> None:
    path = tmp_path / "people.rostro"
    with (
        rostro.Gallery.open(path, DIM, key=key) as first,
        rostro.Gallery.open(path, key=key) as second,
    ):
        first.add([f"p{i}" for i in range(30)], ROWS[:30], {"a": 1})
        assert len(second) == 30
        generation = sqlite_of(second)._reader.generation
        visitors(first, 2000, 1000)
        assert second.names() == first.names() == [f"p{i}" for i in range(30)]
        assert sqlite_of(second)._reader.generation > generation, "written anew"
        second.add("p3", ROWS[40])
        first.rename("p4", "four")
        visitors(second, 2000, 1000)
        first.remove("p5")
        for gallery in (first, second):
            assert gallery.counts()["p3"] == 2 and "p5" not in gallery
            assert gallery.search(ROWS[4], k=1)[0][0].name == "four"
            assert gallery.metadata("four") == {"a": 1}
            assert len(gallery) == 29
    assert rostro.gallery.check(path, key=key) == []


def test_searches_meanwhile(tmp_path: Path) -> None:
    """What a search took before belongs together, whatever numbers people have by now."""
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add(["gone", *(f"p{i}" for i in range(30))], ROWS[1000:1031])
        before = gallery._session.content
        gallery.remove("gone")
        visitors(gallery, 2000, 1000)
        gallery.add("new", ROWS[999])
        assert gallery._session.content is not before
        options = {"score": "best", "rescore": False, "threads": 1}
        (matches,) = before.search(ROWS[1007:1008], 1, 0.9, **options)  # type: ignore[arg-type]
        assert [match.name for match in matches] == ["p6"]
        assert gallery.search(ROWS[1007], k=1)[0][0].name == "p6"


def test_nothing_is_left_of_who_is_forgotten_after_it(tmp_path: Path) -> None:
    """Pages that were given up and moved hold nothing of those who are alive, either."""
    path = tmp_path / "people.rostro"
    rows = unit(400, 128)
    with rostro.Gallery.open(path, 128) as gallery:
        rng = random.Random(5)
        names = [rng.randbytes(16).hex() for i in range(400)]
        gallery.add(names, rows, {"note": "a remark"})
        gallery.remove(names[:300])
        gallery.add("Mary Somerville", rows[0])
        gallery.forget([*names[300:390]])
        after = RawBytes(path)
        assert after.traces(rows[1:390]) == 0
        assert not any(name in after for name in names[:390])
        assert names[395] in after and after.traces(rows[395:396])
        gallery.forget("Mary Somerville")
        after = RawBytes(path)
        assert "Mary Somerville" not in after and after.traces(rows[:1]) == 0


@pytest.mark.heavy
@pytest.mark.processes
def test_killed_while_it_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add([f"p{i}" for i in range(200)], ROWS[:200])
    rng = random.Random(1)
    for _ in range(25):
        child = os.fork()
        if child == 0:
            with rostro.Gallery.open(path) as gallery:
                while True:
                    visitors(gallery, 1000, 500)
        time.sleep(0.02 + 0.1 * rng.random())
        os.kill(child, 9)
        os.waitpid(child, 0)
        with rostro.Gallery.open(path) as gallery:
            gallery.remove([name for name in gallery.names() if name.startswith("visitor")])
            assert gallery.names() == [f"p{i}" for i in range(200)]
            for i in (0, 100, 199):
                assert gallery.search(ROWS[i], k=1)[0][0].name == f"p{i}"
        assert rostro.gallery.check(path) == []
    assert b"visitor" not in path.read_bytes()
    assert_short(path)


def test_a_large_gallery_is_written_anew_when_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_backend, "_MOST_BYTES_MEANWHILE", 0)
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add([f"p{i}" for i in range(20)], ROWS[:20])
        before = gallery._session.content
        visitors(gallery, 4000, 2000)
        assert gallery._session.content is before, "no second copy of it in memory"
    assert_short(path)


def test_it_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk without room for a second copy: the change itself was made."""

    def full(*_: object) -> None:
        raise rostro.errors.WriteError("full")

    monkeypatch.setattr(sqlite_backend, "rewrite", full)
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add([f"p{i}" for i in range(20)], ROWS[:20])
        visitors(gallery, 4000, 2000)
        assert len(gallery) == 20
        gallery.add("ada", ROWS[50])
    assert rostro.gallery.check(path) == []
    monkeypatch.undo()
    with rostro.Gallery.open(path) as gallery:
        assert len(gallery) == 21
        gallery.remove("ada")
    assert_short(path)


@pytest.mark.parametrize("count", [0, 1, 50, 1000, 2000])
def test_the_length_of_a_new_file_is_known(tmp_path: Path, count: int) -> None:
    """So well that no file is written anew again and again."""
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add([f"p{i}" for i in range(count)], ROWS[:count])
        backend, content = sqlite_of(gallery), gallery._session.content
        live = sqlite_compaction.live_bytes(content, backend._slots)
        (pages,) = backend._db.execute("PRAGMA page_count").fetchone()
        print(f"{pages * 4096} bytes, {live} thought")
        assert not sqlite_compaction.is_wasteful(backend._db, live)
        assert count == 0 or live < 1.2 * 4096 * pages
