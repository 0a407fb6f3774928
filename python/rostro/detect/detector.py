"""Face detection: a network between the two halves of the core's detector task."""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from rostro import _core, models
from rostro.detect.infer_head import head_facts, infer_head
from rostro.detect.input_sizes import DetSize, Size, read_det_size
from rostro.engines import Engine
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces
from rostro.kernels.arguments import Color, check_size, three
from rostro.models.card import Card, DetectSettings, Input
from rostro.models.choice import Precision
from rostro.support.arguments import check_integer, check_number, check_text
from rostro.types import FloatArray, ImageLike

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Detector", "Turn"]

Turn = Literal["never", "auto", "always"]


_CACHE_LINE = 64
"""Bytes."""


class Detector:
    """Finds faces and, where the network gives them, their landmarks and poses.

    Any number of threads may call one detector at once. It is pickled as what it was made from.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file, whose head is inferred
            where it can be; see docs/guide/detect.md.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, while they gain time.
        precision: ``"float32"``, ``"int8"``, or ``"auto"``: the quicker one here, see
            `rostro.models.Model.open`.
        det_size: (width, height) of the network's input, rounded up to what it needs; images are
            scaled to fit it. Or a list of such: each image goes to the one of the nearest aspect.
            Or ``"native"``: the image's own size, whatever it is;
            or ``"auto"``: the smallest input in which faces of ``min_face`` pixels can be found.
            By default the image's own size, shrunk so that its longer side is at most 640 pixels;
            networks that take one size only, get that.
        min_face: height in pixels of the image of the smallest faces that ``"auto"`` is to find.
        tile: (width, height) of tiles that an image larger than that is cut into; each is searched
            as an image of its own, and so is the whole. ``det_size`` is for either; by default
            neither has a side longer than 640 or the tile's. At most 1,048,576 of an image.
        overlap: pixels that neighbouring tiles share; a face up to that size is whole in one.
        turn: of photos that lie on their side, or upside down. ``"auto"``: an image in which no
            upright face has a score of 0.9 is searched in the other three quarters, too, and the
            faces are those of the quarter that shows the surest one; they have an attribute
            ``"turn"``, (N,) int64: by how many degrees (0, 90, 180, 270) the image is to be turned
            clockwise for them to be upright. ``"always"``: whatever the score. ``"never"``.
        score_threshold, nms_threshold: 0..1, by default those of the model's card.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        detect: the `rostro.models.card.DetectSettings` in use: the card's, or the inferred ones.
        input: the `rostro.models.card.Input` that the network takes.

    Raises:
        ModelError: the card is wrong, or there is none and the head is not to be inferred.
        ArgumentError, ArgumentTypeError: sizes or thresholds out of range.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path = models.DEFAULTS["detect"],
        *,
        engine: str = "auto",
        threads: int | None = None,
        precision: Precision = "auto",
        det_size: DetSize = None,
        min_face: float = 20.0,
        tile: Size | None = None,
        overlap: int = 128,
        turn: Turn = "never",
        score_threshold: float | None = None,
        nms_threshold: float | None = None,
    ) -> None:
        if score_threshold is not None:
            score_threshold = check_number("score_threshold", score_threshold)
        if nms_threshold is not None:
            nms_threshold = check_number("nms_threshold", nms_threshold)
        min_face = check_number("min_face", min_face)
        tile = None if tile is None else check_size(tile, "tile")
        overlap = check_integer("overlap", overlap, 0)
        if check_text("turn", turn) not in get_args(Turn):
            known = ", ".join(f'"{name}"' for name in get_args(Turn))
            raise ArgumentError(f"turn: got {turn!r}; one of {known} is wanted")
        self._turn = turn
        self._recipe: Callable[[], Detector] | None = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads, precision=precision,
            det_size=det_size, min_face=min_face, tile=tile, overlap=overlap, turn=turn,
            score_threshold=score_threshold, nms_threshold=nms_threshold,
        )  # fmt: skip
        self.model = models.resolve(name_or_path, "detect")
        card = self.model.card
        if card is not None and card.detect is not None:
            self.input, self.detect = card.input, card.detect
            # What is wrong with it is said before a network is fetched and loaded for it.
            _check_card(card, card.detect)
            self.engine = self.model.open(engine, threads, precision)
        else:
            self.engine = self.model.open(engine, threads, precision)
            self.input, self.detect = infer_head(self.engine, self.model.name)
        self._settings = dataclasses.replace(
            self.detect,
            score_threshold=self.detect.score_threshold
            if score_threshold is None
            else score_threshold,
            nms_threshold=self.detect.nms_threshold if nms_threshold is None else nms_threshold,
        )
        self._task = self._make_task(det_size, min_face, tile, overlap)
        self._tensors = threading.local()

    def _make_task(
        self, det_size: DetSize, min_face: float, tile: Size | None, overlap: int
    ) -> _core.DetectorTask:
        settings, outputs = self._settings, self.engine.output_names
        smallest_face = settings.smallest_face or head_facts(settings, outputs)["smallest_face"]
        return _core.DetectorTask(
            **_of_card(self.model.name, self.input, settings, outputs),
            only=self._only_size(),
            **read_det_size(det_size, min_face, smallest_face, tile)._asdict(),
            tile=tile,
            overlap=overlap,
        )

    @property
    def takes_any_size(self) -> bool:
        """Whether its network takes inputs of other sizes than one."""
        return self._only_size() == (0, 0)

    def with_size(self, det_size: DetSize) -> Self:
        """The same detector and engine with another ``det_size``, without tiles. It cannot be
        pickled.

        Raises:
            ArgumentError, ArgumentTypeError: not such a size, or not one that the network takes.
        """
        other = copy.copy(self)
        other._task = self._make_task(det_size, 20.0, None, 0)
        other._recipe = None
        other._tensors = threading.local()
        return other

    def with_engine(self, engine: Engine) -> Self:
        """The same detector on another engine with the same outputs: one that records, or a form
        of the network. It cannot be pickled.

        Raises:
            ModelError: the engine has other outputs.
        """
        if engine.output_names != self.engine.output_names:
            raise ModelError(
                f"engine: got one with the outputs {', '.join(engine.output_names)}; those of "
                f"{self.model.name}, {', '.join(self.engine.output_names)}, are wanted"
            )
        other = copy.copy(self)
        other.engine = engine
        other._recipe = None
        other._tensors = threading.local()
        return other

    def __call__(self, image: ImageLike, color: Color = "bgr") -> Faces:
        """The faces of an image, best first, in its own pixels.

        Where it is turned, the image-left eye is the one that is at the left once the image is
        turned; so faces are aligned as if they were upright.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            color: one of `rostro.kernels.Color`.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image; or NV12 in tiles, which would take
                a copy.
            EngineError: the network failed, or what it gave is NaN or infinite.
            ModelError: its outputs are not those of its head.
        """
        check_text("color", color)
        if self._turn == "never":
            return self._found(image, color, None)
        best = self._found(image, color, 0)
        most = _core.uprightness(best.for_core())
        if self._turn == "auto" and most >= _core.sure_score:
            return best
        for turn in (90, 180, 270):
            faces = self._found(image, color, turn)
            upright = _core.uprightness(faces.for_core())
            if upright > most:
                best, most = faces, upright
        return best

    def _found(self, image: ImageLike, color: Color, turn: int | None) -> Faces:
        task = self._task
        parts = []
        for view in task.views(image, color, turn):
            tensor = task.prepare(image, color, view, self._tensor(view.input))
            parts.append(task.finish(view, self.engine.run(tensor)))
        return Faces.of_checked(task.join(parts))

    def _only_size(self) -> Size:
        _, _, height, width = self.engine.input_shape
        if self.input.size is None and width is not None and height is not None:
            return width, height
        return self.input.size or (0, 0)

    def _tensor(self, size: Size) -> FloatArray:
        """This thread's memory for input tensors, kept from frame to frame."""
        shape = (1, 3, size[1], size[0])
        count = math.prod(shape)
        memory: FloatArray | None = getattr(self._tensors, "memory", None)
        if memory is None or len(memory) < count:
            memory = self._tensors.memory = _aligned(count)
        return memory[:count].reshape(shape)

    def __copy__(self) -> Self:
        # By `__reduce__` the network would be loaded again.
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __reduce__(self) -> tuple[Callable[[], Detector], tuple[()]]:
        if self._recipe is None:
            raise TypeError("a detector that with_engine or with_size made cannot be pickled")
        return self._recipe, ()


def _aligned(count: int) -> FloatArray:
    """Memory that begins with a cache line: each store of a kernel would go to two otherwise, which
    costs a tenth of a letterbox."""
    memory: FloatArray = np.empty(count + _CACHE_LINE // 4, np.float32)
    start = -memory.ctypes.data % _CACHE_LINE // 4
    return memory[start : start + count]


def _check_card(card: Card, settings: DetectSettings) -> None:
    try:
        _core.DetectorTask(**_of_card(card.name, card.input, settings, card.outputs))
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: detect.{error}") from error


def _of_card(
    name: str, taken: Input, settings: DetectSettings, outputs: Sequence[str]
) -> dict[str, Any]:
    """What a card says, as the core's task takes it."""
    return {
        "name": name,
        "head": settings.head,
        "network_outputs": list(outputs),
        "outputs": list(settings.outputs),
        "channels": taken.channels,
        "mean": three(taken.mean, "mean"),
        "std": three(taken.std, "std"),
        "pad": taken.pad,
        "score_threshold": settings.score_threshold,
        "nms_threshold": settings.nms_threshold,
        "top_k": settings.top_k,
        "weighted": settings.nms_method == "weighted",
        "pose_mean": settings.pose_mean,
        "pose_std": settings.pose_std,
        "step": taken.multiple,
    }
