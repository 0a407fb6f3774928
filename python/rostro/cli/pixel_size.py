"""Sizes such as 640x480 on the command line."""

from __future__ import annotations

from collections.abc import Callable

import click

__all__ = ["pixel_size"]

_LARGEST_SIDE = 16384  # of what `rostro.letterbox` makes

_Size = tuple[int, int] | str | None


def pixel_size(*words: str) -> Callable[[click.Context, click.Parameter, str | None], _Size]:
    """A callback for options: ``WIDTHxHEIGHT`` as (width, height), or one of ``words`` as it is."""

    def parse(_ctx: click.Context, _param: click.Parameter, value: str | None) -> _Size:
        if value is None or value.lower() in words:
            return value and value.lower()
        sides = value.lower().split("x")
        # Five digits at most: Python refuses to read integers of thousands.
        if len(sides) == 2 and all(side.isdecimal() and len(side) <= 5 for side in sides):
            width, height = map(int, sides)
            if 1 <= width <= _LARGEST_SIDE and 1 <= height <= _LARGEST_SIDE:
                return width, height
        size = f"a size such as 640x480, sides of 1 to {_LARGEST_SIDE},"
        wanted = " or ".join([size, *map(repr, words)])
        raise click.BadParameter(f"got {value[:40]!r}; {wanted} is wanted")

    return parse
