"""The core's landmark task as a card has it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from rostro import _core
from rostro.errors import ArgumentError, FileMissingError, ModelError
from rostro.models.card import (
    Card,
    Coordinates,
    Descriptors,
    HeatMaps,
    LandmarkSettings,
    Morphable,
    OffsetMaps,
)
from rostro.models.crop import crop_rule

__all__ = ["landmarker_task", "output_index"]


def output_index(card: Card, name: str) -> int:
    if name not in card.outputs:
        raise ModelError(
            f"{card.name}: card: landmarks: got an output {name!r}; one of "
            f"{', '.join(card.outputs)} is wanted"
        )
    return card.outputs.index(name)


def landmarker_task(card: Card, settings: LandmarkSettings, folder: Path) -> _core.LandmarkerTask:
    # What a kind of network does not have is as the core has it by default.
    own: dict[str, Any] = {"codec": settings.kind}
    match settings:
        case Coordinates():
            own |= {"range": settings.range, "dims": settings.dims}
        case HeatMaps():
            own = {"codec": settings.refine, "blur": settings.blur, "beta": settings.beta}
        case OffsetMaps():
            own |= {"factor": settings.factor}
        case Morphable():
            own |= {"mean": settings.mean, "std": settings.std}
            if settings.basis is not None:
                own |= _arrays(folder / settings.basis, "base", "basis")
        case Descriptors():
            own |= {"beta": settings.beta}
            if settings.descriptors is not None:
                own |= _arrays(folder / settings.descriptors, "descriptors")
    try:
        return _core.LandmarkerTask(
            name=card.name,
            scheme=settings.scheme,
            crop=crop_rule(card),
            depth=settings.depth is not None,
            depth_scale=settings.depth_scale,
            presence=settings.presence is not None,
            **own,
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error


def _arrays(path: Path, *names: str) -> dict[str, list[float]]:
    """The arrays of an .npz file beside a card."""
    wanted = f"an .npz file with {' and '.join(names)}, as docs/reference/cards.md says, is wanted"
    if not path.is_file():
        raise FileMissingError(f"{path}: no such file; {wanted}")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name].astype(np.float32) for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: {error}; {wanted}") from error
    return {name: array.ravel().tolist() for name, array in found.items()}
