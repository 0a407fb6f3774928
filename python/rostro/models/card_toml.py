"""Model cards in TOML: read strictly, and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from rostro.errors import ModelError
from rostro.models.card import CROPPED, Card, Task, Threshold
from rostro.models.card_quality import ScalarQuality
from rostro.models.integrity import is_lfs_pointer, open_model_file
from rostro.models.toml_schema import read, write
from rostro.support.backports import tomllib

__all__ = ["card_text", "load_card", "parse_card", "thresholds_text"]

_LONGEST = 1 << 18


def load_card(path: Path) -> Card:
    """Read a user's card, strictly: a key that is missing, unknown or of a wrong type is an error.

    Raises:
        FileMissingError: there is no such file.
        ModelError: the card is wrong; names the file and the key.
    """
    with open_model_file(path) as file:
        data = file.read(_LONGEST + 1)
    if is_lfs_pointer(data):
        raise ModelError(f"{path}: got a pointer of Git LFS; a card is wanted: git lfs pull")
    if len(data) > _LONGEST:
        raise ModelError(f"{path}: got more than {_LONGEST} bytes; a card is wanted")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ModelError(f"{path}: not a text file in UTF-8") from error
    return parse_card(text, str(path))


def parse_card(text: str, where: str) -> Card:
    """Read the text of a card; ``where`` names it in errors."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also of numbers with too many digits
        raise ModelError(f"{where}: not valid TOML: {error}") from error
    at = f"{where}: key "
    card = read(Card, data, at)
    for task in get_args(Task):
        if task == card.task and getattr(card, task) is None:
            raise ModelError(f"{at}{task}: missing")
        beside = task == "quality" and card.task == "embed"
        if task != card.task and getattr(card, task) is not None and not beside:
            raise ModelError(f"{at}{task}: unknown where task is {card.task}")
    if card.quality is not None and card.quality.task != card.task:
        raise ModelError(
            f"{at}quality.kind: got {card.quality.kind!r} where task is {card.task}; a card of the "
            f"task {card.quality.task} has it"
        )
    # A quality network takes crops by a rule, by a template, or none.
    cropped = card.task in CROPPED
    if isinstance(card.quality, ScalarQuality):
        cropped = card.quality.template is None
    if cropped and card.crop is None:
        raise ModelError(f"{at}crop: missing")
    if not cropped and card.crop is not None:
        raise ModelError(f"{at}crop: unknown where task is {card.task}")
    formats = sorted(file.format for file in card.files)
    known = (["onnx"], ["bin", "param"], ["bin", "onnx", "param"], ["bundle"], ["bin", "xml"])
    if formats not in known:
        names = ", ".join(file.name for file in card.files) or "none"
        raise ModelError(f"{at}file: got {names}; one .onnx, or a .param with its .bin, is wanted")
    if len(card.ncnn.shapes) > 2:
        raise ModelError(f"{at}ncnn.shapes: got {len(card.ncnn.shapes)}; one or two are wanted")
    return card


def card_text(card: Card) -> str:
    """The TOML of a card: `parse_card` makes the same card of it."""
    return write(card)


def thresholds_text(thresholds: Mapping[str, Threshold], refine: str | None = None) -> str:
    """The tables of thresholds alone, to be put into a card; of faces that were aligned by the
    points of the landmark network ``refine``."""
    if refine is None:
        return write(_Thresholds(thresholds)).lstrip()
    return write(_Refined({refine: thresholds})).lstrip()


@dataclass(frozen=True, slots=True)
class _Thresholds:
    thresholds: Mapping[str, Threshold]


@dataclass(frozen=True, slots=True)
class _Refined:
    refined: Mapping[str, Mapping[str, Threshold]]
