"""Faces as the WIDER FACE evaluation takes them: a text file an image, in a folder or a zip.

``EVENT/NAME.txt``: the image's name, the number of its faces, then a line each, ``x y width height
score``, in pixels.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError, FileMissingError
from rostro.faces import Faces
from rostro.support.files import replacing

__all__ = ["ScoredBoxes", "read_detections", "scored_boxes", "write_detections"]

ScoredBoxes: TypeAlias = NDArray[np.float64]
"""(N, 5) float64: ``x, y, width, height`` in pixels and the score."""


def scored_boxes(found: Faces) -> ScoredBoxes:
    """What a detector gives, as rows of ``x, y, width, height, score``."""
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    return np.column_stack([found.boxes[:, :2], sides, found.scores]).astype(np.float64)


def read_detections(path: Path, progress: bool = False) -> dict[str, ScoredBoxes]:
    """Read a folder or a zip of detections; folders above those of the events do not matter.

    Args:
        path: of the folder or the zip.
        progress: show a bar on the standard error.

    Returns:
        By image, ``"EVENT/NAME"``.

    Raises:
        FileMissingError: there is nothing at ``path``.
        EvaluationError: it is no zip that can be read, holds no detections or a malformed file.
    """
    from tqdm import tqdm

    detections: dict[str, ScoredBoxes] = {}
    for file, text in tqdm(_texts(path), unit="file", leave=False, disable=not progress):
        if len(file.parts) < 2:
            raise EvaluationError(
                f"{path}: {file} is in no event's folder; EVENT/NAME.txt is wanted"
            )
        image = f"{file.parent.name}/{file.stem}"
        if image in detections:
            raise EvaluationError(f"{path}: two files for {image}; {file} is the second")
        detections[image] = _parse(text, path / file)
    if not detections:
        raise EvaluationError(f"{path}: no detections in it; files EVENT/NAME.txt are wanted")
    return detections


def write_detections(path: Path, detections: Mapping[str, ScoredBoxes]) -> None:
    """Write detections by image, ``"EVENT/NAME"``, as a zip, in 9 digits: those of a float32.

    Raises:
        WriteError: the file cannot be written.
    """
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for image, rows in detections.items():
            lines = [image.rpartition("/")[2], str(len(rows))]
            lines += [" ".join(f"{value:.9g}" for value in row) for row in rows.tolist()]
            entry = zipfile.ZipInfo(f"{image}.txt")  # of a fixed date: equal zips are equal files
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, "\n".join(lines) + "\n")


def _texts(path: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """The text files of a folder or a zip: the path in it, the text."""
    if path.is_dir():
        for file in sorted(path.rglob("*.txt")):
            if file.is_file():
                name = PurePosixPath(file.relative_to(path).as_posix())
                yield name, file.read_text(encoding="utf-8", errors="replace")
        return
    if not path.exists():
        raise FileMissingError(f"{path}: no such file or folder; a folder or zip is wanted")
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = PurePosixPath(entry.filename)
                if name.suffix == ".txt" and not name.name.startswith("."):
                    yield name, archive.read(entry).decode("utf-8", errors="replace")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, NotImplementedError) as error:
        raise EvaluationError(f"{path}: no zip that can be read ({error})") from error


def _parse(text: str, path: Path) -> ScoredBoxes:
    lines = text.rstrip().splitlines()
    if len(lines) < 2 or not lines[1].strip().isdecimal():
        raise EvaluationError(f"{path}: the image's name and the number of faces are wanted first")
    name = PurePosixPath(lines[0].strip()).name.removesuffix(".jpg")
    if name != path.stem:
        raise EvaluationError(f"{path}, line 1: it names the image {name!r}, unlike the file")
    rows = lines[2:]
    if len(rows) != int(lines[1]):
        raise EvaluationError(f"{path}: {int(lines[1])} faces announced, {len(rows)} lines follow")
    values = [_numbers(row, f"{path}, line {number}") for number, row in enumerate(rows, start=3)]
    return np.array(values, np.float64).reshape(-1, 5)


def _numbers(row: str, where: str) -> list[float]:
    try:
        numbers = [float(field) for field in row.split()]
    except ValueError:
        numbers = []
    if len(numbers) != 5 or not all(map(math.isfinite, numbers)):
        raise EvaluationError(f"{where}: got {row[:80]!r}; x y width height score is wanted")
    return numbers
