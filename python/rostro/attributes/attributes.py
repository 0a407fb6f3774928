"""What a network says of faces: one run between the two halves of the core's attributes task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro import _core, models
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.models.card import Card
from rostro.models.card_attributes import (
    AttributeSettings,
    Classes,
    CropInput,
    Flags,
    Head,
    Mask,
    Number,
    Vector,
)
from rostro.models.crop import crop_rule
from rostro.models.for_core import angle_indices, output_index
from rostro.support.arguments import check_text, shown
from rostro.types import FloatArray, ImageLike

__all__ = ["Attributes", "Label"]

Label = str | tuple[str, ...] | tuple[tuple[str, ...], ...]


class Attributes:
    """Says things of faces, by any number of heads of one network. A stage of a pipeline.

    Any number of threads may call one at once. A run of the network takes a few faces at most, so
    that memory does not grow with their number. It is pickled as what it was made from.

    Args:
        name_or_path: a built-in model, a card (``.toml``) of the task ``"attributes"``; see
            `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, while they gain time.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        attribute_names: for each attribute that it gives, what its numbers are: the names of
            classes, of flags, of a vector's numbers; of a mask, of the classes that its pixels
            count from 0 on; of a number none.
        takes_poses: whether the network takes the poses of the faces too, those of a stage before.

    Raises:
        ModelError: the model's card is missing, says nothing of attributes, or nonsense.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self, name_or_path: str | Path, *, engine: str = "auto", threads: int | None = None
    ) -> None:
        self._recipe: Callable[[], Attributes] = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads
        )
        self.model = models.resolve(name_or_path, "attributes")
        card = self.model.card
        if card is None or card.attributes is None:
            raise ModelError(
                f"{name_or_path}: what it says of faces is not known; write a model card beside it "
                "(task, input with size, outputs, crop, attributes) and name the .toml"
            )
        self._heads = {head.name: head for head in card.attributes.heads}
        self.attribute_names = {name: _names(head) for name, head in self._heads.items()}
        if any(isinstance(head, Mask) and head.covers for head in card.attributes.heads):
            self.attribute_names["visible"] = ("eyes", "mouth", "face")
        self.takes_poses = any(each.kind == "pose" for each in card.attributes.inputs)
        # What is wrong with a card is said before a network is fetched and loaded for it.
        self._task = _task(card, card.attributes)
        self.engine = self.model.open(engine, threads)

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with an attribute for each head, under its name.

        Float32: (N, classes) probabilities that sum to 1, (N, flags) probabilities, (N,) numbers,
        (N, numbers) vectors. Uint8: (N, height, width) masks, which lie in the crop that the
        network took (`transforms`). Of a network that sees one eye at a time each is (N, 2, ...),
        the image-left eye first. A direction is in the camera's frame: x to the right, y down, z
        away from the camera.

        Where a mask's card says what covers a face, also ``"visible"``, (N, 3): the shares of the
        eyes, the mouth and the face that nothing covers, 0..1; NaN where it is not said where they
        are, or less than half of them lies in the mask.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image; with landmarks, points or poses where the card asks for them.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
            EngineError: the network failed, or its numbers cannot be used.
            ModelError: its outputs are not what the card says.
        """
        check_text("color", color)
        columns = check_faces("faces", faces).for_core()
        scheme = faces.scheme or ""
        none: FloatArray = np.empty((0, 2, 3), np.float32)
        parts = []
        for begin in range(0, len(faces), self._task.batch):
            count = min(self._task.batch, len(faces) - begin)
            tensor, others, transforms = self._task.prepare(
                image, color, columns, scheme, begin, count
            )
            outputs = self.engine.run(tensor, *others)
            parts.append(self._task.finish(outputs, transforms, columns, scheme, begin))
        if not parts:
            _core.image_size(image, color)  # refuses what is no image
            parts.append(self._task.finish([], none, columns, scheme, 0))
        found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return faces.of_checked(faces.columns() | found, faces.scheme)

    def transforms(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> FloatArray:
        """From the crops that the network takes of faces, in which masks lie, to the image.

        Args:
            image: as of a call; its size alone is used.
            faces: those that the attributes are of.

        Returns:
            (N, 2, 3) float32: ``x' = m[:, :2] @ x + m[:, 2]`` of a pixel of the crop is its place
            in the image. Of a network that sees one eye at a time (2 N, 2, 3), those of a face one
            after the other.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
        """
        check_text("color", color)
        columns = check_faces("faces", faces).for_core()
        return self._task.transforms(image, color, columns, faces.scheme or "")

    def labels(self, faces: Faces) -> list[dict[str, Label]]:
        """In words, what this network said of each face: of classes the name of the likeliest, of
        flags the names of those that are rather true than not. Of a network that sees one eye at a
        time, a tuple of both eyes' words.

        Args:
            faces: a table that this stage gave, or a selection of it.

        Raises:
            ArgumentError, ArgumentTypeError: no such table.
        """
        attributes = check_faces("faces", faces).attributes or {}
        rows: list[dict[str, Label]] = [{} for _ in range(len(faces))]
        for name, head in self._heads.items():
            if not isinstance(head, Classes | Flags):
                continue
            array = attributes.get(name)
            wanted = len(head.names)
            if array is None or array.dtype.kind != "f" or array.shape[-1:] != (wanted,):
                got = "none" if array is None else f"{array.dtype} of shape {array.shape}"
                raise ArgumentError(
                    f"faces: got for the attribute {name} {got}; what {self.model.name} says, "
                    f"(N, ..., {wanted}) probabilities, is wanted"
                )
            for row, probabilities in zip(rows, array, strict=True):
                if probabilities.ndim == 1:
                    row[name] = _label(head, probabilities)
                else:
                    row[name] = tuple(_label(head, each) for each in probabilities)  # type: ignore[assignment]
        return rows

    def __reduce__(self) -> tuple[Callable[[], Attributes], tuple[()]]:
        return self._recipe, ()


def _label(head: Classes | Flags, probabilities: NDArray[Any]) -> str | tuple[str, ...]:
    if isinstance(head, Classes):
        return head.names[int(probabilities.argmax())]
    likely = zip(head.names, probabilities, strict=True)
    return tuple(name for name, probability in likely if probability >= 0.5)


def _names(head: Head) -> tuple[str, ...]:
    return () if isinstance(head, Number) else head.names


def _task(card: Card, settings: AttributeSettings) -> _core.AttributesTask:
    try:
        return _core.AttributesTask(
            name=card.name,
            crop=crop_rule(card),
            inputs=[
                crop_rule(card, each.crop, each.size)
                if isinstance(each, CropInput)
                else _core.PoseInput(
                    outputs=angle_indices(each.outputs),
                    product=angle_indices(each.product),
                    signs=each.signs,
                    level=each.level,
                )
                for each in settings.inputs
            ],
            each_eye=settings.each_eye,
            heads=[_head(card, head) for head in settings.heads],
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error


def _covering(card: Card, head: Mask, name: str) -> int:
    if name not in head.names:
        raise ModelError(
            f"{card.name}: card: covers of {head.name}: got {shown(name)}; one of "
            f"{', '.join(head.names)} is wanted"
        )
    return head.names.index(name)


def _head(card: Card, head: Head) -> _core.AttributeHead:
    own: dict[str, Any] = {}
    match head:
        case Number():
            own = {"logits": head.logits, "scale": head.scale, "offset": head.offset}
        case Vector():
            own = {"scale": head.scale, "offset": head.offset, "unit": head.unit}
            own |= {"direction": head.direction, "signs": head.signs}
        case Classes() | Flags():
            own = {"logits": head.logits}
        case Mask():
            own = {"logits": head.logits, "covers": [_covering(card, head, c) for c in head.covers]}
    return _core.AttributeHead(
        name=head.name,
        kind=head.kind,
        output=output_index(card, f"head {head.name}", head.output),
        first=head.first,
        count=(head.bins or 1) if isinstance(head, Number) else len(head.names),
        **own,
    )
