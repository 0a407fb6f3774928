"""Face detection: letterbox, network, decoding, non-maximum suppression, back to the image."""

from __future__ import annotations

import math
import threading
from pathlib import Path

import numpy as np

from rostro import _core, models
from rostro.detect.infer_head import recognise
from rostro.detect.input_sizes import LONGEST_SIDE, DetSize, InputSizes
from rostro.detect.tiles import Tiling, join
from rostro.errors import ArgumentError, EngineError, ModelError
from rostro.kernels import Color, decode, letterbox, nms, nms_weighted
from rostro.models.card import DetectSettings, Input
from rostro.types import Detections, FloatArray, Image

__all__ = ["Detector"]


class Detector:
    """Finds faces and, where the network gives them, their five landmarks.

    Any number of threads may call one detector at once.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file, whose head is recognised
            where it can be; see docs/detectors.md.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, never more.
        det_size: (width, height) of the network's input, rounded up to what it needs; images are
            scaled to fit it. Or a list of such: each image goes to the one of the nearest aspect.
            Or ``"native"``: the image's own size, whatever it is;
            or ``"auto"``: the smallest input in which faces of ``min_face`` pixels can be found.
            By default the image's own size, shrunk so that its longer side is at most 640 pixels;
            networks that take one size only, get that.
        min_face: height in pixels of the image of the smallest faces that ``"auto"`` is to find.
        tile: (width, height) of tiles that an image larger than that is cut into; each is searched
            as an image of its own, and so is the whole. ``det_size`` is for either; by default
            neither has a side longer than 640 or the tile's.
        overlap: pixels that neighbouring tiles share; a face up to that size is whole in one.
        score_threshold, nms_threshold: 0..1, by default those of the model's card.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        detect: the `rostro.models.card.DetectSettings` in use: the card's, or the recognised ones.

    Raises:
        ModelError: the card is wrong, or there is none and the head is not to be recognised.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path = models.DEFAULTS["detect"],
        *,
        engine: str = "auto",
        threads: int | None = None,
        det_size: DetSize = None,
        min_face: float = 20.0,
        tile: tuple[int, int] | None = None,
        overlap: int = 128,
        score_threshold: float | None = None,
        nms_threshold: float | None = None,
    ) -> None:
        self.model = models.resolve(name_or_path, "detect")
        card = self.model.card
        if card is not None and card.detect is not None:
            # What is wrong with it is said before a network is fetched and loaded for it.
            facts = _head_facts(card.name, card.detect, card.outputs)
            self._input, detect = card.input, card.detect
            self.engine = self.model.open(engine, threads)
        else:
            self.engine = self.model.open(engine, threads)
            self._input, detect = recognise(self.engine, self.model.name)
            facts = _head_facts(self.model.name, detect, self.engine.output_names)
        self.detect = detect
        names = self.engine.output_names
        self._order = [names.index(name) for name in detect.outputs or names]
        self._score_threshold = _fraction(
            detect.score_threshold if score_threshold is None else score_threshold,
            "score_threshold",
        )
        self._nms_threshold = _fraction(
            detect.nms_threshold if nms_threshold is None else nms_threshold, "nms_threshold"
        )
        self._tiling = None if tile is None else Tiling(tile, overlap)
        self._sizes = InputSizes(
            det_size,
            min_face,
            detect.smallest_face or facts["smallest_face"],
            math.lcm(self._input.multiple, facts["size_step"]),
            self._only_size(self._input),
            LONGEST_SIDE if tile is None else max(LONGEST_SIDE, *tile),
        )
        self._tensors = threading.local()

    def __call__(self, image: Image, color: Color = "bgr") -> Detections:
        """The faces of an image, best first, in its own pixels.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            color: ``"bgr"``, ``"rgb"``, ``"gray"``, ``"nv12"`` or ``"yuyv"``.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image; or NV12 in tiles, which would take
                a copy.
            EngineError: the network failed, or its outputs hold NaN.
            ModelError: its outputs are not those of its head.
        """
        found = self._find(image, color)
        if self._tiling is not None:
            if color == "nv12":
                raise ArgumentError('color: "nv12" cannot be cut into tiles; convert the frame')
            width, height = _core.image_size(image, color)
            parts = [
                tile.whole_faces(self._find(tile.of(image), color))
                for tile in self._tiling(width, height)
            ]
            if parts:
                found = self._suppress(join([found, *parts]))
        return found

    def _find(self, image: Image, color: Color) -> Detections:
        size = self._sizes(*_core.image_size(image, color))
        tensor, transform = letterbox(
            image,
            size,
            color=color,
            channels=self._input.channels,
            mean=self._input.mean,
            std=self._input.std,
            pad=self._input.pad,
            upscale=self._sizes.upscale,
            out=self._tensor(size),
        )
        return transform.detections(self._suppress(self._decode(self.engine.run(tensor), size)))

    def _decode(self, outputs: list[FloatArray], size: tuple[int, int]) -> Detections:
        bad = _core.find_nan(outputs)
        if bad < len(outputs):
            raise EngineError(
                f"{self.model.name}: its output {self.engine.output_names[bad]} holds NaN; the "
                "weights are damaged, or too large for the precision that they are computed in"
            )
        arrays = [outputs[i] for i in self._order]
        try:
            return decode(self.detect.head, arrays, size, self._score_threshold, self.detect.top_k)
        except ArgumentError as error:
            raise ModelError(f"{self.model.name}: is this its head? {error}") from error

    def _suppress(self, found: Detections) -> Detections:
        if self.detect.nms_method == "weighted":
            return nms_weighted(found, self._nms_threshold)
        return found.select(nms(found.boxes, found.scores, self._nms_threshold))

    def _only_size(self, card_input: Input) -> tuple[int, int] | None:
        _, _, height, width = self.engine.input_shape
        if card_input.size is None and width is not None and height is not None:
            return width, height
        return card_input.size

    def _tensor(self, size: tuple[int, int]) -> FloatArray:
        """This thread's memory for input tensors, kept from frame to frame."""
        shape = (1, 3, size[1], size[0])
        count = math.prod(shape)
        memory: FloatArray | None = getattr(self._tensors, "memory", None)
        if memory is None or len(memory) < count:
            memory = self._tensors.memory = np.empty(count, np.float32)
        return memory[:count].reshape(shape)


def _head_facts(name: str, detect: DetectSettings, outputs: tuple[str, ...]) -> _core.HeadFacts:
    """What is known of the head, after a check that it goes with these outputs."""
    order = detect.outputs or outputs
    if unknown := [output for output in order if output not in outputs]:
        raise ModelError(
            f"{name}: detect.outputs names {', '.join(unknown)}, of which outputs.names, "
            f"{', '.join(outputs)}, has nothing"
        )
    try:
        facts = _core.head(detect.head, len(order))
    except ArgumentError as error:
        raise ModelError(f"{name}: detect.{error}") from error
    if len(order) not in (facts["most_outputs"], facts["fewest_outputs"]):
        raise ModelError(
            f"{name}: {len(order)} outputs, the head {detect.head!r} has {facts['most_outputs']}"
        )
    return facts


def _fraction(value: float, name: str) -> float:
    if not 0.0 <= value <= 1.0:
        raise ArgumentError(f"{name}: {value}; a number from 0 to 1 is wanted")
    return value
