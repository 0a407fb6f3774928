"""The memory of an image, and parts of it, without a copy."""

from __future__ import annotations

from typing import cast

import numpy as np

from rostro import _core
from rostro.kernels.arguments import Color
from rostro.types import Image, ImageLike

__all__ = ["as_array", "even_box", "part_of", "planes_of"]

_PLANES = ("nv12", "nv21", "i420")
_PAIRS = (*_PLANES, "yuyv", "uyvy")


def planes_of(image: ImageLike, color: Color) -> tuple[Image, ...]:
    """The arrays over an image's planes, one alone where the format has no others.

    Raises:
        ArgumentError, ArgumentTypeError: not such an image.
    """
    height = _core.image_size(image, color)[1]
    if isinstance(image, tuple):
        return tuple(as_array(plane) for plane in image)
    array = as_array(image)
    if color not in _PLANES:
        return (array,)
    luma, chroma = array[:height], array[height:]
    if color != "i420":
        return luma, chroma
    u, v = chroma.reshape(2, height // 2, -1)
    return luma, u, v


def part_of(image: ImageLike, color: Color, box: tuple[int, int, int, int]) -> ImageLike:
    """What lies within ``(left, top, right, bottom)``, which are even where pixels are pairs."""
    left, top, right, bottom = box
    planes = planes_of(image, color)
    if len(planes) == 1:
        return planes[0][top:bottom, left:right]
    luma, *chroma = planes
    wide = 2 if color == "i420" or chroma[0].ndim == 3 else 1  # pixels to a column of chroma
    return (
        luma[top:bottom, left:right],
        *(one[top // 2 : bottom // 2, left // wide : right // wide] for one in chroma),
    )


def even_box(color: Color, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The box, or the smallest one around it that `part_of` takes."""
    if color not in _PAIRS:
        return box
    left, top, right, bottom = box
    rows = color in _PLANES
    return (
        left // 2 * 2,
        top // 2 * 2 if rows else top,
        (right + 1) // 2 * 2,
        (bottom + 1) // 2 * 2 if rows else bottom,
    )


def as_array(image: ImageLike) -> Image:
    """The array over an image's memory. Of planes apart a tuple of such, which what takes images
    takes, too, though its type does not say so."""
    if isinstance(image, tuple):
        return cast(Image, tuple(as_array(plane) for plane in image))
    if isinstance(image, np.ndarray):
        return image
    if hasattr(image, "__dlpack__"):
        return cast(Image, np.from_dlpack(image))  # type: ignore[arg-type]
    return np.asarray(image)
