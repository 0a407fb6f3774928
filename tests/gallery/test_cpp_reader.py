"""The gallery in C++ reads what Python writes: the same answers, and the same refusals."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.errors import RostroError
from rostro.gallery.identity import EmbedderIdentity
from rostro.gallery.seal import ChecksumSeal
from rostro.types import FloatArray
from tests.gallery.test_crafted_files import RECORDS, put_record
from tests.support.cpp_programs import cpp_program
from tests.support.cpp_reader import PROGRAM, Reader, check_equal, read_once
from tests.support.galleries import raw_bytes, unit
from tests.support.shared import shared_data

pytestmark = pytest.mark.processes

NAMES = ["ada", "Jos\u00e9", "Zoe\u0308", "李小龍", "Zoë \U0001f642", 'a"quote\\d']


@pytest.fixture(autouse=True)
def _is_built() -> None:
    cpp_program(PROGRAM)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "gäl 100%?#&"
    folder.mkdir()
    return folder / "people.rostro"


def around(rows: FloatArray, seed: int = 1) -> FloatArray:
    """Other faces of the same people."""
    other: FloatArray = rows + 0.5 * unit(len(rows), rows.shape[1], seed)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    return other


@pytest.mark.heavy
def test_faces_of_lfw(default_models: object, path: Path) -> None:
    photos = shared_data("lfw") / "images"
    pipeline = rostro.FacePipeline()
    assert pipeline.embedder is not None and pipeline.embedder.threshold is not None
    threshold = pipeline.embedder.threshold
    with rostro.Gallery.open(path, 128, embedder=pipeline.embedder) as gallery:
        queries: list[FloatArray] = []
        for number, folder in enumerate(sorted(photos.iterdir())[:25]):
            for taken, photo in enumerate(sorted(folder.iterdir())[:2]):
                embeddings = pipeline(rostro.load_image(photo)).embeddings
                assert embeddings is not None
                if not taken:
                    gallery.add(f"person {number}", embeddings[:1])
                queries.extend(embeddings)
        asked = np.stack(queries)
        with Reader(path, threshold) as reader:
            check_equal(reader.ask(asked)[:-1], gallery, asked, threshold)
            gallery.remove("person 3")
            gallery.rename("person 4", "Nobody")
            check_equal(reader.ask(asked)[:-1], gallery, asked, threshold)


@pytest.mark.parametrize("dim", [1, 7, 64, 512, 4099])
def test_any_length_of_embeddings(path: Path, dim: int) -> None:
    rows = unit(70, dim)
    with rostro.Gallery.open(path, dim) as gallery:
        gallery.add([NAMES[i % 6] for i in range(60)], rows[:60])
        for k in (1, 5, 100):
            answer = read_once(path, rows, 0.3, k)
            check_equal(answer, gallery, rows, 0.3, k)


def test_it_follows_another_process(path: Path) -> None:
    rows = unit(5200, 64)
    asked = np.concatenate([rows[:20], around(rows[200:220]), rows[5000:5020]])
    with rostro.Gallery.open(path, 64) as gallery, Reader(path) as reader:

        def compare() -> None:
            *answer, counts = reader.ask(asked)
            check_equal(answer, gallery, asked)
            assert counts == {"people": len(gallery), "templates": gallery.count}

        changes: list[Callable[[], object]] = [
            lambda: None,
            lambda: gallery.add("ada", rows[0]),
            lambda: gallery.add([f"p{i % 900}" for i in range(5000)], rows[:5000]),
            lambda: gallery.remove(["ada", "p7", "p8"]),
            lambda: gallery.rename("p1", "Zoë"),
            lambda: gallery.rename("p2", "p7"),
            lambda: gallery.add(["p7", "p8", "new"], rows[5000:5003], {"note": "x" * 300}),
            lambda: gallery.forget("p200"),
            lambda: gallery.add("p8", rows[5003:5020]),
            lambda: gallery.remove([name for name in gallery.names() if name != "Zoë"]),  # VACUUM
            lambda: gallery.add("last", rows[5000:5010]),
        ]
        for change in changes:
            change()
            compare()
            compare()


def test_it_follows_many_random_changes(path: Path) -> None:
    rows, random = unit(3000, 32), np.random.default_rng(4)
    asked = rows[::60].copy()
    with rostro.Gallery.open(path, 32) as gallery, Reader(path) as reader:
        for step in range(120):
            names = gallery.names()
            action = random.choice(["add", "add", "batch", "remove", "rename"])
            if action == "add" or len(names) < 3:
                gallery.add(f"p{random.integers(500)}", rows[random.integers(3000)])
            elif action == "batch":
                which = random.integers(0, 3000, 200)
                gallery.add([f"p{random.integers(500)}" for _ in which], rows[which])
            elif action == "remove":
                gallery.remove(list(random.choice(names, min(len(names) - 1, 90), replace=False)))
            else:
                gallery.rename(str(random.choice(names)), f"q{step}")
            if step % 3 == 0:
                check_equal(reader.ask(asked)[:-1], gallery, asked)


def test_what_a_killed_writer_left_in_its_log_is_read(path: Path) -> None:
    script = (
        "import os, signal, sys, rostro\nfrom tests.support.galleries import unit\n"
        "rostro.Gallery.open(sys.argv[1], 64).add(list('abcdefgh'), unit(8))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, path], timeout=60)
    assert killed.returncode == -signal.SIGKILL and Path(f"{path}-wal").stat().st_size > 0
    answer = read_once(path, unit(8))
    with rostro.Gallery.open(path) as gallery:
        check_equal(answer, gallery, unit(8))


def test_the_file_is_never_written(path: Path) -> None:
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add([f"p{i}" for i in range(500)], unit(500))
        gallery.add("someone-to-forget", unit(1, seed=5))
    before, status = path.read_bytes(), path.stat()
    read_once(path, unit(3))
    assert path.read_bytes() == before and path.stat().st_mtime_ns == status.st_mtime_ns
    with rostro.Gallery.open(path) as gallery, Reader(path) as reader:
        reader.ask(unit(3))
        assert b"someone-to-forget" in raw_bytes(path)
        gallery.forget("someone-to-forget")  # waits for nobody
        assert b"someone-to-forget" not in raw_bytes(path)
        reader.ask(unit(3))
    assert {file.stat().st_mode & 0o777 for file in path.parent.glob("people*")} == {0o600}


def refused(path: Path) -> tuple[int, str]:
    (line,) = read_once(path, unit(1))
    return line["code"], line["error"]


# StatusCode, as status.hpp lists them.
NOT_FOUND, WRONG_FILE, WRONG_EMBEDDER, ENCRYPTED, DAMAGED = 2, 3, 10, 11, 12


def test_what_is_no_gallery(path: Path) -> None:
    folder = path.parent
    assert refused(path) == (NOT_FOUND, f"{path}: no such gallery; Python makes a new one")
    assert refused(folder)[0] == NOT_FOUND
    os.mkfifo(folder / "pipe")
    assert refused(folder / "pipe")[0] == NOT_FOUND
    (folder / "loop").symlink_to(folder / "loop")
    assert refused(folder / "loop")[0] == NOT_FOUND
    for content in (b"", b"SQLite format 3\0", bytes(5000), b"{}" * 80):
        path.write_bytes(content)
        assert refused(path) == (WRONG_FILE, f"{path}: not a gallery")
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE header (cipher TEXT)")
    db.close()
    before = sorted(folder.iterdir())
    assert refused(path) == (WRONG_FILE, f"{path}: an SQLite database, but not a gallery")
    assert sorted(folder.iterdir()) in (before, sorted([*before, folder / "queries.f32"]))
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA application_id = {0x526F7374}")
        db.execute("PRAGMA user_version = 7")
    db.close()
    assert refused(path)[0] == WRONG_FILE and "of format 7" in refused(path)[1]


def test_a_link_is_followed(path: Path) -> None:
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add(["ada", "bob"], unit(2))
        link = path.with_name("link.rostro")
        link.symlink_to(path)
        check_equal(read_once(link, unit(2)), gallery, unit(2))


def test_an_encrypted_one_is_refused_with_what_to_do(path: Path) -> None:
    pytest.importorskip("cryptography")
    rostro.Gallery.open(path, 64, key=bytes(32)).close()
    code, message = refused(path)
    assert code == ENCRYPTED and "open it in Python with its key" in message


def test_embedders_are_read(path: Path) -> None:
    made_by = EmbedderIdentity("nét \u2028 \U0001f642", "1", "arcface", "points (version 2)")
    with rostro.Gallery.open(path, 64, embedder=made_by) as gallery:
        gallery.add("ada", unit(1))
        check_equal(read_once(path, unit(1)), gallery, unit(1))


HEADERS = [b"", b"{}", b"[]", b'{"dim": 64}', b'{"dim": 64.0, "embedders": []}', b"\xff"]
HEADERS += [b'{"dim": %s, "embedders": []}' % dim for dim in (b"0", b"65537", b"true", b'"64"')]
HEADERS += [b'{"dim": 64, "embedders": %s}' % each for each in (b"{}", b"[1]", b"[{}]", b"null")]
HEADERS += [b'{"dim": 64, "embedders": [{"name": "a", "version": "b", "template": 1}]}']
HEADERS += [b'{"dim": 64, "embedders": [], "more": 1}', b"[" * 100_000]


def same_refusal(path: Path) -> None:
    """Damage for both, or for neither."""
    copy = path.with_name("copy.rostro")
    shutil.copy(path, copy)
    (*_, last) = read_once(path, unit(5))
    try:
        with rostro.Gallery.open(copy) as gallery:
            check_equal(read_once(path, unit(5)), gallery, unit(5))
    except RostroError as error:
        assert "error" in last, (error, last)
        assert last["code"] in (WRONG_FILE, DAMAGED), (error, last)
        same_words = ": damaged" in str(error)
        assert (": damaged" in last["error"]) == same_words, (error, last)


@pytest.fixture
def ten(path: Path) -> Path:
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add([f"p{i}" for i in range(10)], unit(10))
    return path


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:60].decode("latin-1"))
def test_headers_that_nobody_can_have_written(ten: Path, header: bytes) -> None:
    db = sqlite3.connect(ten, isolation_level=None)
    db.execute("UPDATE header SET record = ?", (ChecksumSeal().seal_record(0, header),))
    db.close()
    assert refused(ten)[0] == DAMAGED
    same_refusal(ten)


@pytest.mark.parametrize("record", RECORDS)
def test_people_that_nobody_can_have_written(ten: Path, record: str) -> None:
    put_record(ten, RECORDS[record])
    assert refused(ten)[0] == DAMAGED
    same_refusal(ten)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM header",
        "UPDATE header SET cipher = 'rot13'",
        "UPDATE header SET record = 'text'",
        "UPDATE block SET slots = zeroblob(length(slots))",
        "UPDATE block SET slots = zeroblob(10)",
        "UPDATE block SET slots = 'text'",
        "UPDATE block SET id = 1",
        "UPDATE block SET id = -1",
        "UPDATE block_state SET id = 1 << 40",
        "UPDATE block_state SET count = count - 1",
        "UPDATE block_state SET count = 'many'",
        "UPDATE block_state SET change = 0",
        "DELETE FROM block_state",
        "DELETE FROM block",
        "DELETE FROM person",
        "UPDATE person SET id = 2",
        "UPDATE person SET record = 7",
        "INSERT INTO person_rewritten VALUES (1, 'x')",
        "DROP TABLE person_rewritten",
        "CREATE TABLE more (id)",
    ],
)
def test_tables_that_nobody_can_have_written(ten: Path, statement: str) -> None:
    db = sqlite3.connect(ten, isolation_level=None)
    db.execute(statement)
    db.close()
    assert refused(ten)[0] == DAMAGED
    same_refusal(ten)


def test_damage_that_comes_later_leaves_what_was_read(ten: Path) -> None:
    with Reader(ten) as reader:
        before = reader.ask(unit(5))
        db = sqlite3.connect(ten, isolation_level=None)
        db.execute("UPDATE block_state SET count = 3, change = change + 1")
        problem, numbers = reader.ask(unit(5))
        assert problem["code"] == DAMAGED and numbers == before[-1]
        db.execute("UPDATE block_state SET count = 10, change = change + 1")
        db.close()
        assert reader.ask(unit(5)) == before


@pytest.mark.heavy
def test_altered_bytes_are_refused_or_make_no_difference(path: Path) -> None:
    with rostro.Gallery.open(path, 64) as gallery:
        gallery.add([f"person-{i % 300}" for i in range(400)], unit(400))
    whole, random = path.read_bytes(), np.random.default_rng(8)
    for _ in range(60):
        altered = bytearray(whole)
        for place in random.integers(0, len(altered), random.integers(1, 4)):
            altered[place] ^= int(random.integers(1, 256))
        cut_short = random.random() < 0.2
        path.write_bytes(altered[: random.integers(len(altered)) if cut_short else None])
        for log in ("-wal", "-shm"):
            Path(f"{path}{log}").unlink(missing_ok=True)
        same_refusal(path)
