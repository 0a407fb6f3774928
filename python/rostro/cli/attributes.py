"""What networks of attributes say, on the command line: the option, words, and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from rostro.faces import Faces
from rostro.kernels.arguments import Color
from rostro.types import Image

if TYPE_CHECKING:
    from rostro import Attributes

__all__ = ["AttributeStages", "attributes_option"]

attributes_option = click.option(
    "--attributes",
    "attributes",
    metavar="NAME|PATH",
    multiple=True,
    help="Model of attributes, such as expressions or ages, to be asked of each face; may be "
    "given several times.",
)


class AttributeStages:
    """The models that the option names, one after the other; before the first that takes poses,
    those of the landmarks are found."""

    def __init__(self, names: Sequence[str], engine: str, threads: int | None) -> None:
        from rostro import Attributes

        self._stages = [Attributes(name, engine=engine, threads=threads) for name in names]

    def __call__(self, image: Image, faces: Faces, color: Color = "bgr") -> Faces:
        from rostro import HeadPose

        for stage in self._stages:
            if stage.takes_poses and faces.poses is None:
                faces = HeadPose()(image, faces, color)
            faces = stage(image, faces, color)
        return faces

    def words(self, faces: Faces) -> list[list[str]]:
        """What was said of each face, a text for each attribute but masks: "happy 0.93"."""
        rows: list[list[str]] = [[] for _ in range(len(faces))]
        for stage in self._stages:
            labels = stage.labels(faces)
            for name in stage.attribute_names:
                array = (faces.attributes or {})[name]
                if array.dtype == np.uint8:
                    continue
                for row, label, numbers in zip(rows, labels, array, strict=True):
                    row.append(_words(name, label.get(name), numbers))
        return rows

    def rows(self, faces: Faces) -> list[dict[str, Any]]:
        """Rows for JSON: with ``labels``, and of each mask the share of its pixels by class."""
        columns = faces.columns()
        masks = {
            name: (stage, columns.pop(f"attributes.{name}"))
            for stage in self._stages
            for name in stage.attribute_names
            if columns[f"attributes.{name}"].dtype == np.uint8
        }
        rows = Faces.of(columns, faces.scheme).rows()
        for stage in self._stages:
            for row, label in zip(rows, stage.labels(faces), strict=True):
                if label:
                    row.setdefault("labels", {}).update(label)
        for name, (stage, mask) in masks.items():
            for row, pixels in zip(rows, mask, strict=True):
                row.setdefault("attributes", {})[name] = _shares(stage, name, pixels)
        return rows


def _words(name: str, label: object, numbers: Any) -> str:
    if isinstance(label, str):
        return f"{label} {float(numbers.max()):.2f}"
    if label is not None:
        return f"{name} {' '.join(_flat(label)) or '-'}"
    shown = " ".join(f"{value:.2f}" for value in np.ravel(numbers)[:_SHOWN])
    return f"{name} {shown}{' …' if np.size(numbers) > _SHOWN else ''}"


# Numbers of a vector; the rest of 52 blendshapes is for --json.
_SHOWN = 4


def _flat(label: Any) -> list[str]:
    return [label] if isinstance(label, str) else [word for each in label for word in _flat(each)]


def _shares(stage: Attributes, name: str, pixels: Any) -> dict[str, float]:
    names = stage.attribute_names[name]
    counts = np.bincount(pixels.ravel(), minlength=len(names))
    return {
        each: round(float(count) / pixels.size, 4)
        for each, count in zip(names, counts, strict=True)
        if count
    }
