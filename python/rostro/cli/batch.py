"""Many pictures: which ones, and one after the other, each failing alone."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rostro.cli.common import report, say, show_progress
from rostro.errors import FileMissingError, RostroError
from rostro.types import Image

if TYPE_CHECKING:
    from rostro.pictures.folders import Found

__all__ = ["expand", "find_pictures", "for_each_picture", "pictures_in", "tell_skipped"]


def find_pictures(
    arguments: Sequence[str], output: Path | None = None, also: frozenset[str] = frozenset()
) -> list[Path]:
    """The files that arguments name: files, folders (searched to the bottom) and glob patterns.

    A file is taken as it is, whatever its suffix. A name that nothing has stays in the list, for
    the reading to report. What is skipped in folders is told on the standard error.

    Args:
        output: a folder; pictures in it are no inputs, unless they are named one by one.
        also: lower-case suffixes of what is taken from folders besides pictures.

    Raises:
        FileMissingError: a folder holds no picture.
        ImageError: a folder cannot be read.
    """
    paths: dict[str, Path] = {}  # by the absolute path; keeps the order
    for argument in arguments:
        for path in expand(argument):
            if path.is_dir():
                inside = pictures_in(path, output, also)
                if not inside:
                    raise FileMissingError(f"{path}: no picture in this folder")
            elif output is not None and path != Path(argument) and _is_in(path, output):
                inside = []
            else:
                inside = [path]
            for picture in inside:
                paths.setdefault(os.path.abspath(picture), picture)  # noqa: PTH100 (without "..")
    return list(paths.values())


def expand(argument: str) -> list[Path]:
    """What a pattern fits, sorted; or the path itself, where it exists or fits nothing."""
    matches: list[str] = []
    if not Path(argument).exists():  # a file may be called "[1].jpg": what exists is no pattern
        matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 (absolute patterns)
    return [Path(match) for match in matches or [argument]]


def _is_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def pictures_in(
    folder: Path, output: Path | None = None, also: frozenset[str] = frozenset()
) -> list[Path]:
    """The pictures in a folder and below; tells on the standard error what is skipped."""
    from rostro.pictures.folders import find_pictures_in

    found = find_pictures_in(folder, leave_out=output, also=also)
    tell_skipped(folder, found)
    return found.pictures


def tell_skipped(folder: Path, found: Found) -> None:
    """One line on the standard error, where something was skipped."""
    if found.skipped:
        say(f"rostro: {folder}: skipped {found.skipped_text()}", err=True)


def for_each_picture(paths: Sequence[Path], work: Callable[[Path, Image], None]) -> bool:
    """Read every picture and do the work on it; report those that fail and go on.

    Returns:
        Whether all went well.

    Raises:
        OSError: what the work prints cannot be written.
    """
    from tqdm import tqdm

    from rostro.pictures.images import load_image
    from rostro.pictures.naming import naming

    all_well = True
    hidden = len(paths) < 2 or not show_progress()
    for path in tqdm(paths, unit="picture", leave=False, disable=hidden):
        try:
            with naming(path):
                work(path, load_image(path))
        except RostroError as error:
            report(error)
            all_well = False
        except OSError as error:
            if error.filename is None:
                raise
            report(error)
            all_well = False
    return all_well
