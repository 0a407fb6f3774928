"""What the kernels' arguments have in common, checked in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError

__all__ = [
    "Channels",
    "Color",
    "PerChannel",
    "check_count",
    "check_size",
    "crop_size",
    "natural_order",
    "scaling",
    "three",
]

Color = Literal["bgr", "rgb", "gray", "nv12", "yuyv"]
Channels = Literal["bgr", "rgb"]
PerChannel = float | Sequence[float]


def crop_size(size: int | tuple[int, int]) -> tuple[int, int]:
    return check_size((size, size) if isinstance(size, int | np.integer) else size)


def scaling(
    mean: PerChannel | None, std: PerChannel | None
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return (
        three(0.0 if mean is None else mean, "mean"),
        three(1.0 if std is None else std, "std"),
    )


def natural_order(color: Color) -> Channels:
    return "rgb" if color == "rgb" else "bgr"


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    try:
        width, height = size
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"size: {size!r}; a pair (width, height) is wanted") from None
    return check_count(width, "width"), check_count(height, "height")


def check_count(number: int, name: str) -> int:
    if not isinstance(number, int | np.integer):
        raise ArgumentTypeError(f"{name}: {number!r}; an integer is wanted")
    if not 0 <= number < 2**31:
        raise ArgumentError(f"{name}: {number}; a number from 0 to 2147483647 is wanted")
    return int(number)


def three(value: PerChannel, name: str) -> tuple[float, float, float]:
    if isinstance(value, int | float):
        return (value, value, value)
    try:
        first, second, third = value
    except (TypeError, ValueError):
        raise ArgumentError(f"{name}: {value!r}; one number or three are wanted") from None
    return (float(first), float(second), float(third))
