"""What both engines' quantisers share: the layers to choose from, and what they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rostro.engines import NetworkFiles
from rostro.types import FloatArray

__all__ = ["LayerFacts", "Quantizer"]


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """A layer that int8 is there for.

    Attributes:
        work: multiplications in one run on the first calibration tensor.
        at_end: it is the first one, or nothing that int8 is there for comes after it.
    """

    name: str
    depthwise: bool
    work: int
    at_end: bool


class Quantizer(Protocol):
    """Makes quantised forms of one float network.

    Attributes:
        names: of the layers that int8 is there for.
        layers: what is known of them once it is calibrated.
    """

    names: tuple[str, ...]
    layers: tuple[LayerFacts, ...]

    def calibrate(self, tensors: Iterable[FloatArray]) -> None:
        """Learn the ranges of values, and `layers`, from what the network is to be given."""
        ...

    def spans(self) -> dict[str, tuple[float, float]]:
        """The least and the largest value of each tensor, by which `build` goes."""
        ...

    def build(self, names: Collection[str], folder: Path) -> NetworkFiles:
        """Write the network with the layers of these names in int8 to ``folder``."""
        ...
