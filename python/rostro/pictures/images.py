"""Pictures from and to files, by Pillow: the formats of cameras and the web, 8 and 16 bit."""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, ImageError
from rostro.pictures.formats import open_picture
from rostro.pictures.jpeg_end import read_without_end
from rostro.pictures.pixels import from_pillow, raw_mode, to_pillow
from rostro.support.arguments import check_integer, check_path
from rostro.support.files import replacing
from rostro.types import Image

if TYPE_CHECKING:
    from PIL import Image as pillow

__all__ = ["MAX_PIXELS", "WRITABLE_SUFFIXES", "Readable", "is_writable", "load_image", "save_image"]

_log = logging.getLogger(__name__)

MAX_PIXELS = 178_956_970
"""Pixels of the largest picture that is read unless something else is asked for. Reading takes up
to 7 bytes a pixel; of this many, 1.25 GB."""

_WRITE = {
    ".bmp": "BMP",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".ppm": "PPM",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
}

WRITABLE_SUFFIXES = frozenset(_WRITE)
"""Lower-case suffixes that `save_image` writes."""

_EXIF_ORIENTATION = 0x0112


class Readable(Protocol):
    """A binary file object, as far as `load_image` needs one."""

    def read(self) -> bytes | None: ...


def load_image(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview | Readable,
    color: str = "bgr",
    *,
    max_pixels: int | None = None,
) -> Image:
    """A picture as (H, W, 3) uint8, C-contiguous, in the order ``color`` names.

    The EXIF orientation is applied. Grey, palette and CMYK pictures become colour; 16-bit grey is
    scaled by 1/257. Transparency is dropped and the colours beneath it kept, as OpenCV does. Of an
    animation, the first frame counts. Embedded colour profiles are not applied. A JPEG that lacks
    nothing but its end marker is read, with a warning in the log. Thread-safe.

    Args:
        source: a file's path, its bytes, or a binary file object, which is read from where it is to
            its end. Of any format that Pillow reads here without another program, among them AVIF,
            BMP, GIF, JPEG, JPEG 2000, MPO, PNG, PNM, TIFF and WebP, and what plug-ins registered
            with Pillow add; with the extra ``heif`` also HEIC and HEIF.
        color: ``"bgr"`` or ``"rgb"``.
        max_pixels: a picture of more is refused before it is decoded. By default the environment
            variable ``ROSTRO_MAX_PIXELS``, or, without it, `MAX_PIXELS`.

    Raises:
        FileMissingError: there is no such file.
        ImageError: the file is empty, truncated, not a picture, of too many pixels, of a format
            whose reader is not installed, or has float or 32-bit pixels.
        ArgumentError: ``color`` is not one of the two; ``max_pixels`` is not positive.
        ArgumentTypeError: ``source`` is none of these.
        MemoryError: there is no room for the pixels.
    """
    raw_mode(color)
    bound = _bound(max_pixels)
    name = _name_of(source)
    try:
        if isinstance(source, bytes | bytearray | memoryview):
            return _read(io.BytesIO(source), name, color, bound)
        if isinstance(source, str | os.PathLike):
            with Path(source).open("rb") as file:
                # What comes through a pipe can be read once.
                whole = file if file.seekable() else io.BytesIO(file.read())
                return _read(whole, name, color, bound)
        content = source.read()
        if not isinstance(content, bytes):
            raise ArgumentTypeError(f"source: got {name} open for text; open it with 'rb'")
        return _read(io.BytesIO(content), name, color, bound)
    except FileNotFoundError:
        raise FileMissingError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise ImageError(f"{name}: a folder, not a picture") from None
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error.__cause__
    except (ArgumentTypeError, MemoryError):
        raise
    except Exception as error:  # Pillow's readers raise nearly anything on a damaged file
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ImageError(f"{name}: cannot be read: {cause}") from error


def save_image(path: str | Path, image: Image, color: str = "bgr") -> None:
    """Write ``image`` to ``path`` in the format of its suffix: the whole file, or nothing.

    Args:
        path: ends in .bmp, .jpg, .jpeg, .png, .ppm, .tif, .tiff or .webp.
        image: (H, W, 3) uint8, in the order ``color`` names.
        color: ``"bgr"`` or ``"rgb"``.

    Raises:
        ArgumentError, ArgumentTypeError: an unknown suffix or ``color``, or not such an image.
        FileMissingError: the folder does not exist.
        ImageError: the format cannot hold a picture of this size.
        WriteError: the file cannot be written (an OSError).
    """
    path = check_path("path", path)
    file_format = _WRITE.get(path.suffix.lower())
    if file_format is None:
        raise ArgumentError(
            f"{path}: got the suffix {path.suffix!r}; one of {', '.join(_WRITE)} is wanted"
        )
    picture = to_pillow(image, color)
    if not path.parent.is_dir():
        raise FileMissingError(f"{path}: cannot be written, there is no folder {path.parent}")
    encoded = io.BytesIO()
    try:
        picture.save(encoded, file_format, quality=95)
    except (OSError, ValueError) as error:
        raise ImageError(f"{path}: {file_format} cannot hold this picture: {error}") from error
    with replacing(path) as file:
        file.write(encoded.getbuffer())


def is_writable(path: Path) -> bool:
    """Whether `save_image` knows the format that the suffix of a path names."""
    return path.suffix.lower() in WRITABLE_SUFFIXES


def _bound(max_pixels: int | None) -> int:
    if max_pixels is not None:
        return check_integer("max_pixels", max_pixels, 1, 2**62)
    text = os.environ.get("ROSTRO_MAX_PIXELS")
    if not text:
        return MAX_PIXELS
    if not (text.isdecimal() and len(text) < 20 and int(text)):
        raise ArgumentError(
            f"environment variable ROSTRO_MAX_PIXELS: got {text[:40]!r}; 1 or more is wanted"
        )
    return int(text)


def _name_of(source: object) -> str:
    """What an error calls it."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes"
    if hasattr(source, "read"):
        name = getattr(source, "name", None)
        return name if isinstance(name, str) else "file object"
    raise ArgumentTypeError(
        f"source: got {type(source).__name__}; a path, bytes or a binary file object is wanted"
    )


def _read(file: BinaryIO, name: str, color: str, bound: int) -> Image:
    picture = open_picture(file)
    _check_size(picture, bound)
    try:
        picture.load()
    except OSError:
        if picture.format != "JPEG":
            raise
        file.seek(0)
        pixels = read_without_end(file.read(), color, _orientation(picture))
        if pixels is None:
            raise
        _log.warning("%s: the end marker of the JPEG is missing; all its pixels are there", name)
        return pixels
    _check_size(picture, bound)  # some icons are larger than their header says
    return from_pillow(picture, color, _orientation(picture))


def _check_size(picture: pillow.Image, bound: int) -> None:
    width, height = picture.size
    if width * height > bound:
        raise ImageError(
            f"too large: {width}x{height} are {width * height} pixels, over the limit of {bound}; "
            "max_pixels or ROSTRO_MAX_PIXELS raises it"
        )


def _orientation(picture: pillow.Image) -> int:
    try:
        return int(picture.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception as error:  # damaged EXIF data costs the orientation, not the picture
        _log.debug("EXIF data cannot be read: %s", error)
        return 1
