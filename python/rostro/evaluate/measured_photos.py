"""What a pipeline says of the person on each photo, as one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro.detect.detector import Detector
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate.damage import damage
from rostro.evaluate.discard import Discard, discard
from rostro.evaluate.labelled_faces import labelled_among
from rostro.evaluate.labelled_photos import (
    EmbeddedPhotos,
    Pairs,
    Photos,
    central_face,
    compare_all,
    compare_listed,
)
from rostro.evaluate.verification import Comparisons, Indices, all_pairs
from rostro.faces import Faces
from rostro.kernels import Color
from rostro.pictures.images import load_image
from rostro.pictures.naming import naming
from rostro.pipeline import Stage
from rostro.types import Image

__all__ = [
    "ComparedPhotos",
    "MeasuredPhotos",
    "as_attribute",
    "compare_photos",
    "discard_photos",
    "measure_of",
    "measure_photos",
    "pool_photos",
]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredPhotos:
    """What was found.

    Attributes:
        faces: a row for each photo in which the face was found, in order.
        found: (N,) bool, which ones these are.
        damaged: how many photos each kind of damage happened to.
    """

    faces: Faces
    found: NDArray[np.bool_]
    damaged: dict[str, int]


def measure_photos(
    detector: Detector,
    stages: Sequence[Stage],
    paths: Sequence[Path],
    measures: Sequence[str] = (),
    damage_seed: int | None = None,
    progress: bool = False,
) -> MeasuredPhotos:
    """What the stages say of the face nearest the centre of each photo.

    Args:
        measures: names for `measure_of`; a wrong one is told at the first face.
        damage_seed: photos are damaged before; the same seed and order give the same damage. The
            face is then the one that overlaps the box from before most.
        progress: show a bar on the standard error.

    Raises:
        ImageError: a photo cannot be read; without it the result would be of another set.
        EvaluationError: no face was found at all.
        ArgumentError: a measure that the faces do not have.
    """
    from tqdm import tqdm

    found = np.zeros(len(paths), np.bool_)
    tables: list[Faces] = []
    damaged: Counter[str] = Counter()
    for i, path in enumerate(tqdm(paths, unit="photo", leave=False, disable=not progress)):
        with naming(path):
            image = load_image(path)
            faces = detector(image)
            if len(faces) == 0:
                continue
            row: int | None = central_face(faces, image.shape[1], image.shape[0])
            if damage_seed is not None:
                random = np.random.default_rng([damage_seed, i])
                image, box, done = damage(image, faces.boxes[row], random)
                if done:
                    damaged.update(done)
                    faces = detector(image)
                    row = labelled_among(box.reshape(2, 2).astype(np.float64), faces)
            if row is None:
                continue
            face = faces.select(slice(row, row + 1))
            for stage in stages:
                face = stage(image, face, "bgr")
        for measure in () if tables else measures:
            measure_of(face, measure)
        tables.append(face)
        found[i] = True
    if not tables:
        raise EvaluationError("no face was found on any photo")
    return MeasuredPhotos(Faces.concatenate(tables), found, dict(sorted(damaged.items())))


def as_attribute(judge: Stage, name: str) -> Stage:
    """A stage that keeps the quality which another one tells as the attribute ``name``."""

    def stage(image: Image, faces: Faces, color: Color) -> Faces:
        quality = judge(image, faces, color).quality
        if quality is None:
            raise EvaluationError(f"{name}: tells no quality")
        return faces.with_columns(attributes={name: quality})

    return stage


class ComparedPhotos(NamedTuple):
    """What `rostro.evaluate.discard.discard` takes of photos that were compared."""

    comparisons: Comparisons
    first: Indices
    second: Indices
    qualities: dict[str, NDArray[np.float64]]
    reasons: NDArray[np.uint32] | None


def discard_photos(
    measured: MeasuredPhotos,
    photos: Photos | Pairs,
    measures: Sequence[str],
    *,
    fmr: float,
    limit: float,
    samples: int,
) -> tuple[Discard, Comparisons]:
    """Error-versus-discard curves of measures of the photos' faces, and what was compared.

    Comparisons with a photo without a face are left out: it has no quality, and that it is no
    match is no measure's merit.

    Args:
        measured: with embeddings.
        photos: each is compared with every other; or the pairs of a list.
        measures: names for `measure_of`.
        fmr, limit, samples: of `rostro.evaluate.discard.discard`, which raises what it does.
    """
    compared = compare_photos(measured, photos, measures)
    return discard(*compared, fmr=fmr, limit=limit, samples=samples), compared.comparisons


def compare_photos(
    measured: MeasuredPhotos, photos: Photos | Pairs, measures: Sequence[str]
) -> ComparedPhotos:
    """The comparisons of `discard_photos`, and the measures of all photos."""

    def over_photos(values: NDArray[Any]) -> NDArray[Any]:
        whole = np.zeros((len(measured.found), *values.shape[1:]), values.dtype)
        whole[measured.found] = values
        return whole

    faces = measured.faces
    if faces.embeddings is None or faces.norms is None:
        raise EvaluationError("got faces without embeddings; a stage that embeds is wanted")
    embedded = EmbeddedPhotos(
        over_photos(faces.embeddings), over_photos(faces.norms), measured.found
    )
    if isinstance(photos, Pairs):
        first, second = photos.first, photos.second
        compared = compare_listed(photos, embedded)
    else:
        first, second = all_pairs(len(photos.paths))
        compared = compare_all(photos, embedded)
    kept = measured.found[first] & measured.found[second]
    # What the bootstrap draws: the pairs of a list that are left, else persons.
    units = np.arange(int(kept.sum()), dtype=np.int32)
    drawn = (
        (units, units)
        if isinstance(photos, Pairs)
        else (compared.first[kept], compared.second[kept])
    )
    compared = Comparisons(compared.scores[kept], compared.same[kept], *drawn)
    return ComparedPhotos(
        compared,
        first[kept],
        second[kept],
        {name: over_photos(measure_of(faces, name)) for name in measures},
        None if faces.reasons is None else over_photos(faces.reasons),
    )


def pool_photos(tables: Sequence[ComparedPhotos]) -> ComparedPhotos:
    """The comparisons of several damages of the same photos, as one set: each within its own
    damage, drawn over the same persons. They have the same measures and numbers of photos."""
    size = len(next(iter(tables[0].qualities.values())))
    compared = [table.comparisons for table in tables]
    pooled = Comparisons(
        *(np.concatenate([getattr(one, name) for one in compared]) for name in _COMPARED)
    )
    first, second = (
        np.concatenate(
            [(getattr(table, side) + i * size).astype(np.int32) for i, table in enumerate(tables)]
        )
        for side in ("first", "second")
    )
    qualities = {
        name: np.concatenate([table.qualities[name] for table in tables])
        for name in tables[0].qualities
    }
    reasons = [table.reasons for table in tables if table.reasons is not None]
    return ComparedPhotos(
        pooled, first, second, qualities, np.concatenate(reasons) if reasons else None
    )


_COMPARED = ("scores", "same", "first", "second")


def measure_of(faces: Faces, name: str) -> NDArray[np.float64]:
    """A column of numbers as a measure of quality: more is better.

    Args:
        name: a column, ``"norms"``, an attribute, ``"sharpness"``, or one number of either,
            ``"poses.0"``. With a minus before it less is better; with bars around it, as in
            ``"-|poses.0|"``, the sign does not count.

    Returns:
        (N,) float64.

    Raises:
        ArgumentError: there is no such column, or its entries are several numbers.
    """
    bare = name.removeprefix("-")
    sign = 1.0 if bare == name else -1.0
    absolute = len(bare) > 2 and bare[0] == bare[-1] == "|"
    if absolute:
        bare = bare[1:-1]
    values = _column(faces, bare)
    if values is None:
        columns = [each.removeprefix("attributes.") for each in faces.columns()]
        raise ArgumentError(f"measure: got {name!r}; one of {', '.join(columns)} is wanted")
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        sides = " x ".join(str(side) for side in values.shape[1:])
        raise ArgumentError(
            f"measure: got {name!r}, of {sides} numbers a face; one of them, {bare}.0, is wanted"
        )
    numbers = values.astype(np.float64)
    return sign * (np.abs(numbers) if absolute else numbers)


def _column(faces: Faces, name: str) -> NDArray[np.generic] | None:
    columns = faces.columns()
    for known in (name, f"attributes.{name}"):
        if known in columns:
            return columns[known]
    outer, _, index = name.rpartition(".")
    whole = _column(faces, outer) if outer and index.isdecimal() else None
    if whole is None or whole.ndim < 2 or int(index) >= whole.shape[1]:
        return None
    part: NDArray[np.generic] = whole[:, int(index)]
    return part
