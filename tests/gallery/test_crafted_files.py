"""Gallery files that somebody made up, to win every search or to exhaust memory."""

from __future__ import annotations

import json
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro.errors import GalleryCorruptError, RostroError
from rostro.gallery import check
from rostro.gallery.seal import ChecksumSeal
from rostro.gallery.slots import SlotFormat
from rostro.gallery.snapshot import Rows
from tests.support.galleries import unit

DIM = 64
ROWS = unit(20, DIM)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add([f"p{i}" for i in range(10)], ROWS[:10], {"a": 1})
    return path


def put_template(path: Path, position: int, **of: Any) -> None:
    """Replace a template, with a right checksum."""
    slots = SlotFormat(DIM, ChecksumSeal())
    db = sqlite3.connect(path, isolation_level=None)
    (block,) = db.execute("SELECT slots FROM block").fetchone()
    where = np.array([position])
    old = np.frombuffer(block, np.uint8).reshape(-1, slots.size)[position : position + 1]
    _, rows, whole = slots.unpack(where, old)
    assert whole.all()
    person, scale, codes = of.get("person"), of.get("scale"), of.get("codes")
    new = Rows(
        rows.people if person is None else np.array([person], np.uint32),
        rows.scales if scale is None else np.array([scale], np.float32),
        rows.codes if codes is None else np.full((1, DIM), codes, np.int8),
    )
    packed = slots.pack(where, new).tobytes()
    start = position * slots.size
    block = block[:start] + packed + block[start + len(packed) :]
    db.execute("UPDATE block SET slots = ?", (block,))
    db.close()


@pytest.mark.parametrize(
    "of",
    [{"scale": value} for value in (1e6, -1, 0, 1e13, np.nan, np.inf, 1e-30)]
    + [{"codes": 0}, {"codes": -128}, {"codes": 127}]
    + [{"person": value} for value in (0, 11, 400_000_000, 2**32 - 1)],
    ids=str,
)
def test_templates_that_nobody_can_have_added(path: Path, of: dict[str, Any]) -> None:
    put_template(path, 3, **of)
    with pytest.raises(GalleryCorruptError, match="1 of 10 templates of block 0"):
        rostro.Gallery.open(path)
    assert check(path) == ["1 of 10 templates of block 0", "all templates of 1 of the people"]
    with rostro.Gallery.open(path, salvage=True) as gallery:
        assert gallery.count == 9 and gallery.counts()["p3"] == 0
        for i in (0, 5, 9):
            assert gallery.search(ROWS[i], k=1)[0][0].name == f"p{i}"
        gallery.export(path.parent / "saved.npz")
    saved = rostro.Gallery(DIM)
    assert saved.import_(path.parent / "saved.npz") == 9


def people(*of: tuple[int, bytes, bytes], count: int | None = None) -> bytes:
    numbers, names, metadata = zip(*of, strict=True)
    count = len(of) if count is None else count
    table = [*numbers, *map(len, names), *map(len, metadata)]
    return struct.pack(f"<{1 + len(table)}I", count, *table) + b"".join(names + metadata)


RECORDS: dict[str, bytes] = {
    "a number of 4e8": people((400_000_000, b"x", b"")),
    "the last number": people((2**32 - 1, b"x", b"")),
    "a number of 129": people((129, b"x", b"")),
    "nobody": people((0, b"x", b"")),
    "twice": people((1, b"x", b""), (1, b"y", b"")),
    "cut short": people((1, b"x", b""))[:9],
    "no bytes": b"",
    "a count of 4e9": people((1, b"x", b""), count=2**32 - 1),
    "a count too many": people((1, b"x", b""), count=2),
    "a long name": people((1, b"x" * 70_000, b"")),
    "names cut short": people((1, b"x" * 900, b""))[:-100],
    "no UTF-8": people((1, b"\xff\xfe", b"")),
    "half a letter": people((1, b"\xc3", b""), (2, b"\xa9", b"")),
    "surrogate": people((1, b"\xed\xa0\x80", b"")),
    "control": people((1, b"a\x00b", b"")),
    "C1 control": people((1, "a\x9b2J".encode(), b"")),
}


def put_record(path: Path, data: bytes, id_: int = 1) -> None:
    """Replace the record of people, with a right checksum."""
    db = sqlite3.connect(path, isolation_level=None)
    record = ChecksumSeal().seal_record(id_, data)
    db.execute("UPDATE person SET id = ?, record = ?", (id_, record))
    db.close()


@pytest.mark.heavy
@pytest.mark.processes
@pytest.mark.parametrize("record", RECORDS)
def test_records_that_nobody_can_have_written(path: Path, record: str) -> None:
    put_record(path, RECORDS[record])
    limited(path)


def limited(path: Path) -> None:
    """In a process with little memory: opening, checking and salvaging end in rostro's errors."""
    script = """
import resource, sys, rostro
from tests.support.galleries import unit
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (700 << 20), -1))
path = sys.argv[1]
try:
    rostro.Gallery.open(path)
except rostro.errors.GalleryCorruptError as error:
    print("corrupt:", error)
assert rostro.gallery.check(path)
try:
    with rostro.Gallery.open(path, salvage=True) as gallery:
        gallery.search(unit(3), 2)
        gallery.counts()
        gallery.export(path + ".npz")
except rostro.errors.GalleryCorruptError as error:
    print("beyond help:", error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, path],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("corrupt:")


@pytest.mark.heavy
@pytest.mark.processes
@pytest.mark.parametrize("id_", [2, 1 << 40, (1 << 62) + 1])
def test_records_in_places_that_cannot_be(path: Path, id_: int) -> None:
    put_record(path, people((100_000, b"x", b"")), id_)
    limited(path)


@pytest.mark.parametrize("metadata", [b"{", b"[]", b'{"a": NaN}', b"[" * 50_000, b'"\xff"'])
def test_metadata_that_nobody_can_have_given(path: Path, metadata: bytes) -> None:
    """They are decoded when they are asked for, so that opening does not take longer."""
    put_record(path, people(*((i, f"p{i - 1}".encode(), metadata) for i in range(1, 11))))
    with rostro.Gallery.open(path) as gallery:
        assert gallery.search(ROWS[3], k=1)[0][0].name == "p3"
        with pytest.raises(GalleryCorruptError, match="metadata"):
            gallery.metadata("p3")
        with pytest.raises(GalleryCorruptError, match="metadata"):
            gallery.export(path.parent / "export.npz")
    assert any("metadata" in line for line in check(path))


_EMBEDDERS: tuple[object, ...] = (
    *(None, "x", [1], [{}]),
    [{"name": 1, "version": 2, "template": 3}],
)
HEADERS: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b"[" * 100_000,
    *(
        json.dumps({"dim": dim, "embedders": []}).encode()
        for dim in ("64", 0, -1, 65537, 1e3, None, True, 10**30)
    ),
    *(json.dumps({"dim": 64, "embedders": embedders}).encode() for embedders in _EMBEDDERS),
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header[:40]))
def test_headers_that_nobody_can_have_written(path: Path, header: bytes) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("UPDATE header SET record = ?", (ChecksumSeal().seal_record(0, header),))
    db.close()
    with pytest.raises(GalleryCorruptError, match="its header"):
        rostro.Gallery.open(path)
    assert check(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE block_state SET change = 9223372036854775807",
        "UPDATE block_state SET count = 9223372036854775807",
        "UPDATE block_state SET count = -9223372036854775808",
        "UPDATE block_state SET count = 'x'",
        "UPDATE block_state SET id = 4611686018427387904",
        "UPDATE block SET id = 4611686018427387904",
        "UPDATE block SET id = -1",
        "UPDATE block SET slots = zeroblob(10)",
        "UPDATE block SET slots = 'x'",
        "UPDATE person SET record = 'x'",
        "UPDATE person SET id = -1",
        "INSERT INTO person VALUES (9223372036854775807, x'00')",
        "INSERT INTO person_rewritten VALUES (1, 9223372036854775807)",
        "INSERT INTO person_rewritten VALUES (77, 1)",
        "DELETE FROM header",
        "UPDATE header SET record = 'x'",
        "UPDATE header SET cipher = 'rot13'",
    ],
)
def test_tables_that_nobody_can_have_written(path: Path, statement: str) -> None:
    """Rostro's own errors, or nothing at all where it makes no difference."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(statement)
    db.close()
    check(path)
    for salvage in (False, True):
        try:
            with rostro.Gallery.open(path, salvage=salvage) as gallery:
                gallery.search(ROWS, 2)
                if not salvage:
                    gallery.add("ada", ROWS[15])
                    gallery.remove("p3")
        except RostroError as error:
            assert str(path) in str(error)
