"""Exports that somebody made up, to win every search or to exhaust memory."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro.errors import GalleryError
from rostro.gallery import check
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
