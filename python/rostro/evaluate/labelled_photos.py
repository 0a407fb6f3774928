"""Photos of named persons: folders of one person each, lists of pairs, and their embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.errors import EvaluationError, FileMissingError
from rostro.evaluate.verification import Comparisons, Indices, all_pairs, similarities
from rostro.faces import Faces
from rostro.pictures.folders import is_hidden
from rostro.pictures.formats import picture_suffixes
from rostro.pictures.images import load_image
from rostro.pictures.naming import naming
from rostro.types import FloatArray

__all__ = [
    "EmbeddedPhotos",
    "Pairs",
    "Photos",
    "central_face",
    "compare_all",
    "compare_listed",
    "embed_photos",
    "read_folder",
    "read_pairs",
]

_FOLDS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Photos:
    """Photos and whom they show: ``names[persons[i]]`` is on ``paths[i]``.

    Attributes:
        persons: (N,) int32.
    """

    paths: tuple[Path, ...]
    persons: Indices
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of photos, by their indices.

    Attributes:
        first, second: (n,) int32.
        folds: (n,) int32, from 0.
    """

    photos: Photos
    first: Indices
    second: Indices
    folds: Indices


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedPhotos:
    """What an embedder makes of photos, of one face of each.

    Attributes:
        embeddings: (N, D) float32 of unit norm; zeros where no face was found.
        norms: (N,) float32, before that.
        found: (N,) bool.
    """

    embeddings: FloatArray
    norms: FloatArray
    found: NDArray[np.bool_]


def read_folder(folder: Path) -> Photos:
    """The photos ``folder/PERSON/*``, by person and name; none in hidden and system folders.

    Raises:
        FileMissingError: no such folder.
        EvaluationError: no photo in it.
    """
    if not folder.is_dir():
        raise FileMissingError(f"{folder}: no such folder; one with a folder a person is wanted")
    suffixes = picture_suffixes()
    files = sorted(
        path
        for path in folder.glob("*/*")
        if path.suffix.lower() in suffixes and not is_hidden(path.name, path.parent.name)
    )
    if not files:
        raise EvaluationError(f"{folder}: no photo in it; PERSON/PHOTO.jpg is wanted")
    return _photos(files)


def read_pairs(file: Path, images: Path) -> Pairs:
    """Read a list in the format of LFW; photo ``i`` of a person is ``PERSON/PERSON_000i.jpg``.

    The first line is the number of folds and that of their pairs of either kind; or the latter
    alone, of a development split, of whose two halves each is ten folds in its order. Then, a fold
    after the other, ``PERSON i j`` for same and ``PERSON i OTHER j`` for different persons.

    Raises:
        FileMissingError: the list or one of the photos is missing.
        EvaluationError: the list is malformed; names the line.
    """
    if not file.is_file():
        raise FileMissingError(f"{file}: no such file; a list of pairs is wanted")
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    header = lines[0].split() if lines else []
    if len(header) not in (1, 2) or not all(field.isdecimal() for field in header):
        raise EvaluationError(f"{file}, line 1: the number of folds and of their pairs is wanted")
    of_kind = int(header[-1])
    sets = int(header[0]) if len(header) == 2 else 1
    least = 1 if sets > 1 else _FOLDS
    if of_kind < least or len(lines) - 1 != 2 * of_kind * sets:
        raise EvaluationError(
            f"{file}: {len(lines) - 1} pairs follow the first line; it announces "
            f"{2 * of_kind * sets}, and {least} of either kind are the least"
        )
    sides = []
    for index, line in enumerate(lines[1:]):
        where = f"{file}, line {index + 2}"
        one, other = _sides(line, where)
        if (one[0] == other[0]) != (index // of_kind % 2 == 0):
            raise EvaluationError(
                f"{where}: the first half of a fold is of same persons, the second of different "
                "ones"
            )
        sides += [images / name / f"{name}_{number:04}.jpg" for name, number in (one, other)]
    paths = sorted(set(sides))
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise FileMissingError(f"{missing[0]}: no such photo, one of {len(missing)} missing")
    place = {path: index for index, path in enumerate(paths)}
    rows = np.array([place[path] for path in sides], np.int32)
    order = np.arange(len(rows) // 2)
    folds = order // (2 * of_kind) if sets > 1 else order % of_kind * _FOLDS // of_kind
    first, second = rows[::2].copy(), rows[1::2].copy()
    return Pairs(_photos(paths), first, second, folds.astype(np.int32))


def central_face(found: Faces, width: int, height: int) -> int:
    """Index of the face nearest the centre: the person whom a photo is named after."""
    centers = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    return int(np.linalg.norm(centers - [width / 2, height / 2], axis=1).argmin())


def embed_photos(
    detector: Detector,
    embedders: Sequence[Embedder],
    paths: Sequence[Path],
    progress: bool = False,
) -> tuple[EmbeddedPhotos, ...]:
    """What each embedder makes of the face nearest the centre of each photo.

    Args:
        progress: show a bar on the standard error.

    Raises:
        ImageError: a photo cannot be read; without it the result would be of another set.
        ArgumentError: the detector gives no landmarks, and an embedder needs them.
    """
    from tqdm import tqdm

    count = len(paths)
    results = tuple(
        EmbeddedPhotos(
            np.zeros((count, embedder.dim), np.float32),
            np.zeros(count, np.float32),
            np.zeros(count, np.bool_),
        )
        for embedder in embedders
    )
    for i, path in enumerate(tqdm(paths, unit="photo", leave=False, disable=not progress)):
        with naming(path):
            image = load_image(path)
            faces = detector(image)
            if len(faces) == 0:
                continue
            center = central_face(faces, image.shape[1], image.shape[0])
            face = faces.select(slice(center, center + 1))
            for embedder, result in zip(embedders, results, strict=True):
                embedded = embedder(image, face)
                result.embeddings[i : i + 1] = embedded.embeddings
                result.norms[i : i + 1] = embedded.norms
                result.found[i] = True
    return results


def compare_all(photos: Photos, embedded: EmbeddedPhotos, storage: str = "float32") -> Comparisons:
    """Every photo with every other; the bootstrap draws persons."""
    first, second = all_pairs(len(photos.paths))
    persons = photos.persons[first], photos.persons[second]
    scores = _scores(embedded, first, second, storage)
    return Comparisons(scores, persons[0] == persons[1], *persons)


def compare_listed(pairs: Pairs, embedded: EmbeddedPhotos, storage: str = "float32") -> Comparisons:
    """The pairs of a list; the bootstrap draws pairs."""
    persons = pairs.photos.persons
    scores = _scores(embedded, pairs.first, pairs.second, storage)
    units = np.arange(len(scores), dtype=np.int32)
    return Comparisons(scores, persons[pairs.first] == persons[pairs.second], units, units)


def _scores(embedded: EmbeddedPhotos, first: Indices, second: Indices, storage: str) -> FloatArray:
    scores = similarities(embedded.embeddings, first, second, storage)
    scores[~(embedded.found[first] & embedded.found[second])] = -np.inf
    return scores


def _photos(paths: Sequence[Path]) -> Photos:
    names, persons = np.unique([path.parent.name for path in paths], return_inverse=True)
    return Photos(tuple(paths), persons.astype(np.int32), tuple(names.tolist()))


def _sides(line: str, where: str) -> tuple[tuple[str, int], tuple[str, int]]:
    fields = line.split("\t") if "\t" in line else line.split()
    numbers = fields[1::2] if len(fields) == 4 else fields[1:]
    if len(fields) not in (3, 4) or not all(number.isdecimal() for number in numbers):
        raise EvaluationError(
            f"{where}: got {line[:80]!r}; PERSON i j or PERSON i OTHER j is wanted"
        )
    other = fields[2] if len(fields) == 4 else fields[0]
    return (fields[0], int(numbers[0])), (other, int(numbers[1]))
