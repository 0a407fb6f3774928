"""Sizes such as 640x480 on the command line."""

from __future__ import annotations

import click

__all__ = ["PixelSize"]


class PixelSize(click.ParamType):
    """``WIDTHxHEIGHT`` as (width, height), or one of ``words`` as it is."""

    name = "size"

    def __init__(self, *words: str) -> None:
        self._words = words

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        text = str(value).lower()
        if isinstance(value, tuple) or text in self._words:
            return value if isinstance(value, tuple) else text
        width, _, height = text.partition("x")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            wanted = " or ".join(["a size such as 640x480", *map(repr, self._words)])
            self.fail(f"{value!r}: {wanted} is wanted", param, ctx)
        return int(width), int(height)
