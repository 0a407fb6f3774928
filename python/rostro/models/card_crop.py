"""Model cards: which region of the image a network takes of a face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rostro.models.toml_schema import Within

__all__ = ["CropSettings"]


@dataclass(frozen=True, slots=True)
class CropSettings:
    """Which region of the image a network takes of a face: `rostro::CropRule` of the core.

    Attributes:
        around: what the region is made around, the box of the face, or the box around its five
            ``landmarks`` or its ``points``; or its ``"left_eye"`` or ``"right_eye"`` on the image,
            a square as wide as it is from corner to corner.
        shape: a square of its ``"longer"`` side, of its ``"width"`` or of the ``"mean"`` of both
            sides; ``"enclose"``: the smallest region of the input's aspect that holds it;
            ``"stretch"``: as it is, stretched to the input.
        scale: of the region's sides.
        upright: whether it is turned so that the eyes are level.
        shift: to the right and down along the sides of the crop, in widths and heights of what it
            is made around.
        inside: whether a region that reaches beyond the image is moved into it, and shrunk before
            where it is larger; else what lies outside is black.
        template: the crop template to which the five landmarks are aligned, see `rostro.align`;
            nothing else but ``inside`` counts then.
    """

    around: Literal["box", "landmarks", "points", "left_eye", "right_eye"] = "box"
    shape: Literal["longer", "width", "mean", "enclose", "stretch"] = "longer"
    scale: Annotated[float, Within(0.01, 100)] = 1.0
    upright: bool = False
    shift: tuple[Annotated[float, Within(-10, 10)], Annotated[float, Within(-10, 10)]] = (0.0, 0.0)
    inside: bool = False
    template: str | None = None
