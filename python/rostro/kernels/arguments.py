"""What the kernels' arguments have in common, checked in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.support.arguments import (
    INTEGERS,
    NUMBERS,
    check_integer,
    check_number,
    check_text,
    shown,
)

__all__ = [
    "Channels",
    "Color",
    "PerChannel",
    "check_count",
    "check_size",
    "color_orders",
    "crop_size",
    "natural_order",
    "scaling",
    "three",
]

Color = Literal[
    "bgr", "rgb", "bgra", "rgba", "gray", "nv12", "nv21", "i420", "yuyv", "uyvy"
]  # fmt: skip
Channels = Literal["bgr", "rgb"]
PerChannel = float | Sequence[float]


def crop_size(size: int | tuple[int, int]) -> tuple[int, int]:
    return check_size((size, size) if isinstance(size, INTEGERS) else size)


def scaling(
    mean: PerChannel | None, std: PerChannel | None
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return (
        three(0.0 if mean is None else mean, "mean"),
        three(1.0 if std is None else std, "std"),
    )


def natural_order(color: Color) -> Channels:
    return "rgb" if color in ("rgb", "rgba") else "bgr"


def color_orders(color: Color, channels: Channels | None) -> tuple[Color, Channels]:
    """How the image is to be read, and the order of what is made of it."""
    check_text("color", color)
    if channels is None:
        return color, natural_order(color)
    check_text("channels", channels)
    return color, channels


def check_size(size: tuple[int, int], what: str = "size") -> tuple[int, int]:
    try:
        if isinstance(size, str | bytes | dict | set):
            raise TypeError
        width, height = size
    except (TypeError, ValueError):
        wanted = f"{what}: got {shown(size)}; a pair (width, height) is wanted"
        raise ArgumentTypeError(wanted) from None
    return check_count(width, "width"), check_count(height, "height")


def check_count(number: int, name: str) -> int:
    return check_integer(name, number, 0)


def three(value: PerChannel, name: str) -> tuple[float, float, float]:
    if isinstance(value, NUMBERS):
        number = check_number(name, value)
        return (number, number, number)
    try:
        if isinstance(value, str | bytes | dict | set):
            raise TypeError
        first, second, third = value
    except (TypeError, ValueError) as error:
        wanted = f"{name}: got {shown(value)}; one number or three are wanted"
        kind = ArgumentTypeError if isinstance(error, TypeError) else ArgumentError
        raise kind(wanted) from None
    return (check_number(name, first), check_number(name, second), check_number(name, third))
