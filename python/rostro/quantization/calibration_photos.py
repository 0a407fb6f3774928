"""The photos that a network is calibrated on, and those that it is then measured on."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.errors import FileMissingError, ImageError, QuantizationError
from rostro.evaluate.labelled_photos import central_face
from rostro.pictures.folders import find_pictures_in
from rostro.pictures.images import load_image
from rostro.pictures.naming import naming
from rostro.types import Image

__all__ = ["Crops", "Split", "crops_of", "find_photos", "load_photos", "split"]

_log = logging.getLogger(__name__)

_LEAST = 4
_CALIBRATION_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Split:
    """Photos to calibrate with, and others to measure on."""

    calibration: list[Path]
    held_back: list[Path]


@dataclass(frozen=True, slots=True)
class Crops:
    """Aligned faces, one a photo.

    Attributes:
        crops: (N, height, width, 3) uint8, BGR.
        people: (N,) a number for each person; ``None`` where folders do not tell persons.
    """

    crops: Image
    people: NDArray[np.int64] | None


def find_photos(folder: Path) -> list[Path]:
    """The pictures in a folder and the folders in it.

    Raises:
        FileMissingError: there is no such folder, or no picture in it.
        ImageError: a folder cannot be read.
    """
    found = find_pictures_in(folder)
    if found.skipped:
        _log.info("%s: skipped %s", folder, found.skipped_text())
    if not found.pictures:
        raise FileMissingError(f"{folder}: no picture in this folder")
    return found.pictures


def split(photos: Sequence[Path], by_folder: bool, calibration: int, held_back: int) -> Split:
    """Divide photos into two parts, the same ones every time.

    Args:
        photos: from `find_photos`.
        by_folder: photos of one folder go to one part, so that nobody is in both.
        calibration, held_back: at most so many in each part.

    Raises:
        QuantizationError: too few.
    """
    groups: dict[Path, list[Path]] = {}
    for photo in photos:
        groups.setdefault(photo.parent if by_folder else photo, []).append(photo)
    if len(photos) < _LEAST or len(groups) < 2:
        raise QuantizationError(
            f"{len(photos)} photos are too few to calibrate and to measure on: give at least "
            f"{_LEAST}, better hundreds"
        )
    shuffled = list(groups.values())
    random.Random(0).shuffle(shuffled)
    wanted = min(calibration, max(1, round(len(photos) * _CALIBRATION_SHARE)))
    parts = Split([], [])
    for group in shuffled:
        part = parts.calibration if len(parts.calibration) < wanted else parts.held_back
        part += group
    return Split(parts.calibration[:calibration], parts.held_back[:held_back])


def load_photos(
    photos: Sequence[Path], what: str, progress: bool = False
) -> Iterator[tuple[Path, Image]]:
    """The pixels of photos, BGR; those that cannot be read are logged and left out."""
    from tqdm import tqdm

    for path in tqdm(photos, what, unit="photo", leave=False, disable=not progress):
        try:
            with naming(path):
                image = load_image(path)
        except (ImageError, OSError) as error:
            _log.warning("left out: %s", error)
        else:
            yield path, image


def crops_of(
    photos: Sequence[Path], detector: Detector, embedder: Embedder, progress: bool
) -> Crops:
    """The face nearest the centre of each photo, as the embedder takes it; photos without a face
    are left out.

    Raises:
        QuantizationError: there is no face on any of them.
    """
    crops, people = [], []
    for path, image in load_photos(photos, "faces", progress):
        found = detector(image)
        if len(found) == 0:
            continue
        middle = central_face(found, image.shape[1], image.shape[0])
        crops.append(embedder.crops(image, found.select(slice(middle, middle + 1)))[0])
        people.append(path.parent)
    if not crops:
        raise QuantizationError(f"no face was found on any of {len(photos)} photos")
    numbers = {person: number for number, person in enumerate(dict.fromkeys(people))}
    known = len(numbers) > 1
    return Crops(np.stack(crops), np.array([numbers[p] for p in people]) if known else None)
