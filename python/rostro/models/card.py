"""Model cards: what a network is. `rostro.models.card_reader` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rostro.models.sources import Source

__all__ = [
    "FORMATS",
    "NMS_METHODS",
    "Card",
    "CardFile",
    "DetectSettings",
    "EmbedSettings",
    "EngineChoice",
    "Input",
    "Quantization",
    "Task",
    "Threshold",
]

Task = Literal["detect", "embed"]
FORMATS = ("onnx", "param", "bin")
NMS_METHODS = ("hard", "weighted")


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file of weights. A built-in card always gives the hash, the size and sources."""

    name: str
    sha256: str | None
    size: int | None
    sources: tuple[Source, ...]

    @property
    def format(self) -> str:
        """One of `FORMATS`, by the suffix."""
        return Path(self.name).suffix.removeprefix(".")


@dataclass(frozen=True, slots=True)
class Input:
    """What the network takes: ``(pixel - mean) / std`` as float32 (N, 3, H, W).

    Attributes:
        name: of the ONNX input.
        channels: ``"bgr"`` or ``"rgb"``.
        mean, std: one number, or one for each of ``channels``, on the scale 0-255.
        size: (width, height) where the network takes one size only.
        multiple: else width and height are multiples of this.
        pad: pixel value, 0-255, of what a scaled image does not fill.
    """

    name: str
    channels: Literal["bgr", "rgb"]
    mean: float | tuple[float, float, float]
    std: float | tuple[float, float, float]
    size: tuple[int, int] | None
    multiple: int
    pad: int = 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold and how it was found.

    Attributes:
        how: the data, the detector, the date.
        fmr: the false match rate it was calibrated to, and over how many pairs of different
            persons; ``None`` for one found otherwise.
    """

    value: float
    how: str
    fmr: float | None = None
    pairs: int | None = None


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The faster engine on one architecture, with milliseconds of one run of each."""

    best: str
    onnxruntime_ms: float | None
    ncnn_ms: float | None
    how: str


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """How a detector's outputs become faces: `rostro.decode` and `rostro.nms`.

    Attributes:
        head, score_threshold, top_k: of `rostro.decode`.
        nms_threshold, nms_method: of `rostro.nms`.
        outputs: the network's outputs in the order of the head; empty: the order of the graph.
        smallest_face: height in pixels of the network's input; ``None``: that of the head.
    """

    head: str
    score_threshold: float
    nms_threshold: float
    top_k: int
    nms_method: str = "hard"
    outputs: tuple[str, ...] = ()
    smallest_face: float | None = None


@dataclass(frozen=True, slots=True)
class EmbedSettings:
    """How a face becomes an embedding.

    Attributes:
        dim: length of an embedding.
        template: of the aligned crop, see `rostro.align`; or ``"box"``, see `rostro.crop_boxes`.
        flip: whether an embedding is the mean of those of the crop and of its mirror image.
        landmarks: name of the network's second input, (N, 5, 2) in 0..1 of the crop.
    """

    dim: int
    template: str
    flip: bool = False
    landmarks: str | None = None


@dataclass(frozen=True, slots=True)
class Quantization:
    """How a network was quantised, and what that cost.

    Attributes:
        of, engine, form: the float model's name, the engine it was made for, ``"int8"`` or
            ``"float16"``.
        how: calibration, date and versions.
        in_float: layers that stayed in float.
        misses: limits that it misses and was kept in spite of.
        figures: what was measured; the float network's value where there is one, and its own.
    """

    of: str
    engine: str
    form: str
    how: str
    in_float: tuple[str, ...]
    misses: tuple[str, ...]
    figures: tuple[tuple[str, float | None, float], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A model card.

    Attributes:
        name, task, description, homepage: what it is; ``task`` is ``"detect"`` or ``"embed"``.
        licence: of the weights.
        files: weights, at most one of each format; ``.param`` and ``.bin`` come together.
        input: what the network takes.
        outputs: names of the ONNX outputs, all of them, in the order of the graph.
        detect, embed: the settings of its task; the other one is ``None``.
        thresholds: by name; ``"cosine"`` separates same from different persons, and
            ``"cosine_strict"`` does at a lower false match rate.
        engines: by architecture as ``platform.machine()`` names it on Linux.
        ncnn_shapes: input shapes that tell pnnx what is fixed and what is free.
        quantization: of a network that `rostro.quantize` made.
    """

    name: str
    task: Task
    description: str
    homepage: str
    licence: str
    files: tuple[CardFile, ...]
    input: Input
    outputs: tuple[str, ...]
    detect: DetectSettings | None = None
    embed: EmbedSettings | None = None
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    engines: Mapping[str, EngineChoice] = field(default_factory=dict)
    ncnn_shapes: tuple[tuple[int, ...], ...] = ()
    quantization: Quantization | None = None
