"""Damage is noticed, whatever byte it hits; what is whole can be saved."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rostro
from rostro.errors import (
    ExtraNotInstalledError,
    FileMissingError,
    GalleryCorruptError,
    GalleryError,
    GalleryKeyError,
    RostroError,
)
from rostro.gallery import check
from tests.support.galleries import unit

KEY = bytes(range(32))
ROWS = unit(400, 64)
NAMES = [f"person-{i % 300}" for i in range(400)]

Content = tuple[list[str], dict[str, int], list[list[rostro.Match]]]


def content(gallery: rostro.Gallery) -> Content:
    return gallery.names(), gallery.counts(), gallery.search(ROWS, k=2)


def make(path: Path, key: bytes | None) -> Content:
    with rostro.Gallery.open(path, 64, key=key) as gallery:
        gallery.add(NAMES, ROWS)
        gallery.add("ada", unit(1, 64, 1), {"note": "remark " * 1000})
        gallery.remove("person-7")
        gallery.rename("person-8", "eight")
        return content(gallery)


@dataclass(repr=False)
class Original:
    path: Path
    key: bytes | None
    content: Content


@pytest.fixture(scope="module", params=[None, KEY], ids=["plain", "encrypted"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Original:
    path = tmp_path_factory.mktemp("original") / "people.rostro"
    return Original(path, request.param, make(path, request.param))


@pytest.mark.heavy
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_an_altered_byte_is_an_error_or_makes_no_difference(
    original: Original, tmp_path: Path, data: st.DataObject
) -> None:
    key, expected = original.key, original.content
    altered = bytearray(original.path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(altered) - 1))
        altered[place] ^= data.draw(st.integers(1, 255))
    copy = tmp_path / "copy.rostro"
    copy.write_bytes(altered)
    for log in ("-wal", "-shm"):
        Path(f"{copy}{log}").unlink(missing_ok=True)
    try:
        with rostro.Gallery.open(copy, key=key) as gallery:
            found = content(gallery)
    except RostroError as error:
        assert str(copy) in str(error)
        with_salvage(copy, key, expected)
        return
    assert found == expected


def with_salvage(path: Path, key: bytes | None, expected: Content) -> None:
    """What can be saved is right; it may be less than there was."""
    _, counts, _ = expected
    try:
        with rostro.Gallery.open(path, key=key, salvage=True) as gallery:
            for name, count in gallery.counts().items():
                assert count <= counts[name]
            for matches, name in zip(gallery.search(ROWS, k=1), NAMES, strict=True):
                for match in matches:
                    assert match.similarity < 0.9 or match.name in (name, "eight")
    except RostroError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize("size", [0, 1, 4096, 50_000])
def test_a_file_cut_short(original: Original, tmp_path: Path, size: int) -> None:
    copy = tmp_path / "copy.rostro"
    copy.write_bytes(original.path.read_bytes()[:size])
    with pytest.raises(GalleryError, match=r"copy\.rostro"):
        rostro.Gallery.open(copy, key=original.key)


def test_a_schema_that_is_no_text(original: Original, tmp_path: Path) -> None:
    copy = tmp_path / "copy.rostro"
    copy.write_bytes(original.path.read_bytes().replace(b"(id INTEGER", b"(\xffd INTEGER"))
    with pytest.raises(GalleryCorruptError, match=r"copy\.rostro: damaged: its schema"):
        rostro.Gallery.open(copy, key=original.key)


def test_what_is_whole_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    make(path, None)
    codes, _ = rostro.quantize_embeddings(ROWS)
    damaged = bytearray(path.read_bytes())
    place = damaged.find(codes[142].tobytes()[:20])
    damaged[place + 3] ^= 1
    path.write_bytes(damaged)

    with pytest.raises(GalleryCorruptError, match=r"1 of \d+ templates.*--salvage"):
        rostro.Gallery.open(path)
    template, person = check(path)
    assert template.startswith("1 of") and person == "all templates of 1 of the people"
    with rostro.Gallery.open(path, salvage=True) as gallery:
        assert gallery.counts()["person-142"] == 0
        assert gallery.count == 400 + 1 - 2 - 1
        with pytest.raises(GalleryError, match="salvage"):
            gallery.add("bob", ROWS[0])
        gallery.export(tmp_path / "saved.npz")
    mended = rostro.Gallery(64)
    mended.import_(tmp_path / "saved.npz")
    assert mended.count == 398 and "person-142" not in mended
    assert mended.metadata("ada") == {"note": "remark " * 1000}


@pytest.mark.parametrize("page", range(2, 16))
def test_a_lost_page(tmp_path: Path, page: int) -> None:
    path = tmp_path / "people.rostro"
    _, counts, _ = make(path, None)
    damaged = bytearray(path.read_bytes())
    damaged[4096 * (page - 1) : 4096 * page] = bytes(4096)
    path.write_bytes(damaged)
    with pytest.raises(GalleryCorruptError, match="damaged"):
        rostro.Gallery.open(path)
    assert check(path)
    try:
        with rostro.Gallery.open(path, salvage=True) as gallery:
            saved = gallery.counts()
    except GalleryCorruptError:
        return  # the page of the header
    assert all(count <= counts[name] for name, count in saved.items())


def test_wrong_missing_and_needless_keys(tmp_path: Path) -> None:
    path, plain = tmp_path / "people.rostro", tmp_path / "plain.rostro"
    make(path, KEY)
    make(plain, None)
    for key, cause in ((bytes(32), "not its key"), (None, "is encrypted")):
        with pytest.raises(GalleryKeyError, match=cause):
            rostro.Gallery.open(path, key=key)
    with pytest.raises(GalleryKeyError, match="not encrypted"):
        rostro.Gallery.open(plain, key=KEY)
    for wrong in (b"short", "x" * 32):
        with pytest.raises(RostroError, match=r"32 (bytes )?are wanted"):
            rostro.Gallery.open(path, key=wrong)  # type: ignore[arg-type]
    with rostro.Gallery.open(path, key=KEY) as gallery:
        assert "ada" in gallery


def test_encryption_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(ExtraNotInstalledError, match=r"pip install 'rostro\[encrypt\]'"):
        rostro.Gallery.open(tmp_path / "people.rostro", 64, key=KEY)
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_template_cannot_be_moved(tmp_path: Path) -> None:
    """Two whole slots that change places are noticed: each is bound to its own."""
    path = tmp_path / "people.rostro"
    make(path, KEY)
    db = sqlite3.connect(path, isolation_level=None)
    (slots,) = db.execute("SELECT slots FROM block WHERE id = 0").fetchone()
    size = 32 + 72
    swapped = slots[size : 2 * size] + slots[:size] + slots[2 * size :]
    db.execute("UPDATE block SET slots = ? WHERE id = 0", (swapped,))
    db.close()
    with pytest.raises(GalleryCorruptError, match="2 of"):
        rostro.Gallery.open(path, key=KEY)


def test_what_is_no_gallery(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    with pytest.raises(FileMissingError, match="no such gallery"):
        rostro.Gallery.open(path)
    path.write_bytes(os.urandom(5000))
    with pytest.raises(GalleryError, match="not a gallery"):
        rostro.Gallery.open(path)
    path.unlink()
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (x)")
    db.close()
    with pytest.raises(GalleryError, match="an SQLite database, but not a gallery"):
        rostro.Gallery.open(path, 64)


def test_what_is_no_gallery_is_not_touched(tmp_path: Path) -> None:
    """A wrong path: neither bytes, mode nor journal mode of what is there change, and nothing is
    put beside it."""
    database = tmp_path / "places.sqlite"
    db = sqlite3.connect(database)
    db.execute("CREATE TABLE t (x)")
    db.close()
    for name, data in (("notes.txt", b"remember"), ("program", b"\x7fELF" * 100), ("empty", b"")):
        (tmp_path / name).write_bytes(data)
    files = sorted(tmp_path.iterdir())
    for file in files:
        file.chmod(0o755)
    before = [(file, file.read_bytes(), file.stat().st_mode) for file in files]
    for file in files:
        for dim in (None, 64):
            with pytest.raises(GalleryError, match="not a gallery"):
                rostro.Gallery.open(file, dim)
        with pytest.raises(GalleryError, match="not a gallery"):
            check(file)
    after = [(file, file.read_bytes(), file.stat().st_mode) for file in sorted(tmp_path.iterdir())]
    assert after == before


def test_a_newer_format(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    make(path, None)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 2")
    db.close()
    before = path.read_bytes()
    with pytest.raises(GalleryError, match="of format 2, this rostro knows 1"):
        rostro.Gallery.open(path)
    assert path.read_bytes() == before


def test_a_backup_of_the_file_is_a_gallery(tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    expected = make(path, None)
    shutil.copy(path, tmp_path / "copy.rostro")
    with rostro.Gallery.open(tmp_path / "copy.rostro") as gallery:
        assert content(gallery) == expected
        assert np.isfinite([match.similarity for (match, *_) in expected[2]]).all()
