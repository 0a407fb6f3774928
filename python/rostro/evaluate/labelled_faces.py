"""Photos of one labelled face each: their labels, and which detected face is the labelled one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostro.detect.detector import Detector
from rostro.errors import EvaluationError, FileMissingError
from rostro.evaluate.mat_file import read_mat
from rostro.faces import Faces
from rostro.pictures.folders import is_hidden
from rostro.pictures.formats import picture_suffixes
from rostro.pictures.images import load_image
from rostro.pictures.naming import naming
from rostro.pipeline import Stage
from rostro.types import FloatArray

__all__ = [
    "LEAST_OVERLAP",
    "LabelledFace",
    "find_faces",
    "groups",
    "labelled_among",
    "read_labels",
]

LEAST_OVERLAP = 0.3
"""Intersection over union with the box of the labelled points, from which on a face is that one.

Detectors' boxes differ: those of YuNet have 0.53 to 0.80 on AFLW2000, squares around a face less.
"""

_POINTS = 68
_YAWS = (0, 30, 60, 99)  # the ranges of AFLW2000; published figures end at 99 degrees


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFace:
    """The face that a photo is labelled with.

    Attributes:
        photo: path of the picture.
        points: (68, 2) float64 in pixels, of the scheme ``"ibug68"``.
        angles: (3,) float64 yaw, pitch, roll in degrees as 300W-LP and AFLW2000 have them (yaw
            positive to the image's left); ``None`` where the label is of points alone.
        group: its folder within the data, ``""`` at the top.
    """

    photo: Path
    points: NDArray[np.float64]
    angles: NDArray[np.float64] | None
    group: str


def read_labels(folder: Path) -> tuple[LabelledFace, ...]:
    """The labelled faces of a folder and those below it, by path.

    A label is ``NAME.mat`` as AFLW2000 has it (``Pose_Para`` and ``pt3d_68``) or ``NAME.pts`` of 68
    points as 300-W has it (which counts pixels from 1), beside the photo of that name.

    Raises:
        FileMissingError: no such folder, or no photo beside a label.
        EvaluationError: no label in it, or one that is malformed; names the file.
    """
    if not folder.is_dir():
        raise FileMissingError(
            f"{folder}: no such folder; one with NAME.jpg and NAME.mat is wanted"
        )
    labels = [path for path in folder.rglob("*") if path.suffix.lower() in (".mat", ".pts")]
    shown = [path for path in sorted(labels) if not is_hidden(*path.relative_to(folder).parts)]
    if not shown:
        raise EvaluationError(f"{folder}: no label in it; NAME.mat or NAME.pts is wanted")
    photos = _photos({path.parent for path in shown})
    return tuple(_labelled(path, folder, photos) for path in shown)


def labelled_among(points: NDArray[np.float64], faces: Faces) -> int | None:
    """Index of the face that overlaps the box of these points most; ``None``: none does enough.

    The measure is the intersection over union, the least of which is `LEAST_OVERLAP`.
    """
    if len(faces) == 0:
        return None
    overlaps = _overlaps(np.concatenate([points.min(0), points.max(0)]), faces.boxes)
    best = int(overlaps.argmax())
    return best if overlaps[best] >= LEAST_OVERLAP else None


def find_faces(
    labels: Sequence[LabelledFace],
    detector: Detector,
    stages: Sequence[Stage] = (),
    progress: bool = False,
) -> Iterator[Faces | None]:
    """What is said of each labelled face: a table of one row, or ``None`` where it is not found.

    Args:
        stages: run on the labelled face alone, one after the other.
        progress: show a bar on the standard error.

    Raises:
        ImageError: a photo cannot be read; without it the result would be of another set.
    """
    from tqdm import tqdm

    for label in tqdm(labels, unit="photo", leave=False, disable=not progress):
        with naming(label.photo):
            image = load_image(label.photo)
            faces = detector(image)
            index = labelled_among(label.points, faces)
            if index is None:
                yield None
                continue
            face = faces.select(slice(index, index + 1))
            for stage in stages:
                face = stage(image, face, "bgr")
        yield face


def groups(labels: Sequence[LabelledFace]) -> dict[str, NDArray[np.bool_]]:
    """Parts of the data by name, (N,) bool each: folders, where there are several, and yaw ranges.

    Only faces whose label has angles are in a range; none is given that would be empty.
    """
    found: dict[str, NDArray[np.bool_]] = {}
    folders = np.array([label.group for label in labels])
    if len(set(folders)) > 1:
        found |= {name or ".": folders == name for name in sorted(set(folders.tolist()))}
    # A comparison with NaN is false: faces without angles are in no range.
    yaws = np.array([np.nan if label.angles is None else abs(label.angles[0]) for label in labels])
    for low, high in itertools.pairwise(_YAWS):
        found[f"yaw {low}-{high}"] = (yaws >= low) & (yaws < high)
    found[f"yaw {_YAWS[-1]}-180"] = yaws >= _YAWS[-1]
    return {name: part for name, part in found.items() if part.any()}


def _overlaps(box: NDArray[np.float64], boxes: FloatArray) -> NDArray[np.float64]:
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    shared = sides.clip(0).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1).astype(np.float64)
    whole: NDArray[np.float64] = (box[2:] - box[:2]).prod() + areas - shared
    return np.where(whole > 0, shared / np.maximum(whole, 1e-9), 0)


def _photos(folders: set[Path]) -> dict[Path, Path]:
    """The pictures of folders by their paths without suffix."""
    suffixes = picture_suffixes()
    pictures = [path for folder in folders for path in sorted(folder.iterdir())]
    return {path.with_suffix(""): path for path in pictures if path.suffix.lower() in suffixes}


def _labelled(path: Path, folder: Path, photos: dict[Path, Path]) -> LabelledFace:
    photo = photos.get(path.with_suffix(""))
    if photo is None:
        raise FileMissingError(f"{path}: no photo of this name beside it")
    points, angles = _read_points(path) if path.suffix.lower() == ".pts" else _read_mat(path)
    # A box of points without an area overlaps nothing.
    if not np.isfinite(points).all() or (points.max(0) <= points.min(0)).any():
        raise EvaluationError(f"{path}: its points are not finite, or on one line")
    return LabelledFace(
        photo, points, angles, path.parent.relative_to(folder).as_posix().strip(".")
    )


def _read_mat(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    variables = read_mat(path, ("Pose_Para", "pt3d_68"))
    pose, points = (variables[name] for name in ("Pose_Para", "pt3d_68"))
    if not isinstance(pose, np.ndarray) or pose.size < 3:
        raise EvaluationError(f"{path}: Pose_Para: three angles are wanted")
    if not isinstance(points, np.ndarray) or points.shape not in ((2, _POINTS), (3, _POINTS)):
        raise EvaluationError(f"{path}: pt3d_68: an array of 3 x {_POINTS} is wanted")
    pitch, yaw, roll = np.degrees(pose.ravel()[:3].astype(np.float64))
    angles = np.array([yaw, pitch, roll])
    if not np.isfinite(angles).all():
        raise EvaluationError(f"{path}: Pose_Para: its angles are not finite")
    return points[:2].T.astype(np.float64), angles


def _read_points(path: Path) -> tuple[NDArray[np.float64], None]:
    text = path.read_text(encoding="utf-8", errors="replace")
    inside = text.partition("{")[2].partition("}")[0]
    try:
        points = np.array([float(number) for number in inside.split()]).reshape(-1, 2)
    except ValueError as error:
        raise EvaluationError(f"{path}: no list of points that can be read ({error})") from error
    if len(points) != _POINTS:
        raise EvaluationError(f"{path}: got {len(points)} points; {_POINTS} are wanted")
    return points - 1, None
