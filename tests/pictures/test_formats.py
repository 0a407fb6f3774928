"""Which pictures are read: every format of Pillow but those that are none, and of its plug-ins."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from rostro.errors import ImageError
from rostro.pictures.formats import picture_suffixes
from rostro.pictures.images import load_image

PICTURE = Image.linear_gradient("L").resize((32, 32)).convert("RGB")


@pytest.mark.parametrize(
    ("file_format", "suffix"),
    [
        ("JPEG", ".jfif"),
        ("AVIF", ".avif"),
        ("JPEG2000", ".j2k"),
        ("ICO", ".ico"),
        ("DDS", ".dds"),
        ("PCX", ".pcx"),
        ("SGI", ".sgi"),
        ("TGA", ".tga"),
        ("QOI", ".qoi"),
        ("MPO", ".mpo"),
        ("PPM", ".pnm"),
    ],
)
def test_formats_beside_the_usual_ones(tmp_path: Path, file_format: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    PICTURE.save(path, file_format)
    assert suffix in picture_suffixes()
    assert np.abs(load_image(path).astype(int) - np.asarray(PICTURE)).max() <= 24


def test_what_runs_a_program_or_has_no_pixels_is_no_picture(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.eps")
    (tmp_path / "a.mpg").write_bytes(b"\0\0\1\xb3" + bytes(60))
    for name in ("a.eps", "a.mpg"):
        with pytest.raises(ImageError, match="not a picture"):
            load_image(tmp_path / name)
    assert not picture_suffixes() & {".eps", ".ps", ".mpg", ".pdf", ".h5", ".txt", ""}


def test_a_plug_in_registered_with_pillow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Plain(ImageFile.ImageFile):
        format = "PLAIN"

        def _open(self) -> None:
            self._size, self._mode = (2, 1), "RGB"
            self.tile = [ImageFile._Tile("raw", (0, 0, 2, 1), 5, "RGB")]

    monkeypatch.setattr(Image, "EXTENSION", {**Image.registered_extensions(), ".plain": "PLAIN"})
    readers = {**Image.OPEN, "PLAIN": (Plain, lambda header: header.startswith(b"plain"))}
    monkeypatch.setattr(Image, "OPEN", readers)
    (tmp_path / "a.plain").write_bytes(b"plain" + bytes(range(6)))
    assert ".plain" in picture_suffixes()
    assert load_image(tmp_path / "a.plain", "rgb").tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_heif(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "a.heic"
    heif.from_pillow(PICTURE).save(path, quality=95)
    assert np.abs(load_image(path).astype(int) - np.asarray(PICTURE)).max() <= 8
    assert np.abs(load_image(path.read_bytes()).astype(int) - np.asarray(PICTURE)).max() <= 8
    # As iPhones keep a photo: turned by the file, with EXIF data that say so once more.
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = heif.from_pillow(PICTURE.resize((32, 64)).transpose(Image.Transpose.ROTATE_90))
    turned.info["exif"] = exif.tobytes()
    turned.save(path, quality=95)
    assert load_image(path).shape == (64, 32, 3)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ImageError, match=r"a\.heic: "):
        load_image(path)


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heif_without_its_reader(
    brand: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(40))
    with pytest.raises(ImageError, match=r"a\.heic: a HEIF picture.*pip install 'rostro\[heif\]'"):
        load_image(tmp_path / "a.heic")
    assert {".heic", ".heif"} <= picture_suffixes(), "a folder run reports them"


def test_readers_are_found_whatever_was_loaded_before() -> None:
    encoded = io.BytesIO()
    PICTURE.save(encoded, "SGI")
    np.testing.assert_array_equal(load_image(encoded.getvalue()), np.asarray(PICTURE))
