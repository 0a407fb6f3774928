"""Pixels from and to Pillow's pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.support.arguments import shown
from rostro.types import Image

if TYPE_CHECKING:
    from PIL import Image as pillow

__all__ = ["from_pillow", "raw_mode", "to_pillow"]

_RAW_MODE = {"bgr": "BGR", "rgb": "RGB"}

# Rows converted and turned at a time: the strip stays in the cache and no second full-size copy is
# made.
_STRIP_ROWS = 64

# By EXIF's orientation: the member of PIL.Image.Transpose that turns the stored picture upright,
# whether its rows become columns then, and whether the first of them comes last.
_TURNS = {
    2: ("FLIP_LEFT_RIGHT", False, False),
    3: ("ROTATE_180", False, True),
    4: ("FLIP_TOP_BOTTOM", False, True),
    5: ("TRANSPOSE", True, False),
    6: ("ROTATE_270", True, True),
    7: ("TRANSVERSE", True, True),
    8: ("ROTATE_90", True, False),
}


def raw_mode(color: str) -> str:
    """What Pillow calls this order of colours.

    Raises:
        ArgumentError: it is not ``"bgr"`` or ``"rgb"``.
    """
    try:
        return _RAW_MODE[color]
    except (KeyError, TypeError):
        raise ArgumentError(f'color: got {shown(color)}; "bgr" or "rgb" is wanted') from None


def to_pillow(image: Image, color: str = "bgr") -> pillow.Image:
    """A Pillow picture of mode RGB: a copy of ``image``, (H, W, 3) uint8 in the order of ``color``.

    Raises:
        ArgumentError, ArgumentTypeError: ``image`` or ``color`` is not such.
    """
    mode = raw_mode(color)
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        raise ArgumentTypeError(f"image: got {shown(image)}; a uint8 array (H, W, 3) is wanted")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ArgumentError(f"image: got {shown(image)}; one (H, W, 3), not empty, is wanted")
    from PIL import Image as pillow

    height, width = image.shape[:2]
    return pillow.frombytes("RGB", (width, height), image.tobytes(), "raw", mode)


def from_pillow(picture: pillow.Image, color: str = "bgr", orientation: int = 1) -> Image:
    """The pixels of a Pillow picture of any mode as (H, W, 3) uint8, in the order of ``color``.

    Args:
        orientation: EXIF's, 1 to 8, of the picture; it is turned upright on the way. Any other
            number leaves it as it is.

    Raises:
        ArgumentError: ``color`` is not one of the two.
        ValueError: the pixels are float or 32-bit integers, or Pillow has no way to RGB for them.
    """
    mode = raw_mode(color)
    # Pillow reads the 16-bit formats of its PPM plug-in into 32 bits.
    deep_grey = picture.mode.startswith("I;16") or (picture.mode, picture.format) == ("I", "PPM")
    if picture.mode in ("F", "I") and not deep_grey:
        kind = {"F": "float", "I": "32-bit integer"}[picture.mode]
        raise ValueError(f"{kind} pixels have no fixed range: scale them and save 8 or 16 bit")
    width, height = picture.size
    turn, crosswise, backwards = _TURNS.get(orientation, (None, False, False))
    pixels = np.empty((width, height, 3) if crosswise else (height, width, 3), np.uint8)
    for top in range(0, height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, height)
        strip = picture.crop((0, top, width, bottom))
        if turn is not None:
            strip = _turned(strip, turn)
        first, last = (height - bottom, height - top) if backwards else (top, bottom)
        place = pixels[:, first:last] if crosswise else pixels[first:last]
        if deep_grey:
            place[:] = ((np.asarray(strip).astype(np.uint32) + 128) // 257)[..., np.newaxis]
        else:
            colour = strip if strip.mode == "RGB" else strip.convert("RGB")
            place[:] = np.frombuffer(colour.tobytes("raw", mode), np.uint8).reshape(place.shape)
    return pixels


def _turned(strip: pillow.Image, turn: str) -> pillow.Image:
    from PIL.Image import Transpose

    return strip.transpose(Transpose[turn])
