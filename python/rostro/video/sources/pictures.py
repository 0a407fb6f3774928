"""Folders of pictures, as the frames of a video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rostro.errors import FileMissingError, ImageError
from rostro.pictures.folders import find_pictures_in
from rostro.pictures.images import load_image
from rostro.video.sources.frame import RawFrame

__all__ = ["Pictures", "pictures_of"]


class Pictures:
    """Pictures one after the other at a rate; a `RawStream`."""

    live = False
    seconds = 0.0

    def __init__(self, paths: list[Path], rate: float) -> None:
        self._paths = paths
        self.rate: float | None = rate
        self.size: tuple[int, int] | None = None
        self.frames = len(paths)

    def __iter__(self) -> Iterator[RawFrame]:
        for number, path in enumerate(self._paths):
            stamp = number / self.rate if self.rate else None
            try:
                yield RawFrame(load_image(path), stamp)
            except (ImageError, FileMissingError, MemoryError):
                yield RawFrame(None, stamp)

    def close(self) -> None:
        """Nothing is open between two pictures."""


def pictures_of(path: Path) -> list[Path]:
    """The pictures of a folder and of those below it, ``9.png`` before ``10.png``; or the one.

    Raises:
        FileMissingError: there is none.
        ImageError: a folder cannot be read.
    """
    if not path.is_dir():
        return [path]
    found = find_pictures_in(path).pictures
    if not found:
        raise FileMissingError(f"{path}: no picture in this folder")
    return sorted(found, key=_by_numbers)


def _by_numbers(path: Path) -> list[tuple[str, int, str]]:
    # Nine digits at most are one number: Python refuses to read integers of thousands.
    pieces = re.findall(r"([^0-9]*)([0-9]{0,9})", str(path))
    return [(text, int(digits or 0), digits) for text, digits in pieces]
