"""The search for layers that have to stay in float."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from rostro.engines import Engine, NetworkFiles
from rostro.engines.base import InputShape
from rostro.quantization.figures import Measured
from rostro.quantization.layer_search import choices, keep_more_in_float
from rostro.quantization.network import LayerFacts
from rostro.types import FloatArray
from tests.support.networks import noise


class ThreeLayers:
    """A quantiser of a network that outputs how many layers are int8, the bad one tenfold."""

    layers: tuple[LayerFacts, ...] = (
        LayerFacts("first", False, 10, True),
        LayerFacts("good", False, 10, False),
        LayerFacts("bad", True, 10, False),
    )
    names = tuple(layer.name for layer in layers)

    def spans(self) -> dict[str, tuple[float, float]]:
        return {}

    def calibrate(self, tensors: Iterable[FloatArray]) -> None:
        del tensors

    def build(self, names: Collection[str], folder: Path) -> NetworkFiles:
        del folder
        self.built = set(names)
        return NetworkFiles()


class Constant:
    name, threads = "ncnn", 1
    input_shape: InputShape = (None, None, None, None)
    output_names: tuple[str, ...] = ("x",)

    def __init__(self, value: float) -> None:
        self.value = value

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        del tensor
        return [np.array([self.value], np.float32)]


def test_the_search_gives_back_as_little_as_it_takes() -> None:
    quantizer = ThreeLayers()
    everything, dense = choices(quantizer.layers, {"first"})
    assert (everything, dense) == (["good", "bad"], ["good"])

    def open_(files: NetworkFiles) -> Engine:
        del files
        return Constant(100 + sum(10 if name == "bad" else 1 for name in quantizer.built))

    def measure(engine: Engine) -> Measured:
        assert isinstance(engine, Constant)
        return Measured([], ["too far off"] if engine.value > 105 else [])

    def search(seconds: float) -> list[str]:
        return keep_more_in_float(
            quantizer, everything, open_, Constant(100), [noise(1)], measure, seconds, False
        )

    assert search(10.0) == ["good"]
    assert search(0.0) == ["good", "bad"]  # no time: as it was
