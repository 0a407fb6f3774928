"""What was acknowledged survives; what failed has changed nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rostro
from rostro.errors import GalleryBusyError, WriteError
from rostro.gallery.sqlite_backend import SQLiteBackend
from tests.support.galleries import files_of, unit
from tests.support.gallery_writer import ROWS

State = dict[str, list[int]]  # rows by name
KILLS = 200
NO_OTHER_USER = 77  # exit status


def after(state: State, change: list[Any]) -> State:
    """The state after a change."""
    new = {name: [*rows] for name, rows in state.items()}
    if change[0] == "add":
        for name, row in zip(change[1], change[2], strict=True):
            rows = new.setdefault(name, [])
            rows += [row] * (row not in rows)  # an equal template is not added again
    elif change[0] == "rename":
        new = {change[2] if name == change[1] else name: rows for name, rows in new.items()}
    else:
        for name in change[1]:
            del new[name]
    return new


def is_in(state: State, gallery: rostro.Gallery) -> bool:
    """Whether the gallery holds this and nothing else."""
    if gallery.names() != [*state] or gallery.counts() != {n: len(r) for n, r in state.items()}:
        return False
    owners: dict[int, Counter[str]] = {}
    for name, rows in state.items():
        for row in rows:
            owners.setdefault(row, Counter())[name] += 1
    for row, matches in zip(owners, gallery.search(ROWS[[*owners]], k=5), strict=True):
        near = {match.name for match in matches if match.similarity > 0.95}
        assert near == set([*owners[row]][:5]) or len(owners[row]) > 5
    return True


@pytest.fixture
def writer() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.gallery_writer"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        yield process
        process.terminate()


@pytest.mark.heavy
@pytest.mark.processes
def test_a_writer_is_killed_at_random(writer: subprocess.Popen[str], tmp_path: Path) -> None:
    assert writer.stdin is not None and writer.stdout is not None
    seed = int(time.time())
    print(f"seed {seed}")
    rng = random.Random(seed)
    state: State = {}
    acknowledged = in_flight = survived = 0
    for kill in range(KILLS):
        if kill % 20 == 0:  # a new gallery, so that its making is interrupted too
            state, path = {}, tmp_path / f"{kill}" / "people.rostro"
            path.parent.mkdir()
        writer.stdin.write(f"{rng.getrandbits(32)} {path}\n")
        lines: list[str] = []
        while not (lines and lines[-1].startswith("pid ")):  # the child may be faster
            lines.append(writer.stdout.readline())
        pid = int(lines[-1].removeprefix("pid "))
        # Counted in changes, not in time alone: on a busy machine all kills would come too early.
        changes = rng.choice([0, 1, 1, 2, 5])
        while sum(line.startswith("try ") for line in lines) < changes:
            lines.append(writer.stdout.readline())
        time.sleep(rng.choice([0.001, 0.01, 0.05]) * rng.random())
        os.kill(pid, signal.SIGKILL)
        while lines[-1] != "end\n":
            lines.append(writer.stdout.readline())
        trying: list[Any] | None = None
        for line in lines:
            assert not line.startswith("failed"), line
            if line.startswith("try ") and line.endswith("]\n"):
                trying = json.loads(line.removeprefix("try "))
            elif line == "done\n":
                assert trying is not None
                state, trying = after(state, trying), None
                acknowledged += 1
        if not path.exists():
            assert not state
            continue
        if kill % 3 == 0:
            assert rostro.gallery.check(path) == []
        with rostro.Gallery.open(path) as gallery:
            if trying is not None:
                in_flight += 1
                if is_in(after(state, trying), gallery):
                    state = after(state, trying)
                    survived += 1
            assert is_in(state, gallery), f"kill {kill}"
    print(
        f"{KILLS} kills, {acknowledged} changes acknowledged, {in_flight} interrupted, of which "
        f"{survived} are in the file"
    )
    assert acknowledged > KILLS // 2 and in_flight > KILLS // 4


def database_of(gallery: rostro.Gallery) -> sqlite3.Connection:
    backend = gallery._session._backend
    assert isinstance(backend, SQLiteBackend)
    return backend._db


def test_every_commit_is_synchronised(tmp_path: Path) -> None:
    """What SQLite documents to survive the loss of power: a log, synchronised with each commit."""
    with rostro.Gallery.open(tmp_path / "people.rostro", 64) as gallery:
        db = database_of(gallery)
        for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("fullfsync", 1)):
            assert db.execute(f"PRAGMA {pragma}").fetchone() == (value,)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add([f"p{i}" for i in range(200)], unit(200))
    return path


def test_disk_full(filled: Path) -> None:
    with rostro.Gallery.open(filled) as gallery:
        db = database_of(gallery)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 2}")  # what a full disk does
        with pytest.raises(WriteError, match="disk is full; nothing was changed"):
            gallery.add([f"q{i}" for i in range(5000)], unit(5000, seed=1))
        assert len(gallery) == gallery.count == 200
        gallery.add("one more fits", unit(1, seed=2))
        assert gallery.search(unit(1, seed=2))[0][0].name == "one more fits"
    assert rostro.gallery.check(filled) == []
    with rostro.Gallery.open(filled) as gallery:
        assert gallery.counts() == {f"p{i}": 1 for i in range(200)} | {"one more fits": 1}


def test_a_read_only_file() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's can be entered by its user alone
        path = Path(folder) / "people.rostro"
        with rostro.Gallery.open(path, 64) as gallery:
            gallery.add("p0", unit(1))
        path.chmod(0o444)
        path.parent.chmod(0o777)
        child = os.fork()
        if child == 0:  # as root may write everything, somebody else tries
            try:
                try:
                    if os.geteuid() == 0:
                        os.setuid(65534)
                except OSError:  # a user namespace with root alone
                    os._exit(NO_OTHER_USER)
                with rostro.Gallery.open(path) as gallery:
                    assert gallery.search(unit(1))[0][0].name == "p0"
                    with pytest.raises(WriteError, match=r"read-only; nothing\s+was changed"):
                        gallery.add("ada", unit(1))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == NO_OTHER_USER:
            pytest.skip("there is no user here but root")
        assert code == 0


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="cannot create"):
        rostro.Gallery.open(tmp_path / "none" / "people.rostro", 64)


def test_nothing_is_left_of_a_gallery_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    path = tmp_path / "people.rostro"
    with pytest.raises(WriteError, match="No space left"):
        rostro.Gallery.open(path, 64)
    assert files_of(path) == []


def test_locked_by_another_writer(filled: Path) -> None:
    other = sqlite3.connect(filled, isolation_level=None)
    with rostro.Gallery.open(filled, timeout=0.2) as gallery:
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        with pytest.raises(GalleryBusyError, match=r"writing for 0\.2 s"):
            gallery.remove("p0")
        assert 0.15 < time.monotonic() - start < 5
        assert gallery.search(unit(1))[0][0].name == "p0", "searches need no lock"
        other.execute("ROLLBACK")
        gallery.remove("p0")
        assert len(gallery) == 199


def test_the_timeout_is_waited_for(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself does not wait for the checkpoint of another connection: it fails at once."""
    calls = []

    def busy(db: sqlite3.Connection) -> bool:
        calls.append(db)
        return len(calls) > 5

    with rostro.Gallery.open(filled, timeout=60) as gallery:
        monkeypatch.setattr("rostro.gallery.sqlite_backend.wipe_log", busy)
        gallery.forget("p0")
        assert len(calls) == 6


@pytest.mark.heavy
@pytest.mark.processes
def test_forgetting_while_others_write_and_forget(filled: Path) -> None:
    script = """
import sys, rostro
from tests.support.galleries import unit
path, name = sys.argv[1:]
with rostro.Gallery.open(path, timeout=60) as gallery:
    for i in range(60):
        gallery.add(f"{name}-{i}", unit(1))
        gallery.forget(f"{name}-{i}")
"""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", script, filled, name], cwd=Path(__file__).parents[2]
        )
        for name in ("a", "b", "c")
    ]
    assert [worker.wait(300) for worker in workers] == [0, 0, 0]
    with rostro.Gallery.open(filled) as gallery:
        assert len(gallery) == 200


def test_a_reader_keeps_the_log_from_being_wiped(filled: Path) -> None:
    other = sqlite3.connect(filled, isolation_level=None)
    with rostro.Gallery.open(filled, timeout=0.2) as gallery:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM person").fetchone()
        with pytest.raises(GalleryBusyError, match="old copies are left"):
            gallery.forget("p0")
        assert "p0" not in gallery, "forgotten by everybody but the log"
        other.execute("ROLLBACK")
        gallery.forget("p1")
    other.close()
    assert len(files_of(filled)) == 1
