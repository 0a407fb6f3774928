"""Sizes such as 640x480 on the command line."""

from __future__ import annotations

from collections.abc import Callable

import click

__all__ = ["pixel_size"]

_Size = tuple[int, int] | str | None


def pixel_size(*words: str) -> Callable[[click.Context, click.Parameter, str | None], _Size]:
    """A callback for options: ``WIDTHxHEIGHT`` as (width, height), or one of ``words`` as it is."""

    def parse(_ctx: click.Context, _param: click.Parameter, value: str | None) -> _Size:
        if value is None or value.lower() in words:
            return value and value.lower()
        width, _, height = value.lower().partition("x")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            wanted = " or ".join(["a size such as 640x480", *map(repr, words)])
            raise click.BadParameter(f"got {value!r}; {wanted} is wanted")
        return int(width), int(height)

    return parse
