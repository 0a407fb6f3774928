"""Model cards: what a network is.

These classes are the format: `rostro.models.card_toml` reads and writes cards by them, so that a
field here is all that a new key takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import numpy as np

from rostro.engines import ENGINES
from rostro.models.card_attributes import AttributeSettings
from rostro.models.card_crop import CropSettings
from rostro.models.card_fuse import FuseSettings
from rostro.models.card_liveness import LivenessSettings
from rostro.models.card_quality import QualitySettings
from rostro.models.sources import Source
from rostro.models.toml_schema import Key, Matching, Within

__all__ = [
    "CROPPED",
    "FORMATS",
    "AttributeSettings",
    "Card",
    "CardFile",
    "Coordinates",
    "CropSettings",
    "Descriptors",
    "DetectSettings",
    "EmbedSettings",
    "EngineChoice",
    "Figure",
    "FileName",
    "FuseSettings",
    "HeatMaps",
    "Input",
    "LandmarkSettings",
    "Member",
    "Morphable",
    "NcnnSettings",
    "OffsetMaps",
    "OutputAttribute",
    "PoseSettings",
    "Quantization",
    "Recorded",
    "Rows",
    "Sha256",
    "Task",
    "Threshold",
]

Task = Literal["attributes", "detect", "embed", "fuse", "landmarks", "liveness", "pose", "quality"]
CROPPED: tuple[Task, ...] = ("attributes", "landmarks", "liveness", "pose")
FORMATS = ("onnx", "param", "bin")

_Name = Annotated[
    str, Matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "a name of letters, digits, '.', '_' and '-'")
]
FileName = Annotated[
    str, Matching(r"[^/\\\x00-\x1f\x7f]{1,200}", "the name of a file, without folders,")
]
_EngineName = Annotated[str, Matching("|".join(ENGINES), " or ".join(ENGINES))]
Sha256 = Annotated[str, Matching("[0-9a-f]{64}", "64 digits 0-9a-f")]
_Sha384 = Annotated[str, Matching("[0-9a-f]{96}", "96 digits 0-9a-f")]
# Far beyond any network: a larger image would be memory that nobody meant to ask for.
_Side = Annotated[int, Within(1, 8192)]
_Std = Annotated[float, Within(1e-6, 1e6)]
_Six = tuple[float, float, float, float, float, float]
_Shape = tuple[_Side, _Side, _Side, _Side]
_Share = Annotated[float, Within(0, 1)]
# Of a crop; a network may take a crop in which a landmark lies outside.
_Place = Annotated[float, Within(-1, 2)]
_InCrop = tuple[_Place, _Place]
_FivePoints = tuple[_InCrop, _InCrop, _InCrop, _InCrop, _InCrop]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a further network of a bundle takes of another one's output.

    Attributes:
        output: its name; (N, C, 1, 1), seen as rows of ``length`` numbers.
        length: numbers of a row.
        rows: which ones, in this order; of each, as many numbers as the network's last side.
    """

    output: str
    length: Annotated[int, Within(1, 65536)]
    rows: tuple[Annotated[int, Within(0, 65535)], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A TensorFlow Lite network in a zip archive.

    Attributes:
        name: path in the archive.
        sha256: of the network itself.
        reads: of all members but the first: what it takes.
    """

    name: Annotated[str, Matching(r"[^\\\x00-\x1f\x7f]{1,200}", "a path in the archive")]
    sha256: Sha256
    reads: Rows | None = None


@dataclass(frozen=True, slots=True)
class CardFile:
    """One file of weights. A built-in card always gives a hash, the size and sources.

    Attributes:
        sha384: a hash that some publish instead of the other; either is checked where given.
        members: of a bundle, which networks become one at install; empty for other files.
    """

    name: FileName
    sha256: Sha256 | None
    size: int | None
    sources: Annotated[tuple[Source, ...], Key("source")] = ()
    members: Annotated[tuple[Member, ...], Key("member")] = ()
    sha384: _Sha384 | None = None

    @property
    def digest(self) -> str | None:
        """The hash that is given, SHA-256 before SHA-384."""
        return self.sha256 or self.sha384

    @property
    def format(self) -> str:
        """One of `FORMATS`, or ``"xml"``, by the suffix; or ``"bundle"``."""
        return "bundle" if self.members else Path(self.name).suffix.removeprefix(".").lower()


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
    std: _Std | tuple[_Std, _Std, _Std]
    size: tuple[_Side, _Side] | None = None
    multiple: Annotated[int, Within(1, 1024)] = 1
    pad: Annotated[int, Within(0, 255)] = 0

    @property
    def values(self) -> tuple[float, float]:
        """The least and the largest number that the tensor of an image can hold."""
        mean, std = (np.array(numbers, np.float64) for numbers in (self.mean, self.std))
        return float(((0 - mean) / std).min()), float(((255 - mean) / std).max())


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
    fmr: _Share | None = None
    pairs: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Some numbers that an output holds for the input of `rostro.models.recorded`.

    Attributes:
        output: its name.
        at: indices into the output, flattened.
        values: what is there.
    """

    output: str
    at: tuple[Annotated[int, Within(0, 2**31 - 1)], ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The faster engine on one architecture, with milliseconds of one run of each."""

    best: _EngineName
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
        pose_mean, pose_std: of `rostro.decode`.
    """

    head: str
    score_threshold: float
    nms_threshold: float
    top_k: Annotated[int, Within(1, 2**31 - 1)]
    nms_method: Annotated[str, Matching("hard|weighted", "hard or weighted")] = "hard"
    outputs: tuple[str, ...] = ()
    smallest_face: float | None = None
    pose_mean: _Six = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    pose_std: tuple[_Std, _Std, _Std, _Std, _Std, _Std] = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class EmbedSettings:
    """How a face becomes an embedding.

    Attributes:
        dim: length of an embedding.
        template: of the aligned crop, see `rostro.align`; or where the five landmarks lie in it, in
            0..1 of its width and height; or ``"box"``, see `rostro.crop_boxes`.
        flip: whether an embedding is the mean of those of the crop and of its mirror image.
        landmarks: name of the network's second input, (N, 5, 2) in 0..1 of the crop.
        output: the network's output that is an embedding; ``None``: its only one.
        token: of an output of tokens, (N, tokens, dim), which is the embedding: ``"class"``, the
            first; ``"mean"``, the mean of all; ``"patches"``, the mean of all but the first.
    """

    dim: Annotated[int, Within(1, 65536)]
    template: str | _FivePoints
    flip: bool = False
    landmarks: str | None = None
    output: str | None = None
    token: Literal["class", "mean", "patches"] | None = None


_Angle = Literal["yaw", "pitch", "roll"]
_Angles = tuple[_Angle, _Angle, _Angle]


@dataclass(frozen=True, slots=True)
class PoseSettings:
    """How a network's outputs become a pose. What its angles mean is by default as 300W-LP and
    AFLW2000 have it; see `rostro.rotations`.

    Attributes:
        kind: ``"euler"``: three angles in degrees, in one output or in three; ``"bins"``: three
            outputs, each of how likely an angle is in bins of 3 degrees around 0; ``"6d"``: two
            columns of a matrix; ``"matrix"``: its nine numbers, row by row.
        outputs: which angles the numbers, or the outputs, of ``"euler"`` and ``"bins"`` are.
        product: which turns the rotation is the product of, from left to right.
        signs: 1 where yaw, pitch and roll are positive to the image's right, up and clockwise in
            the image; -1 the other way.
        softmax: whether bins are logits; else they are probabilities.
        factors: of ``"6d"`` and ``"matrix"``, whose authors made it of the angles as right-handed
            turns, roll about z, yaw about y, pitch about x: in which order, from left to right.
            ``None``: it turns the face in the camera's frame.
        networks: cards in the same folder, the mean of whose poses and this one's is meant.
    """

    kind: Literal["euler", "bins", "6d", "matrix"]
    outputs: _Angles = ("yaw", "pitch", "roll")
    product: _Angles = ("pitch", "yaw", "roll")
    signs: tuple[int, int, int] = (-1, 1, 1)
    softmax: bool = True
    factors: _Angles | None = None
    networks: tuple[FileName, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputAttribute:
    """An output of a landmark network that becomes an attribute of the faces as it is.

    Attributes:
        name: of the attribute, ``"blendshapes"``.
        output: of the network, some numbers a face.
        names: of these numbers.
    """

    name: _Name
    output: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Landmarks:
    """What every landmark network's settings have.

    Attributes:
        scheme: which points, in which order; see `rostro.convert_points`.
        output: that says where they are; ``None``: the first.
        presence: the output that is the logit of there being a face.
        depth: the output with a depth for each point, in pixels of the crop.
        depth_scale: what a depth is multiplied by; negative where larger is nearer.
        attributes: outputs that say other things of the face.
    """

    scheme: str
    output: str | None = None
    presence: str | None = None
    depth: str | None = None
    depth_scale: float = 1.0
    attributes: Annotated[tuple[OutputAttribute, ...], Key("attribute")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates(_Landmarks):
    """Numbers that are the points.

    Attributes:
        range: the numbers at the first and the last edge of the crop.
        dims: numbers a point, 3 with a depth in the unit of the other two.
    """

    kind: Literal["coordinates"] = "coordinates"
    range: tuple[float, float] = (0.0, 1.0)
    dims: Annotated[int, Within(2, 3)] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMaps(_Landmarks):
    """A map for each point, in which it is the top.

    Attributes:
        refine: ``"quarter"``: a quarter of a pixel towards the larger neighbour; ``"dark"``: by the
            second-order expansion of the smoothed map's logarithm; ``"soft"``: instead of the top
            the mean place under a softmax.
        blur: pixels of the Gaussian of ``"dark"``, an odd number.
        beta: what maps are multiplied by before the softmax of ``"soft"``.
    """

    kind: Literal["heatmap"] = "heatmap"
    refine: Literal["quarter", "dark", "soft"] = "quarter"
    blur: Annotated[int, Within(1, 99)] = 11
    beta: Annotated[float, Within(1e-6, 1e6)] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetMaps(_Landmarks):
    """A heat map for each point, then maps of how far below, and how far to the right of a pixel it
    is, as OpenSeeFace has them.

    Attributes:
        factor: what the logits of the offsets are divided by, to be shares of the crop.
    """

    kind: Literal["offsets"] = "offsets"
    factor: Annotated[float, Within(1e-6, 1e6)] = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Morphable(_Landmarks):
    """Parameters of a morphable face, as 3DDFA_V2 and SynergyNet give them: a 3x4 matrix, from
    which the pose follows, and weights of shapes and expressions.

    Attributes:
        mean, std: the parameters are the network's numbers times ``std`` plus ``mean``.
        basis: an .npz file beside the card, for points: ``base``, (3 K,) float32, x, y, z of each
            point of the mean face, and ``basis``, (3 K, weights), how each weight moves them.
    """

    kind: Literal["3dmm"] = "3dmm"
    mean: tuple[float, ...]
    std: tuple[float, ...]
    basis: FileName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptors(_Landmarks):
    """Maps of features, in which points are found by what describes them (Thewlis et al.).

    Attributes:
        descriptors: an .npz file beside the card with ``descriptors``, (K, D), of the scheme's
            points; ``None``: none yet, see `rostro.Landmarker.describe`.
        beta: what inner products are multiplied by before the softmax that refines a place.
    """

    kind: Literal["descriptors"] = "descriptors"
    descriptors: FileName | None = None
    beta: Annotated[float, Within(1e-6, 1e6)] = 1.0


LandmarkSettings: TypeAlias = Coordinates | HeatMaps | OffsetMaps | Morphable | Descriptors


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of a quantised network.

    Attributes:
        before: the float network's value; ``None``: there is nothing to say of it.
        after: its own.
    """

    what: str
    before: Annotated[float | None, Key("float")]
    after: Annotated[float, Key("quantized")]


@dataclass(frozen=True, slots=True)
class Quantization:
    """How a network was quantised, and what that cost.

    Attributes:
        of, engine, form: the float model's name, the engine it was made for, ``"int8"`` or
            ``"float16"``.
        how: calibration, date and versions.
        in_float: layers that stayed in float.
        misses: limits that it misses and was kept in spite of.
        figures: what was measured.
    """

    of: str
    engine: _EngineName
    form: Literal["int8", "float16"]
    how: str
    in_float: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    figures: Annotated[tuple[Figure, ...], Key("figure")] = ()


@dataclass(frozen=True, slots=True)
class NcnnSettings:
    """How a network's form for ncnn is made, and how it runs.

    Attributes:
        shapes: of the input, which tell pnnx what is fixed and what is free.
        half: whether ``precision="auto"`` computes in float16 where ncnn and the CPU can.
    """

    shapes: tuple[_Shape, ...]
    half: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A model card.

    Attributes:
        name, task, description, homepage: what it is.
        licence: of the weights.
        files: weights, at most one of each format; ``.param`` and ``.bin`` come together, and so
            do ``.xml`` and ``.bin``, an OpenVINO network, which built-in cards alone have.
        input: what the network takes.
        outputs: names of the ONNX outputs, all of them, in the order of the graph.
        attributes, detect, embed, fuse, landmarks, liveness, pose: the settings of its task; the
            others are ``None``.
        quality: likewise; of an embedder, how its embedding tells quality.
        crop: of a task that crops faces by a rule, `CROPPED`.
        thresholds: by name; ``"cosine"`` separates same from different persons, and
            ``"cosine_strict"`` does at a lower false match rate; ``"live"`` tells live faces.
        refined: such thresholds of faces that were aligned by the points of a landmark network, by
            the name of this network.
        engines: by architecture as ``platform.machine()`` names it on Linux.
        ncnn: how ncnn's form is made, and how it runs.
        recorded: what a network must give that was made of a bundle or of an OpenVINO network,
            checked when it is installed.
        quantization: of a network that `rostro.quantize` made.
    """

    name: _Name
    task: Task
    licence: str
    files: Annotated[tuple[CardFile, ...], Key("file")]
    input: Input
    outputs: Annotated[tuple[str, ...], Key("outputs.names")]
    description: str = ""
    homepage: str = ""
    detect: DetectSettings | None = None
    embed: EmbedSettings | None = None
    fuse: FuseSettings | None = None
    landmarks: LandmarkSettings | None = None
    liveness: LivenessSettings | None = None
    pose: PoseSettings | None = None
    attributes: AttributeSettings | None = None
    quality: QualitySettings | None = None
    crop: CropSettings | None = None
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    refined: Mapping[str, Mapping[str, Threshold]] = field(default_factory=dict)
    engines: Mapping[str, EngineChoice] = field(default_factory=dict)
    ncnn: NcnnSettings = NcnnSettings(())
    recorded: tuple[Recorded, ...] = ()
    quantization: Quantization | None = None

    @property
    def further_inputs(self) -> tuple[str, ...]:
        """Names of what the network takes beside the image, in the order in which it is given."""
        if self.attributes is not None:
            return tuple(each.name for each in self.attributes.inputs)
        points = None if self.embed is None else self.embed.landmarks
        return () if points is None else (points,)
