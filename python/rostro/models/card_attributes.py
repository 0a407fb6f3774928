"""Model cards: what a network of attributes takes, and what its heads say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rostro.models.card_crop import CropSettings
from rostro.models.toml_schema import Key, Matching, Within

__all__ = [
    "AttributeSettings",
    "Classes",
    "CropInput",
    "Flags",
    "Head",
    "Mask",
    "Number",
    "PoseAngles",
    "Vector",
]

_Name = Annotated[str, Matching(r"[A-Za-z][A-Za-z0-9_]{0,99}", "a name of letters, digits and '_'")]
_Side = Annotated[int, Within(1, 4096)]
_Angle = Literal["yaw", "pitch", "roll"]
_Angles = tuple[_Angle, _Angle, _Angle]
_Signs = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What every head has.

    Attributes:
        name: of the attribute.
        output: of the network; ``None``: the first.
        first: which of the output's numbers of a face is the first of this head, of an output
            that several heads share. ``None``: they all are its own.
    """

    name: _Name
    output: str | None = None
    first: Annotated[int, Within(0, 65535)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes(_Head):
    """How likely each of some classes is, of which one is true: (N, classes).

    Attributes:
        names: of the classes, in their order.
        logits: whether the network gives logits, of which the softmax is taken; else
            probabilities.
    """

    kind: Literal["classes"] = "classes"
    names: tuple[str, ...]
    logits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags(_Head):
    """How likely each of some things is, any number of which are true: (N, flags).

    Attributes:
        names: of the flags, in their order.
        logits: whether the network gives logits, of which the sigmoid is taken.
    """

    kind: Literal["flags"] = "flags"
    names: tuple[str, ...]
    logits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(_Head):
    """A number: (N,). It is the network's own, or the mean of the whole numbers from 0 on, each as
    likely as its bin says, times ``scale``, plus ``offset``.

    Attributes:
        bins: how many there are; ``None``: the network gives the number.
        logits: whether bins are logits, of which the softmax is taken; else probabilities.
    """

    kind: Literal["number"] = "number"
    bins: Annotated[int, Within(2, 65536)] | None = None
    logits: bool = True
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector(_Head):
    """Some numbers, times ``scale``, plus ``offset``: (N, numbers). Valence and arousal,
    blendshapes, action units, a gaze.

    Attributes:
        names: of the numbers, in their order.
        unit: whether the vector is made as long as 1.
        direction: whether it is a direction in space: x, y, z, turned with the crop.
        signs: of a direction, 1 where x goes to the image's right, y down, z away from the camera;
            -1 the other way. The attribute has them the first way.
    """

    kind: Literal["vector"] = "vector"
    names: tuple[str, ...]
    scale: float = 1.0
    offset: float = 0.0
    unit: bool = False
    direction: bool = False
    signs: _Signs = (1, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask(_Head):
    """A map for each class, of which the largest counts: (N, height, width) uint8 of the crop.

    Attributes:
        names: of the classes, in their order; where the network has one map, of no and of yes.
        logits: of one map: whether a pixel is one from 0 on; else from 0.5 on.
        covers: which classes are things before a face, that hide it; of a network with any, the
            attribute ``"visible"`` says how much of the face can be seen.
    """

    kind: Literal["mask"] = "mask"
    names: tuple[str, ...]
    logits: bool = True
    covers: tuple[str, ...] = ()


Head = Classes | Flags | Number | Vector | Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class CropInput:
    """Another crop of the face, of the same channels, mean and std as the first.

    Attributes:
        name: of the network's input.
        crop: which region it is; as the ``[crop]`` of a card.
        size: (width, height); ``None``: that of the first.
    """

    kind: Literal["crop"] = "crop"
    name: str
    crop: CropSettings
    size: tuple[_Side, _Side] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseAngles:
    """The face's pose as it stands in the first crop, three angles in degrees.

    Attributes:
        name: of the network's input.
        outputs: which angle each number is.
        product: which turns the rotation is the product of, from left to right.
        signs: 1 where yaw, pitch and roll are positive to the image's right, up and clockwise; -1
            the other way.
        level: whether roll is given as 0, for its crops are turned level.
    """

    kind: Literal["pose"] = "pose"
    name: str
    outputs: _Angles = ("yaw", "pitch", "roll")
    product: _Angles = ("yaw", "pitch", "roll")
    signs: _Signs = (1, 1, 1)
    level: bool = False


@dataclass(frozen=True, slots=True)
class AttributeSettings:
    """What a network says of a face, and sees of it beside its crop.

    Attributes:
        heads: one for each attribute.
        inputs: beside the crop, in the order of the graph.
        each_eye: whether the network sees one eye at a time, and runs for both. An attribute has
            then both, the image-left eye first: (N, 2, ...).
    """

    heads: Annotated[tuple[Head, ...], Key("head")]
    inputs: Annotated[tuple[CropInput | PoseAngles, ...], Key("input")] = ()
    each_eye: bool = False
