"""From a card to the core's rule by which faces are cropped."""

from __future__ import annotations

from rostro import _core
from rostro.errors import ArgumentError, ModelError
from rostro.kernels.arguments import three
from rostro.models.card import Card
from rostro.models.card_crop import CropSettings

__all__ = ["crop_rule"]


def crop_rule(
    card: Card, crop: CropSettings | None = None, size: tuple[int, int] | None = None
) -> _core.CropRule:
    """The rule by which the network of this card takes faces.

    Args:
        crop: of a further input; by default that of the card.
        size: of a further input; by default that of the card's.

    Raises:
        ModelError: the card has no ``[crop]``, or no size of its input.
    """
    crop, size = crop or card.crop, size or card.input.size
    if crop is None or size is None:
        raise ModelError(f"{card.name}: card: got no crop, or no input.size; both are wanted")
    try:
        return _core.CropRule(
            size=size,
            around=crop.around,
            shape=crop.shape,
            scale=crop.scale,
            upright=crop.upright,
            shift=crop.shift,
            inside=crop.inside,
            channels=card.input.channels,
            mean=three(card.input.mean, "mean"),
            std=three(card.input.std, "std"),
            aligned_to=crop.template or "",
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error
