"""Face embeddings: a network between the two halves of the core's embedder task."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rostro import _core, models
from rostro.engines import Engine
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Channels, Color, color_orders, three
from rostro.landmarks.landmarker import Landmarker
from rostro.models.card import Card, EmbedSettings, Threshold
from rostro.models.choice import Precision
from rostro.support.arguments import check_flag, check_text
from rostro.types import FloatArray, Image, ImageLike

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Embedded", "Embedder"]


class Embedded(NamedTuple):
    """Embeddings, (N, D) float32 of unit norm, and the norms, (N,), that the network gave them.

    A low norm tells a face that is hard to recognise: blurred, small, turned away, covered (Kim et
    al., "AdaFace", 2022, section 3.2). Norms compare within one model only.
    """

    embeddings: FloatArray
    norms: FloatArray


class Embedder:
    """Turns faces into vectors whose dot product is their similarity. A stage of a pipeline.

    Any number of threads may call one embedder at once. A run of the network takes a few faces at
    most, so that memory does not grow with their number. It is pickled as what it was made from.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file; see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, while they gain time.
        precision: ``"float32"``, ``"int8"``, or ``"auto"``: the quicker one here, see
            `rostro.models.Model.open`. Embeddings of one compare with those of the other.
        flip: whether an embedding is that of the mean of what the network gives for the crop and
            for its mirror image, at twice the time; by default as the card says.
        refine: a `Landmarker`, or what makes one, by whose points faces are aligned instead of the
            detector's landmarks: more exactly, at its time a face. Embeddings made with and without
            do not compare well; a gallery tells them apart.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        dim: length of an embedding.
        size: (width, height) of the crops in pixels.
        template: the name of their crop template; ``"own"``: five points of the card; ``"box"``:
            the detector's box instead.
        flip: as above.
        refine: the `Landmarker`, or ``None``.
        threshold: the card's cosine similarity from which on two embeddings are taken for one
            person's; ``None`` where it names none that was calibrated with this ``flip`` and
            ``refine``. The card says how it was measured, and may name a stricter one.

    Raises:
        ModelError: the model's card is missing, says nothing of an embedding, or nonsense.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path = models.DEFAULTS["embed"],
        *,
        engine: str = "auto",
        threads: int | None = None,
        precision: Precision = "auto",
        flip: bool | None = None,
        refine: Landmarker | str | Path | None = None,
    ) -> None:
        self._recipe: Callable[[], Embedder] | None = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads, precision=precision,
            flip=flip, refine=refine,
        )  # fmt: skip
        self.model = models.resolve(name_or_path, "embed")
        card = self.model.card
        if card is None or card.embed is None or card.input.size is None:
            raise ModelError(
                f"{name_or_path}: how to prepare faces for it is not known; write a model card "
                "beside it (task, input with size, outputs, embed) and name the .toml"
            )
        self.dim = card.embed.dim
        named, own = _template(card.embed)
        self.template = named if own is None else "own"
        self.size = card.input.size
        self.flip = card.embed.flip if flip is None else check_flag("flip", flip)
        if isinstance(refine, Landmarker) and not refine.landmarks:
            raise ArgumentError(
                f"refine: got a landmarker, {refine.model.name}, that leaves the landmarks as they "
                "are; one with landmarks=True is wanted"
            )
        # What is wrong with a card is said before a network is fetched and loaded for it.
        self._task = _task(card, card.embed, self.size, self.flip)
        self._output = card.outputs.index(card.embed.output or card.outputs[0])
        if refine is not None and not isinstance(refine, Landmarker):
            refine = Landmarker(refine, engine=engine, threads=threads, landmarks=True)
        self.refine = refine
        cosine = self.thresholds.get("cosine")
        self.threshold = None if cosine is None else cosine.value
        self.engine = self.model.open(engine, threads, precision)

    @property
    def thresholds(self) -> Mapping[str, Threshold]:
        """The card's thresholds that were calibrated with this ``flip`` and ``refine``, by name."""
        card = self.model.card
        if card is None or card.embed is None or self.flip != card.embed.flip:
            return {}
        if self.refine is None:
            return card.thresholds
        return card.refined.get(self.refine.model.name, {})

    def with_engine(self, engine: Engine) -> Self:
        """The same embedder on another engine: one that records, or a form of the network. It
        cannot be pickled."""
        other = copy.copy(self)
        other.engine = engine
        other._recipe = None
        return other

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with their ``embeddings`` and ``norms``; the crops are never stored.

        With ``refine`` they have its ``points`` too, and ``landmarks`` by these.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image; with landmarks, unless the crop template is ``"box"``.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
            EngineError: the network failed, or its numbers cannot be used.
            ModelError: its output is not what the card says.
        """
        check_faces("faces", faces)
        check_text("color", color)
        if self.refine is not None:
            faces = self.refine(image, faces, color)
        columns = faces.for_core()
        found = self._run(
            len(faces), lambda begin, count: self._task.prepare(image, color, columns, begin, count)
        )
        return faces.with_columns(embeddings=found.embeddings, norms=found.norms)

    def embed_crops(
        self, crops: Image, color: Channels = "bgr", landmarks: FloatArray | None = None
    ) -> Embedded:
        """Embed crops of faces, as `crops` makes them.

        Args:
            crops: (N, height, width, 3) uint8, C-contiguous.
            color: their order, ``"bgr"`` or ``"rgb"``.
            landmarks: (N, 5, 2) float32 in pixels of the crops, for a network that takes them.

        Raises:
            ArgumentError, ArgumentTypeError: not such crops, or landmarks missing.
            EngineError, ModelError: see `__call__`.
        """
        check_text("color", color)

        def prepare(begin: int, count: int) -> tuple[FloatArray, FloatArray | None]:
            return self._task.prepare_crops(crops, color, landmarks, begin, count)

        prepare(0, 0)  # refuses what are no crops
        return self._run(len(crops), prepare)

    def crops(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Image:
        """The crops that this network takes of faces.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image; with landmarks, unless the crop template is ``"box"``.

        Returns:
            (N, height, width, 3) uint8, RGB for ``color="rgb"``, else BGR.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
        """
        columns = check_faces("faces", faces).for_core()
        order, made = color_orders(color, None)
        return self._task.crops(image, order, columns, made)

    def _run(
        self, count: int, prepare: Callable[[int, int], tuple[FloatArray, FloatArray | None]]
    ) -> Embedded:
        """Runs the network between the halves of the task, a few faces at a time."""
        embeddings: FloatArray = np.empty((count, self.dim), np.float32)
        norms: FloatArray = np.empty(count, np.float32)
        for begin in range(0, count, self._task.batch):
            faces = min(self._task.batch, count - begin)
            tensor, points = prepare(begin, faces)
            part = slice(begin, begin + faces)
            outputs = self.engine.run(tensor, *([] if points is None else [points]))
            output = outputs[self._output]
            if output.shape[2:] == (1, 1):  # a convolution is the last layer
                output = output[:, :, 0, 0]
            embeddings[part], norms[part] = self._task.finish(output, faces)
        return Embedded(embeddings, norms)

    def __copy__(self) -> Self:
        # By `__reduce__` the network would be loaded again.
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __reduce__(self) -> tuple[Callable[[], Embedder], tuple[()]]:
        if self._recipe is None:
            raise TypeError("an embedder that with_engine made cannot be pickled")
        return self._recipe, ()


def _template(settings: EmbedSettings) -> tuple[str, Sequence[Sequence[float]] | None]:
    """The name of the crop template, and its points where they are the card's own."""
    if isinstance(settings.template, str):
        return settings.template, None
    return "", settings.template


def _task(
    card: Card, settings: EmbedSettings, size: tuple[int, int], flip: bool
) -> _core.EmbedderTask:
    if settings.output is None and len(card.outputs) != 1:
        raise ModelError(
            f"{card.name}: {len(card.outputs)} outputs; an embedder has one, or embed.output in "
            "its card says which"
        )
    if settings.output is not None and settings.output not in card.outputs:
        raise ModelError(
            f"{card.name}: card: embed.output: got {settings.output!r}; one of "
            f"{', '.join(card.outputs)} is wanted"
        )
    named, own = _template(settings)
    try:
        return _core.EmbedderTask(
            name=card.name,
            dim=settings.dim,
            size=size,
            crop_template=named,
            flip=flip,
            landmarks=settings.landmarks is not None,
            channels=card.input.channels,
            mean=three(card.input.mean, "mean"),
            std=three(card.input.std, "std"),
            token=settings.token or "",
            own_template=own,
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error
