"""Puts a quantised network and its card where they belong, whole or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from rostro.errors import WriteError
from rostro.models.card import Card, CardFile, Quantization
from rostro.models.card_toml import card_text
from rostro.models.int8_recipe import Int8Ranges, Int8Recipe, parse_recipe, recipe_text
from rostro.support.files import replacing, sha256_of

__all__ = ["open_recipe", "refuse_existing", "write_model", "write_recipe"]


def refuse_existing(card_path: Path, suffixes: Sequence[str]) -> None:
    """Raise WriteError where the card or a file of weights is there already."""
    for path in (card_path, *(card_path.with_suffix(suffix) for suffix in suffixes)):
        if path.exists():
            raise WriteError(f"{path} exists already and is not replaced; give another name")


def open_recipe(path: Path) -> Int8Recipe:
    """What a file of ranges holds; an empty one where it is not there.

    Raises:
        ModelError: it is no such file.
        WriteError: it cannot be read.
    """
    try:
        return parse_recipe(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return Int8Recipe()
    except (OSError, UnicodeDecodeError) as error:
        raise WriteError(f"{path}: cannot be read ({error}); nothing is written") from error


def write_recipe(
    recipe: Int8Recipe,
    path: Path,
    facts: Quantization,
    spans: Mapping[str, tuple[float, float]],
) -> None:
    """Put one engine's ranges into a file of them.

    Raises:
        WriteError: it cannot be written.
    """
    ranges = Int8Ranges(facts.how, spans, facts.in_float, facts.misses, facts.figures)
    changed = (
        dataclasses.replace(recipe, onnxruntime=ranges)
        if facts.engine == "onnxruntime"
        else dataclasses.replace(recipe, ncnn=ranges)
    )
    with replacing(path) as file:
        file.write(recipe_text(changed).encode())


def write_model(card: Card, card_path: Path, made: Sequence[Path]) -> None:
    """Copy the weights beside ``card_path``, then write the card that names them.

    Raises:
        WriteError: something cannot be written; nothing is left behind.
    """
    targets = [card_path.with_suffix(path.suffix) for path in made]
    try:
        for path, target in zip(made, targets, strict=True):
            with replacing(target) as file:
                file.write(path.read_bytes())
        files = [CardFile(t.name, sha256_of(t), t.stat().st_size, ()) for t in targets]
        with replacing(card_path) as file:
            file.write(card_text(dataclasses.replace(card, files=tuple(files))).encode())
    except BaseException:  # an interrupt leaves nothing behind either
        for target in targets:
            target.unlink(missing_ok=True)
        raise
