"""From a card to the core's rule by which faces are cropped."""

from __future__ import annotations

from rostro import _core
from rostro.errors import ArgumentError, ModelError
from rostro.kernels.arguments import three
from rostro.models.card import Card

__all__ = ["crop_rule"]


def crop_rule(card: Card) -> _core.CropRule:
    """The rule by which the network of this card takes faces.

    Raises:
        ModelError: the card has no ``[crop]``, or no size of its input.
    """
    if card.crop is None or card.input.size is None:
        raise ModelError(f"{card.name}: card: got no crop, or no input.size; both are wanted")
    try:
        return _core.CropRule(
            size=card.input.size,
            around=card.crop.around,
            shape=card.crop.shape,
            scale=card.crop.scale,
            upright=card.crop.upright,
            shift=card.crop.shift,
            inside=card.crop.inside,
            channels=card.input.channels,
            mean=three(card.input.mean, "mean"),
            std=three(card.input.std, "std"),
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error
