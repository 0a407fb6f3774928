"""Disks that are full, read-only or without hard links."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import rostro
from rostro.errors import WriteError
from rostro.gallery.sqlite_image import read_only
from tests.support.galleries import files_of, unit

ROWS = unit(1000, 32)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") is not None and os.geteuid() == 0
    if mounted:
        command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    if not mounted:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path, left: int) -> None:
    """Leave so many bytes of a disk."""
    with (folder / "filling").open("wb") as file:
        free = os.statvfs(folder)
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - left)


def make(path: Path) -> None:
    """A gallery whose last changes are in its log, as a lost power leaves it."""
    child = os.fork()
    if child == 0:
        gallery = rostro.Gallery.open(path, 32)
        gallery.add([f"p{i}" for i in range(500)], ROWS[:500])
        gallery.remove("p7")
        gallery.add("ada", ROWS[600], {"note": "é"})
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert Path(f"{path}-wal").stat().st_size > 0


def read_everything(path: Path, export: Path) -> None:
    """All that needs no writing."""
    with rostro.Gallery.open(path) as gallery:
        assert len(gallery) == gallery.count == 500
        assert "p7" not in gallery and gallery.metadata("ada") == {"note": "é"}
        assert gallery.search(ROWS[600], k=1)[0][0].name == "ada"
        gallery.export(export)
        with pytest.raises(WriteError, match=r"nothing\s+was changed"):
            gallery.add([f"q{i}" for i in range(400)], ROWS[:400])
        assert len(gallery) == 500
    assert rostro.gallery.check(path) == []
    copy = rostro.Gallery(32)
    assert copy.import_(export) == 500


@pytest.mark.parametrize("left", [0, 4096, 16384, 40960])
def test_reading_needs_no_room(disk: Path, tmp_path: Path, left: int) -> None:
    path = disk / "people.rostro"
    make(path)
    Path(f"{path}-shm").unlink(missing_ok=True)
    fill(disk, left)
    read_everything(path, tmp_path / "export.npz")
    (disk / "filling").unlink()
    with rostro.Gallery.open(path) as gallery:
        gallery.add("later", ROWS[700])
        assert len(gallery) == 501
    assert files_of(path) == [path], "close closes, and wipes the log"


@pytest.mark.parametrize("log", [False, True], ids=["closed", "with-log"])
def test_reading_from_a_read_only_medium(disk: Path, tmp_path: Path, log: bool) -> None:
    path = disk / "people.rostro"
    make(path)
    if not log:
        rostro.Gallery.open(path).close()
    Path(f"{path}-shm").unlink(missing_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    before = [(file.name, file.stat().st_mtime_ns) for file in files_of(path)]
    read_everything(path, tmp_path / "export.npz")
    assert [(file.name, file.stat().st_mtime_ns) for file in files_of(path)] == before


@pytest.mark.parametrize("left", [0, 4096, 8192, 20480, 32768, 65536, 81920, 131072])
def test_a_gallery_is_made_whole_or_not_at_all(disk: Path, left: int) -> None:
    path = disk / "people.rostro"
    fill(disk, left)
    try:
        rostro.Gallery.open(path, 32).close()
    except WriteError as error:
        assert "cannot create" in str(error) and files_of(path) == [disk / "filling"]
    (disk / "filling").unlink()
    with rostro.Gallery.open(path, 32) as gallery:
        gallery.add("ada", ROWS[0])
    assert rostro.gallery.check(path) == []
    assert files_of(path) == [path]


def test_a_disk_that_fills_up_while_people_come(disk: Path) -> None:
    path = disk / "people.rostro"
    with rostro.Gallery.open(path, 32) as gallery:
        gallery.add("first", ROWS[0])
        fill(disk, 100_000)
        added = 1
        with pytest.raises(WriteError):
            for i in range(1, 1000):
                gallery.add(f"p{i}", ROWS[i])
                added += 1
        assert len(gallery) == gallery.count == added > 1
        gallery.search(ROWS[0])
    (disk / "filling").unlink()
    with rostro.Gallery.open(path) as gallery:
        assert len(gallery) == added
        gallery.add("later", ROWS[999])
    assert rostro.gallery.check(path) == []


def test_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on vfat, exFAT and some network shares."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, 32) as gallery:
        gallery.add("ada", ROWS[0])
    assert files_of(path) == [path]


def test_what_a_killed_maker_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    (tmp_path / ".people.rostro.part").write_bytes(b"half a gallery")
    rostro.Gallery.open(path, 32).close()
    assert files_of(path) == [path]


def test_two_makers_make_one(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    children = []
    for i in range(8):
        child = os.fork()
        if child == 0:
            with rostro.Gallery.open(path, 32, timeout=60) as gallery:
                gallery.add(f"p{i}", ROWS[i])
            os._exit(0)
        children.append(child)
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with rostro.Gallery.open(path) as gallery:
        assert sorted(gallery.names()) == [f"p{i}" for i in range(8)]


def test_a_log_is_read_as_sqlite_reads_it(tmp_path: Path) -> None:
    """Commits, one that was rolled back, an older use of the log behind the newer one."""
    path = tmp_path / "people.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("PRAGMA cache_size = 5")  # so that what is not committed is in the log too
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)")

    def rows(of: sqlite3.Connection) -> list[tuple[int, bytes]]:
        return of.execute("SELECT * FROM t").fetchall()

    for round_ in range(3):
        db.execute("BEGIN")
        db.executemany("INSERT INTO t VALUES (NULL, ?)", [(os.urandom(900),)] * 100)
        db.execute("COMMIT")
        assert rows(read_only(path)) == rows(db)
        db.execute("BEGIN")
        db.execute("UPDATE t SET x = zeroblob(900)")
        copy = tmp_path / f"copy-{round_}.db"
        shutil.copy(path, copy)
        shutil.copy(f"{path}-wal", f"{copy}-wal")
        db.execute("ROLLBACK")
        assert rows(read_only(copy)) == rows(db)
        db.execute("PRAGMA wal_checkpoint(RESTART)")
        db.execute("DELETE FROM t WHERE id % 7 = 0")
        assert rows(read_only(path)) == rows(db)
    db.close()
