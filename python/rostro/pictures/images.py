"""Pictures from and to files, by Pillow: the formats of cameras and the web, 8 and 16 bit."""

from __future__ import annotations

import io
import logging
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, ImageError
from rostro.support.files import replacing
from rostro.types import Image

# Pillow is imported when the first picture is read: `import rostro` stays quick.
if TYPE_CHECKING:
    from PIL import Image as pillow

__all__ = ["SUFFIXES", "WRITABLE_SUFFIXES", "from_pillow", "load_image", "save_image", "to_pillow"]

_log = logging.getLogger(__name__)

# In the order they are tried: Pillow loads its rarer plug-ins only when these do not fit.
_READ = {
    "JPEG": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "PPM": (".pbm", ".pgm", ".ppm"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "JPEG2000": (".jp2",),
    "AVIF": (".avif",),
}
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

SUFFIXES = frozenset(suffix for suffixes in _READ.values() for suffix in suffixes)
"""Lower-case suffixes of the pictures that `load_image` reads (it goes by content, not by name)."""

WRITABLE_SUFFIXES = frozenset(_WRITE)
"""Lower-case suffixes that `save_image` writes."""

_RAW_MODE = {"bgr": "BGR", "rgb": "RGB"}

_EXIF_ORIENTATION = 0x0112
_UPRIGHT = {  # members of PIL.Image.Transpose
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}

# Rows converted at a time: the strip stays in the cache and no second full-size copy is made.
_STRIP_ROWS = 64

# `warnings.catch_warnings` swaps the filters of the whole process: two threads must not interleave.
_opening = threading.Lock()


def load_image(path: str | Path, color: str = "bgr") -> Image:
    """The picture in a file, as (H, W, 3) uint8, C-contiguous, in the order ``color`` names.

    The EXIF orientation is applied. Grey, palette and CMYK pictures become colour; 16-bit grey is
    scaled by 1/257. Transparency is dropped and the colours beneath it kept, as OpenCV does. Of an
    animation, the first frame counts. Embedded colour profiles are not applied. Thread-safe.

    Args:
        path: AVIF, BMP, GIF, JPEG, JPEG 2000, MPO, PNG, PNM, TIFF or WebP.
        color: ``"bgr"`` or ``"rgb"``.

    Raises:
        FileMissingError: there is no such file.
        ImageError: the file is empty, truncated, not a picture, of more pixels than Pillow's limit
            (2 x ``PIL.Image.MAX_IMAGE_PIXELS``, 178 million), or has float or 32-bit pixels.
        ArgumentError: ``color`` is not one of the two.
    """
    _raw_mode(color)
    path = Path(path)
    try:
        with path.open("rb") as file:
            return from_pillow(_upright(_decode(path, file)), color)
    except FileNotFoundError:
        raise FileMissingError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ImageError(f"{path}: a folder, not a picture") from None
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # Pillow's readers raise nearly anything on a damaged file
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ImageError(f"{path}: cannot be read: {cause}") from error


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
    path = Path(path)
    file_format = _WRITE.get(path.suffix.lower())
    if file_format is None:
        raise ArgumentError(
            f"{path}: unknown suffix {path.suffix!r} for a picture; use one of {', '.join(_WRITE)}"
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


def to_pillow(image: Image, color: str = "bgr") -> pillow.Image:
    """A Pillow picture of mode RGB: a copy of ``image``, (H, W, 3) uint8 in the order of ``color``.

    Raises:
        ArgumentError, ArgumentTypeError: ``image`` or ``color`` is not such.
    """
    raw_mode = _raw_mode(color)
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        got = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise ArgumentTypeError(f"image: got {got}, want a NumPy array of uint8")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ArgumentError(f"image: got shape {image.shape}, want (H, W, 3), not empty")
    from PIL import Image as pillow

    height, width = image.shape[:2]
    return pillow.frombytes("RGB", (width, height), image.tobytes(), "raw", raw_mode)


def from_pillow(picture: pillow.Image, color: str = "bgr") -> Image:
    """The pixels of a Pillow picture of any mode as (H, W, 3) uint8, in the order of ``color``.

    Raises:
        ArgumentError: ``color`` is not one of the two.
        ValueError: the pixels are float or 32-bit integers, or Pillow has no way to RGB for them.
    """
    raw_mode = _raw_mode(color)
    # Pillow reads the 16-bit formats of its PPM plug-in into 32 bits.
    deep_grey = picture.mode.startswith("I;16") or (picture.mode, picture.format) == ("I", "PPM")
    if picture.mode in ("F", "I") and not deep_grey:
        kind = {"F": "float", "I": "32-bit integer"}[picture.mode]
        raise ValueError(f"{kind} pixels have no fixed range: scale them and save 8 or 16 bit")
    width, height = picture.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, height)
        strip = picture.crop((0, top, width, bottom))
        if deep_grey:
            grey = (np.asarray(strip).astype(np.uint32) + 128) // 257
            pixels[top:bottom] = grey[..., np.newaxis]
        else:
            colour = strip if strip.mode == "RGB" else strip.convert("RGB")
            packed = np.frombuffer(colour.tobytes("raw", raw_mode), np.uint8)
            pixels[top:bottom] = packed.reshape(bottom - top, width, 3)
    return pixels


def _raw_mode(color: str) -> str:
    try:
        return _RAW_MODE[color]
    except (KeyError, TypeError):
        raise ArgumentError(f"color: got {color!r}, want 'bgr' or 'rgb'") from None


def _decode(path: Path, file: BinaryIO) -> pillow.Image:
    from PIL import Image as pillow
    from PIL import UnidentifiedImageError

    try:
        with _opening, warnings.catch_warnings():
            # Pillow warns from half its limit on; rostro takes pictures up to the limit itself.
            warnings.simplefilter("ignore", pillow.DecompressionBombWarning)
            picture = pillow.open(file, formats=list(_READ))
    except pillow.DecompressionBombError as error:
        raise ImageError(f"{path}: too large: {error}") from None
    except UnidentifiedImageError:
        empty = path.stat().st_size == 0
        cause = "the file is empty" if empty else "not a picture, or its header is damaged"
        raise ImageError(f"{path}: {cause}") from None
    picture.load()
    return picture


def _upright(picture: pillow.Image) -> pillow.Image:
    try:
        method = _UPRIGHT.get(picture.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception as error:  # damaged EXIF data costs the orientation, not the picture
        _log.debug("EXIF data cannot be read: %s", error)
        return picture
    if method is None:
        return picture
    from PIL.Image import Transpose

    return picture.transpose(Transpose[method])
