"""The core's landmark task as a card has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from rostro import _core
from rostro.errors import ArgumentError, ModelError
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
from rostro.models.for_core import read_arrays

__all__ = ["landmarker_task"]


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
                own |= _numbers(folder / settings.basis, "base", "basis")
        case Descriptors():
            own |= {"beta": settings.beta}
            if settings.descriptors is not None:
                own |= _numbers(folder / settings.descriptors, "descriptors")
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


def _numbers(path: Path, *names: str) -> dict[str, list[float]]:
    wanted = f"an .npz file with {' and '.join(names)}, as docs/reference/cards.md says,"
    arrays = read_arrays(path, names, wanted)
    try:
        return {name: array.astype(np.float32).ravel().tolist() for name, array in arrays.items()}
    except ValueError as error:
        raise ModelError(f"{path}: {error}; {wanted} is wanted") from error
