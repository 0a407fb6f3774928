"""Exports and files that somebody made up, to win every search or to exhaust memory."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro.errors import GalleryCorruptError, GalleryError, RostroError
from rostro.gallery import check
from rostro.gallery.seal import ChecksumSeal
from rostro.gallery.slots import SlotFormat
from rostro.gallery.snapshot import Rows
from rostro.gallery.templates import are_templates
from tests.support.galleries import unit

DIM = 64
ROWS = unit(20, DIM)
Arrays = dict[str, Any]


@pytest.mark.parametrize("dim", [1, 2, 7, 128, 512, 4096])
def test_what_can_be_added_is_a_template(dim: int) -> None:
    """Whatever its numbers are like, up to the norm that is let through."""
    rng = np.random.default_rng(dim)
    spread = rng.standard_normal((3000, dim)) * 10 ** rng.uniform(-6, 0, (3000, dim))
    rows = np.concatenate([rng.standard_normal((3000, dim)), spread])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows *= rng.uniform(0.9991, 1.0009, (6000, 1))
    codes, scales = rostro.quantize_embeddings(rows.astype(np.float32))
    people = np.ones(6000, np.uint32)
    assert are_templates(Rows(people, scales, codes)).all()
    for factor in (1.1, 0.9) if dim > 2 else (1.2, 0.8):
        wrong = are_templates(Rows(people, scales * np.float32(factor), codes))
        # Where one number is all there is, half a step of the others is much.
        assert wrong.mean() < 0.1, (dim, factor)
    for scale in (0, -1, 1e-20, 1e6, 1e13, np.nan, np.inf, -np.inf):
        assert not are_templates(Rows(people, np.full(6000, scale, np.float32), codes)).any()


def exported(tmp_path: Path) -> Arrays:
    gallery = rostro.Gallery(DIM)
    gallery.add([f"p{i}" for i in range(10)], ROWS[:10], {"a": 1})
    gallery.export(tmp_path / "export.npz")
    with np.load(tmp_path / "export.npz") as arrays:
        return dict(arrays)


def document(arrays: Arrays, change: Callable[[Any], object]) -> Arrays:
    value = json.loads(arrays["document"].tobytes())
    change(value)
    return arrays | {"document": np.frombuffer(json.dumps(value).encode(), np.uint8)}


def at(arrays: Arrays, name: str, index: Any, value: Any) -> Arrays:
    changed = arrays[name].copy()
    changed[index] = value
    return arrays | {name: changed}


WRONG: dict[str, Callable[[Arrays], Arrays]] = {
    "scale 1e6": lambda a: at(a, "scales", 3, 1e6),
    "scale -1": lambda a: at(a, "scales", 3, -1),
    "scale 0": lambda a: at(a, "scales", 3, 0),
    "scale nan": lambda a: at(a, "scales", 3, np.nan),
    "scale inf": lambda a: at(a, "scales", 3, np.inf),
    "twice as long": lambda a: at(a, "scales", 3, 2 * a["scales"][3]),
    "no codes": lambda a: at(a, "codes", 3, 0),
    "code -128": lambda a: at(a, "codes", (3, 5), -128),
    "person": lambda a: at(a, "person", 3, 10),
    "big person": lambda a: at(a, "person", 3, 2**32 - 1),
    "short scales": lambda a: a | {"scales": a["scales"][:-1]},
    "short people": lambda a: a | {"person": a["person"][:-1]},
    "dtype": lambda a: a | {"codes": a["codes"].astype(np.int16)},
    "float64": lambda a: a | {"scales": a["scales"].astype(np.float64)},
    "signed": lambda a: a | {"person": a["person"].astype(np.int32)},
    "order": lambda a: a | {"codes": np.asfortranarray(a["codes"])},
    "one dimension": lambda a: a | {"codes": a["codes"].ravel()},
    "pickle": lambda a: a | {"codes": np.array([{}, []], object)},
    "no document": lambda a: {k: v for k, v in a.items() if k != "document"},
    "no JSON": lambda a: a | {"document": np.frombuffer(b"{", np.uint8)},
    "a list": lambda a: a | {"document": np.frombuffer(b"[]", np.uint8)},
    "deep": lambda a: a | {"document": np.frombuffer(b"[" * 100_000, np.uint8)},
    "many digits": lambda a: a | {"document": np.frombuffer(b"9" * 5000, np.uint8)},
    "format": lambda a: document(a, lambda d: d.update(format=2)),
    "names": lambda a: document(a, lambda d: d["people"][3].update(name=["x"])),
    "empty name": lambda a: document(a, lambda d: d["people"][3].update(name="")),
    "control": lambda a: document(a, lambda d: d["people"][3].update(name="a\x1b[2J")),
    "surrogate": lambda a: document(a, lambda d: d["people"][3].update(name="\ud800")),
    "long name": lambda a: document(a, lambda d: d["people"][3].update(name="x" * 2000)),
    "metadata": lambda a: document(a, lambda d: d["people"][3].update(metadata=[1])),
    "not finite": lambda a: document(a, lambda d: d["people"][3].update(metadata={"a": np.inf})),
    "big metadata": lambda a: document(
        a, lambda d: d["people"][3].update(metadata={"a": "x" * 2**21})
    ),
    "deep metadata": lambda a: document(
        a, lambda d: d["people"][3].update(metadata={"a": deep(300)})
    ),
    "no people": lambda a: document(a, lambda d: d.update(people=None)),
    "embedder": lambda a: document(a, lambda d: d.update(embedders=[{"name": 1}])),
    "embedders": lambda a: document(
        a, lambda d: d.update(embedders=[{"name": 1, "version": 2, "template": 3}])
    ),
}


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("wrong", WRONG)
def test_an_export_is_checked_like_what_is_added(tmp_path: Path, wrong: str) -> None:
    np.savez(tmp_path / "wrong.npz", **WRONG[wrong](exported(tmp_path)))
    path = tmp_path / "people.rostro"
    with rostro.Gallery.open(path, DIM) as gallery:
        gallery.add("ada", ROWS[15])
        with pytest.raises(GalleryError, match=r"wrong\.npz"):
            gallery.import_(tmp_path / "wrong.npz")
        assert gallery.names() == ["ada"], "nothing of it came in"
        gallery.import_(tmp_path / "export.npz")
        assert len(gallery) == 11
    assert check(path) == []


def member(data: bytes, **of: Any) -> bytes:
    """A zip file with one member called codes.npy, whose directory says what is not so."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", of.pop("compression", zipfile.ZIP_STORED)) as archive:
        archive.writestr("codes.npy", data)
        for name, value in of.items():
            setattr(archive.getinfo("codes.npy"), name, value)
    return file.getvalue()


def array(shape: tuple[int, ...], data: bytes = b"") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(  # type: ignore[no-untyped-call]
        file, {"descr": "|i1", "fortran_order": False, "shape": shape}
    )
    return file.getvalue() + data


def test_bombs_and_damaged_zip_files_are_refused_at_once(tmp_path: Path) -> None:
    """No more memory is taken than the file is long."""
    path = tmp_path / "wrong.npz"
    files = {
        "compressed": member(
            array((1 << 26, 1)) + bytes(1 << 26), compression=zipfile.ZIP_DEFLATED
        ),
        "shape": member(array((1 << 40, 512), b"x" * 100)),
        "size": member(array((1 << 40, 512), b"x" * 100), file_size=1 << 49),
        "encrypted": member(array((1, 1), b"x"), flag_bits=1),
        "method": member(array((1, 1), b"x"), compress_type=99),
        "crc": member(array((1, 1), b"x"), CRC=7),
        "offset": member(array((1, 1), b"x"), header_offset=1 << 20),
    }
    gallery = rostro.Gallery(DIM)
    for name, data in files.items():
        path.write_bytes(data)
        tracemalloc.start()
        with pytest.raises(GalleryError, match=r"wrong\.npz"):
            gallery.import_(path)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 << 20, name


# Gallery files


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
    *(
        json.dumps({"dim": 64, "embedders": embedders}).encode()
        for embedders in (None, "x", [1], [{}], [{"name": 1, "version": 2, "template": 3}])
    ),
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
