"""Puts a quantised network and its card where they belong, whole or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from rostro.errors import WriteError
from rostro.models.card import Card, CardFile
from rostro.models.card_toml import card_text
from rostro.support.files import replacing, sha256_of

__all__ = ["refuse_existing", "write_model"]


def refuse_existing(card_path: Path, suffixes: Sequence[str]) -> None:
    """Raise WriteError where the card or a file of weights is there already."""
    for path in (card_path, *(card_path.with_suffix(suffix) for suffix in suffixes)):
        if path.exists():
            raise WriteError(f"{path} exists already and is not replaced; give another name")


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
