"""The ground truth of WIDER FACE: the official ``.mat`` files of the validation set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError, FileMissingError
from rostro.evaluate.mat_file import Value, read_mat

__all__ = ["SETTINGS", "LabelledImage", "read_truth"]

SETTINGS = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """The labelled faces of one image.

    Attributes:
        boxes: (N, 4) float64, ``x, y, width, height`` in pixels.
        counted: for each of `SETTINGS`, (N,) bool: the faces that it counts; it ignores the others.
    """

    boxes: NDArray[np.float64]
    counted: Mapping[str, NDArray[np.bool_]]


def read_truth(folder: Path) -> dict[str, LabelledImage]:
    """Read ``wider_face_val.mat`` and ``wider_{easy,medium,hard}_val.mat``.

    Returns:
        The images by name, ``"EVENT/NAME"`` (no suffix), in the files' order.

    Raises:
        FileMissingError: one of the files is missing.
        EvaluationError: one of them is damaged or not what it should be, or lacks an event that
            another one has.
    """
    base = _Labels(folder / "wider_face_val.mat", "file_list", "face_bbx_list")
    settings = {name: _Labels(folder / f"wider_{name}_val.mat", "gt_list") for name in SETTINGS}
    for labels in settings.values():
        if labels.events != base.events:
            raise EvaluationError(f"{labels.path}: its events are not those of {base.path.name}")
    images: dict[str, LabelledImage] = {}
    for index, event in enumerate(base.events):
        names = base.texts("file_list", index)
        boxes = base.arrays("face_bbx_list", index, len(names))
        chosen = {
            name: file.arrays("gt_list", index, len(names)) for name, file in settings.items()
        }
        for i, name in enumerate(names):
            image = f"{event}/{name}"
            if image in images:
                raise EvaluationError(f"{base.path}: {image} is there twice")
            faces = _boxes(boxes[i], base.path, image)
            counted = {
                setting: _mask(indices[i], len(faces), settings[setting].path, image)
                for setting, indices in chosen.items()
            }
            images[image] = LabelledImage(faces, counted)
    if not images:
        raise EvaluationError(f"{base.path}: no image in it")
    return images


class _Labels:
    """A file of cell arrays that have an entry an event, which has an entry an image."""

    def __init__(self, path: Path, *variables: str) -> None:
        if not path.is_file():
            raise FileMissingError(
                f"{path}: no such file; the ground truth of WIDER FACE is wider_face_val.mat and "
                "wider_easy_val.mat, wider_medium_val.mat, wider_hard_val.mat in one folder"
            )
        self.path = path
        self._variables = read_mat(path, ("event_list", *variables))
        self.events = self._texts("event_list", self._variables["event_list"])

    def texts(self, variable: str, event: int) -> list[str]:
        """The names of the images of an event."""
        return self._texts(variable, self._of_event(variable, event))

    def arrays(self, variable: str, event: int, count: int) -> list[NDArray[Any]]:
        """The numbers of the ``count`` images of an event."""
        entries = self._of_event(variable, event)
        arrays = [entry for entry in entries if isinstance(entry, np.ndarray)]
        if not len(arrays) == len(entries) == count:
            raise EvaluationError(
                f"{self.path}: {variable} does not have numbers for each of the {count} images of "
                f"{self.events[event]}"
            )
        return arrays

    def _of_event(self, variable: str, event: int) -> list[Value]:
        entries = self._variables[variable]
        if not isinstance(entries, list) or len(entries) != len(self.events):
            raise EvaluationError(f"{self.path}: {variable} does not have an entry for each event")
        of_event = entries[event]
        if not isinstance(of_event, list):
            raise EvaluationError(f"{self.path}: {variable} does not have an entry for each image")
        return of_event

    def _texts(self, variable: str, entries: Value) -> list[str]:
        if not isinstance(entries, list):
            raise EvaluationError(f"{self.path}: {variable} is no list of names")
        texts = [entry for entry in entries if isinstance(entry, str)]
        if len(texts) != len(entries):
            raise EvaluationError(f"{self.path}: {variable} is no list of names")
        return texts


def _boxes(cell: NDArray[Any], path: Path, image: str) -> NDArray[np.float64]:
    if cell.size == 0:
        return np.empty((0, 4))
    if cell.ndim != 2 or cell.shape[1] != 4 or not np.isfinite(cell).all():
        raise EvaluationError(f"{path}: the faces of {image} are not rows of x, y, width, height")
    return np.ascontiguousarray(cell, np.float64)


def _mask(cell: NDArray[Any], faces: int, path: Path, image: str) -> NDArray[np.bool_]:
    """The faces that 1-based indices name."""
    mask = np.zeros(faces, np.bool_)
    indices = cell.ravel()
    if indices.size and not (indices.min() >= 1 and indices.max() <= faces):
        raise EvaluationError(f"{path}: {image} has {faces} faces, and others are to count")
    mask[indices.astype(np.intp) - 1] = True
    return mask
