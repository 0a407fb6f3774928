"""What a model card says of quality: how a network's numbers, or a face's embedding, become it.

Networks of their own (``task = "quality"``) have a `ScalarQuality` or a `LandmarkQuality`. The card
of an embedder (``task = "embed"``) may have one of the others, for what is measured is then its
embedding.

``range`` is what quality 0 and 1 are in the numbers that are measured: it is linear between them
and clipped beyond. The first is the larger one where less is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from rostro.models.toml_schema import Matching

__all__ = [
    "LandmarkQuality",
    "NormQuality",
    "QualitySettings",
    "RecognizabilityQuality",
    "ScalarQuality",
    "SymmetryQuality",
]

_File = Annotated[
    str, Matching(r"[^/\\\x00-\x1f\x7f]{1,200}", "the name of a file, without folders,")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarQuality:
    """A network that gives one number a face: CR-FIQA, eDifFIQA, FaceQnet.

    Attributes:
        template: of the aligned crop, see `rostro.align`; ``None``: by the card's ``[crop]``.
        output: that is the number; ``None``: the first.
    """

    task: ClassVar[str] = "quality"
    kind: Literal["scalar"] = "scalar"
    template: str | None = None
    output: str | None = None
    range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkQuality:
    """A network that looks at the places of points alone, such as a random forest as an ONNX tree
    ensemble.

    It takes (N, F) or (N, F, 1, 1): x and y of each point, then, with ``unit``, the pixels of the
    frame's unit.

    Attributes:
        scheme: of the points; ``"five"``: the faces' landmarks.
        frame: ``"eyes"``: from the middle between the eyes, along their line, in their distance;
            ``"box"``: from the box's top-left corner, in its width and height.
        unit: whether the eyes' distance, or the box's width, is one more number.
        output: that is the quality; ``None``: the first.
    """

    task: ClassVar[str] = "quality"
    kind: Literal["landmarks"] = "landmarks"
    scheme: str = "five"
    frame: Literal["eyes", "box"] = "eyes"
    unit: bool = True
    output: str | None = None
    range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormQuality:
    """The norm of the embedding, as of AdaFace and MagFace."""

    task: ClassVar[str] = "embed"
    kind: Literal["norm"] = "norm"
    range: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizabilityQuality:
    """The cosine distance of the embedding from the center of faces that nobody recognises.

    Attributes:
        center: an .npz file beside the card, which ``rostro eval unrecognizable`` writes.
    """

    task: ClassVar[str] = "embed"
    kind: Literal["recognizability"] = "recognizability"
    center: _File
    range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SymmetryQuality:
    """The cosine similarity of the embeddings of two faces: the left half of the crop with its
    mirror image, and the right one with its own."""

    task: ClassVar[str] = "embed"
    kind: Literal["symmetry"] = "symmetry"
    range: tuple[float, float] = (0.0, 1.0)


QualitySettings = (
    ScalarQuality | LandmarkQuality | NormQuality | RecognizabilityQuality | SymmetryQuality
)
