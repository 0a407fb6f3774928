"""What a card says by name, as the core takes it: by number, and as arrays of files beside it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro.errors import FileMissingError, ModelError
from rostro.models.card import Card

__all__ = ["angle_indices", "output_index", "read_arrays"]

_ANGLES = ("yaw", "pitch", "roll")


def angle_indices(names: tuple[str, str, str]) -> tuple[int, int, int]:
    """Which of yaw, pitch and roll each is."""
    first, second, third = (_ANGLES.index(name) for name in names)
    return first, second, third


def output_index(card: Card, key: str, name: str | None) -> int:
    """Which output the card's ``key`` names; the first where it names none.

    Raises:
        ModelError: the network has no such output.
    """
    name = name or card.outputs[0]
    if name not in card.outputs:
        raise ModelError(
            f"{card.name}: card: {key}: got an output {name!r}; one of "
            f"{', '.join(card.outputs)} is wanted"
        )
    return card.outputs.index(name)


def read_arrays(path: Path, names: tuple[str, ...], wanted: str) -> dict[str, NDArray[Any]]:
    """Arrays of an ``.npz`` file; ``wanted`` says what it should be.

    Raises:
        FileMissingError: there is no such file.
        ModelError: it cannot be read, or lacks one.
    """
    if not path.is_file():
        raise FileMissingError(f"{path}: no such file; {wanted} is wanted")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: {error}; {wanted} is wanted") from error
