"""Pictures of every kind and of every kind of damage."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, ImageError
from rostro.pictures.images import WRITABLE_SUFFIXES, load_image, save_image
from rostro.types import Image as Pixels

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture
def corners() -> Image.Image:
    """80 x 60, a colour in each quarter: red, green above blue, white."""
    picture = Image.new("RGB", (80, 60))
    for place, colour in zip(
        [(0, 0), (40, 0), (0, 30), (40, 30)], [RED, GREEN, BLUE, WHITE], strict=True
    ):
        picture.paste(colour, (*place, place[0] + 40, place[1] + 30))
    return picture


def quarters(image: Pixels) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, row by row."""
    rows, columns = image.shape[0] // 4, image.shape[1] // 4
    places = [(y, x) for y in (rows, 3 * rows) for x in (columns, 3 * columns)]
    return [tuple(map(int, image[place])) for place in places]


def assert_image(image: Pixels, width: int, height: int) -> None:
    assert image.shape == (height, width, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous and image.flags.writeable


def test_colour_order(corners: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    corners.save(path)
    rgb, bgr = load_image(path, color="rgb"), load_image(str(path))
    assert_image(rgb, 80, 60)
    assert_image(bgr, 80, 60)
    assert quarters(rgb) == [RED, GREEN, BLUE, WHITE]
    np.testing.assert_array_equal(bgr, rgb[..., ::-1])


@pytest.mark.parametrize("color", ["gray", "BGR", "", None, ["bgr"]])
def test_unknown_colour_order(corners: Image.Image, tmp_path: Path, color: object) -> None:
    corners.save(tmp_path / "a.png")
    with pytest.raises(ArgumentError, match='"bgr" or "rgb"'):
        load_image(tmp_path / "a.png", color=color)  # type: ignore[arg-type]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_exif_orientation(
    corners: Image.Image, tmp_path: Path, orientation: int, suffix: str
) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = corners.transpose(undo[orientation]) if orientation in undo else corners
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / f"a{suffix}", exif=exif, quality=95)
    image = load_image(tmp_path / f"a{suffix}", color="rgb")
    assert_image(image, 80, 60)
    assert np.abs(np.subtract(quarters(image), [RED, GREEN, BLUE, WHITE])).max() <= 6


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_costs_only_the_orientation(corners: Image.Image, tmp_path: Path) -> None:
    corners.save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken")
    assert_image(load_image(tmp_path / "a.jpg"), 80, 60)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_modes_of_png(corners: Image.Image, tmp_path: Path, mode: str) -> None:
    corners.convert(mode).save(tmp_path / "a.png")
    image = load_image(tmp_path / "a.png", color="rgb")
    assert_image(image, 80, 60)
    expected = corners.convert(mode).convert("RGB")
    np.testing.assert_array_equal(image, np.asarray(expected))


def test_transparency_is_dropped_not_blended(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 3), (200, 100, 50, 0)).save(tmp_path / "a.png")
    assert (load_image(tmp_path / "a.png", color="rgb") == (200, 100, 50)).all()
    palette = Image.new("P", (4, 3), 7)
    palette.putpalette([200, 100, 50] * 256)
    palette.save(tmp_path / "p.png", transparency=7)
    assert (load_image(tmp_path / "p.png", color="rgb") == (200, 100, 50)).all()


def test_cmyk_jpeg(corners: Image.Image, tmp_path: Path) -> None:
    # Pillow writes CMYK as Adobe does, inverted; read without that, white would come out black.
    corners.convert("CMYK").save(tmp_path / "a.jpg", quality=100, subsampling=0)
    image = load_image(tmp_path / "a.jpg", color="rgb")
    assert np.abs(np.subtract(quarters(image), [RED, GREEN, BLUE, WHITE])).max() <= 6


@pytest.mark.parametrize("suffix", [".png", ".tif", ".pgm"])
def test_16_bit_grey_is_scaled(tmp_path: Path, suffix: str) -> None:
    values = np.array([[0, 257, 128 * 257, 65535], [128, 129, 300, 65000]], np.uint16)
    Image.fromarray(values).save(tmp_path / f"a{suffix}")
    image = load_image(tmp_path / f"a{suffix}")
    assert_image(image, 4, 2)
    np.testing.assert_array_equal(image[..., 0], np.round(values / 257))
    assert (image == image[..., :1]).all()


def test_16_bit_colour_png(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(_png(2, 1, depth=16, kind=2, row=struct.pack(">6H", *[65535, 0, 0] * 2)))
    np.testing.assert_array_equal(load_image(path, color="rgb"), [[RED, RED]])


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_pixels_without_a_fixed_range_are_refused(tmp_path: Path, dtype: type) -> None:
    Image.fromarray(np.ones((4, 4), dtype)).save(tmp_path / "a.tif")
    with pytest.raises(ImageError, match=r"a\.tif.*(float|32-bit integer) pixels.*8 or 16 bit"):
        load_image(tmp_path / "a.tif")


def test_one_pixel(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), (1, 2, 3)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_image(tmp_path / "a.png"), [[[3, 2, 1]]])


def test_large_picture_loads_without_a_warning(tmp_path: Path) -> None:
    Image.new("1", (12_000, 9_000), 1).save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = load_image(tmp_path / "a.png")
    assert_image(image, 12_000, 9_000)
    assert image[-1, -1].tolist() == [255, 255, 255]


def test_picture_beyond_the_limit(tmp_path: Path) -> None:
    row = bytes(20_000 // 8)
    (tmp_path / "a.png").write_bytes(_png(20_000, 10_000, depth=1, kind=0, row=row))
    with pytest.raises(ImageError, match=r"a\.png: too large.*200000000.*limit of 178956970"):
        load_image(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".gif", ".bmp", ".avif"])
def test_the_limit_can_be_set(
    corners: Image.Image, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a{suffix}"
    corners.save(path)
    assert_image(load_image(path, max_pixels=4800), 80, 60)
    with pytest.raises(ImageError, match=rf"a\{suffix}: too large: 80x60 are 4800 .*of 4799"):
        load_image(path, max_pixels=4799)
    monkeypatch.setenv("ROSTRO_MAX_PIXELS", "4799")
    with pytest.raises(ImageError, match="ROSTRO_MAX_PIXELS raises it"):
        load_image(path)
    assert_image(load_image(path, max_pixels=4800), 80, 60)


def test_the_limit_can_be_raised_above_that_of_pillow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    Image.new("RGB", (80, 60)).save(tmp_path / "a.png")
    assert_image(load_image(tmp_path / "a.png"), 80, 60)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e6", "9" * 5000])
def test_an_odd_limit(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTRO_MAX_PIXELS", value)
    with pytest.raises(ArgumentError, match="ROSTRO_MAX_PIXELS: got"):
        load_image(b"")
    with pytest.raises(ArgumentError, match="max_pixels: got 0"):
        load_image(b"", max_pixels=0)


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_reading_takes_a_small_multiple_of_the_pixels(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4000, 4000)).save(
        tmp_path / f"a{suffix}",
        exif=exif,
        **{"compression": "tiff_lzw"} if suffix == ".tif" else {},
    )
    script = """
import sys, rostro
from pathlib import Path
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
rostro.load_image(sys.argv[1], max_pixels=100 * 10**6).sum()
Path("/proc/self/clear_refs").write_text("5")
before = peak()
print((peak() - before, rostro.load_image(sys.argv[1]), peak() - before)[2] / 48_000)
"""
    command = [sys.executable, "-c", script, str(tmp_path / f"a{suffix}")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 3, "Pillow's 4 bytes a pixel and the result's 3 are 2.3 times it"


def test_pillow_stays_as_the_user_set_it(corners: Image.Image, tmp_path: Path) -> None:
    corners.save(tmp_path / "a.png")
    before = (Image.MAX_IMAGE_PIXELS, list(warnings.filters))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(load_image, [tmp_path / "a.png"] * 200))
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before


class _Pipe(io.RawIOBase):
    """What can be read once, from the front."""

    def __init__(self, content: bytes) -> None:
        self._rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._rest.readinto(buffer)


def test_bytes_and_file_objects(corners: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    corners.save(path)
    content = path.read_bytes()
    expected = load_image(path)
    for source in (content, bytearray(content), memoryview(content), io.BytesIO(content)):
        np.testing.assert_array_equal(load_image(source), expected)
    np.testing.assert_array_equal(load_image(_Pipe(content)), expected)
    with path.open("rb") as file:
        np.testing.assert_array_equal(load_image(file), expected)
        assert not file.closed
    after = io.BytesIO(b"header" + content)
    after.seek(6)
    np.testing.assert_array_equal(load_image(after), expected)


def test_errors_name_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no")
    with pytest.raises(ImageError, match="bytes: not a picture"):
        load_image(b"no")
    with pytest.raises(ImageError, match="file object: the file is empty"):
        load_image(io.BytesIO())
    with (tmp_path / "a.png").open("rb") as file, pytest.raises(ImageError, match=r"a\.png: not"):
        load_image(file)
    with (
        (tmp_path / "a.png").open() as file,
        pytest.raises(ArgumentTypeError, match=r"open for text; open it with 'rb'"),
    ):
        load_image(file)  # type: ignore[arg-type]
    for source in (3, None, np.zeros((4, 4, 3), np.uint8)):
        with pytest.raises(ArgumentTypeError, match="a path, bytes or a binary file object"):
            load_image(source)  # type: ignore[arg-type]


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX here")
def test_a_path_that_is_a_pipe(corners: Image.Image, tmp_path: Path) -> None:
    corners.save(tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as pool:
        image = pool.submit(load_image, tmp_path / "pipe")
        (tmp_path / "pipe").write_bytes((tmp_path / "a.png").read_bytes())
        np.testing.assert_array_equal(image.result(), load_image(tmp_path / "a.png"))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"none\.jpg: no such file"):
        load_image(tmp_path / "none.jpg")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="a folder, not a picture"):
        load_image(tmp_path)


@pytest.mark.parametrize(
    ("content", "cause"),
    [(b"", "the file is empty"), (b"no picture at all", "not a picture"), (b"\xff\xd8", "header")],
)
def test_not_a_picture(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=rf"a\.jpg: .*{cause}"):
        load_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp", ".gif", ".ppm"])
@pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.95])
def test_truncated(tmp_path: Path, suffix: str, part: float) -> None:
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(1).integers(0, 255, (90, 120, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(ImageError, match=rf"a\{suffix}: "):
        load_image(path)


def test_flipped_bytes_never_escape_as_foreign_errors(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    noise = random.integers(0, 255, (40, 30, 3), np.uint8)
    for suffix in (".jpg", ".png", ".webp", ".tif", ".gif", ".bmp"):
        path = tmp_path / f"a{suffix}"
        Image.fromarray(noise).save(path)
        whole = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(60):
            broken = whole.copy()
            broken[random.integers(0, min(len(whole), 200), 6)] = random.integers(0, 255, 6)
            path.write_bytes(broken.tobytes())
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    image = load_image(path)
                except ImageError as error:
                    assert str(path) in str(error)
                else:
                    assert image.dtype == np.uint8 and image.ndim == 3


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(corners: Image.Image, tmp_path: Path) -> None:
    corners.save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(ImageError, match="Permission denied"):
        load_image(tmp_path / "a.png")


@pytest.mark.parametrize("color", ["bgr", "rgb"])
@pytest.mark.parametrize("suffix", sorted(WRITABLE_SUFFIXES))
def test_save_and_load(tmp_path: Path, suffix: str, color: str) -> None:
    image = np.full((50, 70, 3), (250, 120, 10), np.uint8)
    save_image(tmp_path / f"a{suffix}", image, color)
    again = load_image(tmp_path / f"a{suffix}", color)
    assert np.abs(again.astype(int) - image).max() <= 4
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


def test_save_takes_a_crop(tmp_path: Path) -> None:
    image = np.random.default_rng(2).integers(0, 255, (50, 70, 3), np.uint8)
    save_image(tmp_path / "a.png", image[10:20, 30:45])
    np.testing.assert_array_equal(load_image(tmp_path / "a.png"), image[10:20, 30:45])


def test_failed_save_keeps_what_was_there(tmp_path: Path) -> None:
    too_wide = np.zeros((1, 70_000, 3), np.uint8)
    (tmp_path / "a.jpg").write_bytes(b"before")
    with pytest.raises(ImageError, match=r"a\.jpg: JPEG cannot hold this picture"):
        save_image(tmp_path / "a.jpg", too_wide)
    assert (tmp_path / "a.jpg").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_save_refuses(tmp_path: Path) -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ArgumentError, match=r"got the suffix '\.doc'.*\.png"):
        save_image(tmp_path / "a.doc", image)
    with pytest.raises(FileMissingError, match="there is no folder"):
        save_image(tmp_path / "none" / "a.png", image)
    with pytest.raises(ArgumentTypeError, match=r"got float64 array .*uint8"):
        save_image(tmp_path / "a.png", image.astype(float))
    with pytest.raises(ArgumentError, match=r"\(4, 4\); one \(H, W, 3\)"):
        save_image(tmp_path / "a.png", image[..., 0])
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OSError, match=r"folder\.png"):
        save_image(tmp_path / "folder.png", image)


def _png(width: int, height: int, *, depth: int, kind: int, row: bytes) -> bytes:
    """A PNG of equal rows, of kinds that Pillow does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = zlib.compress((b"\0" + row) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )
