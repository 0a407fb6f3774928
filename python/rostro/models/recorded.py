"""Whether a network that was made here gives what was recorded where it was made first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rostro import engines
from rostro.engines import NetworkFiles
from rostro.errors import ModelError
from rostro.models.card import Card, Recorded
from rostro.types import FloatArray

__all__ = ["check_recorded", "recorded_input"]

# Of the largest of an output's numbers: sums of float32 in another order differ by about 1e-6.
_TOLERANCE = 1e-4
_GOLDEN = 0.6180339887498949  # fractions of its multiples are spread evenly, on every machine alike


def recorded_input(card: Card) -> FloatArray:
    """The (1, 3, H, W) float32 tensor for which outputs are recorded: even noise of 0-255 pixels.

    Scaled by the card's mean and std, as images are.
    """
    width, height = card.input.size or (card.input.multiple, card.input.multiple)
    count = 3 * width * height
    pixels = (np.arange(count) * _GOLDEN % 1 * 255).reshape(1, 3, height, width)
    mean, std = (np.array(part).reshape(-1, 1, 1) for part in (card.input.mean, card.input.std))
    return np.ascontiguousarray((pixels - mean) / std, dtype=np.float32)


def check_recorded(card: Card, onnx_file: Path) -> None:
    """Run a network and compare.

    Raises:
        ModelError: it gives other numbers than the card has.
        EngineNotInstalledError: ONNX Runtime is not installed.
        EngineError: it does not run.
    """
    network = NetworkFiles(onnx=onnx_file)
    engine = engines.open_network(network, "onnxruntime", outputs=card.outputs)
    given = dict(zip(card.outputs, engine.run(recorded_input(card)), strict=True))
    for recorded in card.recorded:
        _compare(card.name, recorded, given[recorded.output].ravel())


def _compare(name: str, recorded: Recorded, given: FloatArray) -> None:
    if max(recorded.at) >= len(given) or len(recorded.at) != len(recorded.values):
        raise ModelError(f"card {name}: recorded: {recorded.output} has {len(given)} numbers")
    error = float(np.abs(given[list(recorded.at)] - np.array(recorded.values)).max())
    largest = float(np.abs(given).max())
    if not error <= _TOLERANCE * largest:
        raise ModelError(
            f"{name}: what was made of its file gives other numbers than were recorded: output "
            f"{recorded.output}: off by {error:.2g}, at most {_TOLERANCE * largest:.2g} is wanted; "
            "nothing is kept"
        )
