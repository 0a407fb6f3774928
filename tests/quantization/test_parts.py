"""The parts of quantisation: ranges, preparation of ONNX networks, gates, search."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import rostro
from rostro import models
from rostro.engines import Engine, NetworkFiles
from rostro.models.card import Quantization
from rostro.models.card_reader import parse_card
from rostro.quantization.calibration_photos import Crops, split
from rostro.quantization.card_text import card_text
from rostro.quantization.detector_gate import DetectorGate
from rostro.quantization.embedder_gate import EmbedderGate
from rostro.quantization.figures import Measured
from rostro.quantization.layer_search import choices, keep_more_in_float
from rostro.quantization.network import LayerFacts
from rostro.quantization.onnx_prepare import prepare
from rostro.quantization.ranges import Ranges
from rostro.types import FloatArray, Image
from tests.support.networks import noise
from tests.support.shared import shared_data
from tests.support.shared_cards import DETECTORS, EMBEDDERS

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("default_models")]


def test_ranges_of_a_known_distribution() -> None:
    values = np.random.default_rng(0).normal(0, 1, 200_000).astype(np.float32)
    values[0] = 40.0  # a single value far out
    ranges = {method: Ranges(method) for method in ("minmax", "percentile", "entropy")}
    for made in ranges.values():
        made.add({"x": values[:1000]})  # in two runs, the second with larger values
        made.add({"x": values[1000:]})
    assert ranges["minmax"]["x"] == (values.min(), 40.0)
    low, high = ranges["percentile"]["x"]
    # 0.005 % of a normal distribution lie beyond 3.9 on either side.
    assert low == pytest.approx(-3.9, abs=0.4) and high == pytest.approx(3.9, abs=0.4)
    low, high = ranges["entropy"]["x"]
    assert 3 < high < 10 and -10 < low < -3


def test_a_range_may_be_one_sided_or_nothing() -> None:
    ranges = Ranges("percentile")
    ranges.add({"relu": np.linspace(0, 6, 1000, dtype=np.float32), "zero": np.zeros(9, np.float32)})
    assert ranges["relu"] == pytest.approx((0, 6), abs=0.01)
    assert ranges.limit("zero") == 0


@pytest.mark.parametrize("slopes", [[0.2, -0.3, 1.0], [0.2, 1.5, -0.1]])
def test_prelu_in_other_operators_gives_the_same(slopes: list[float], tmp_path: Path) -> None:
    slope = np.array(slopes, np.float32).reshape(3, 1, 1)
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "slope"], ["y"])],
        "prelu",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 5, 5))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 3, 5, 5))],
        [numpy_helper.from_array(slope, "slope")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    onnx.save(model, tmp_path / "x.onnx")
    made = prepare(tmp_path / "x.onnx")
    assert "PRelu" not in {node.op_type for node in made.graph.node}
    x = noise(1, 3, 5, 5) - 128
    (have,) = onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"x": x})
    np.testing.assert_allclose(have, np.where(x > 0, x, x * slope), rtol=1e-6, atol=1e-4)


def test_a_prepared_network_gives_the_same() -> None:
    model = models.resolve("sface-2021dec")
    tensor = noise(1, 3, 112, 112)
    want = model.open("onnxruntime").run(tensor)[0]
    made = prepare(model.files["onnx"]).SerializeToString()
    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    (have,) = session.run(None, {"data": tensor})
    np.testing.assert_allclose(have, want, atol=1e-3 * np.abs(want).max())


def test_nobody_is_on_both_sides() -> None:
    photos = [Path(f"{person}/{number}.jpg") for person in range(30) for number in range(5)]
    made = split(photos, True, 1000, 1000)
    people = [{photo.parent for photo in part} for part in (made.calibration, made.held_back)]
    assert not people[0] & people[1]
    assert len(made.calibration) + len(made.held_back) == len(photos)
    assert 0.2 < len(made.calibration) / len(photos) < 0.35
    assert split(photos, True, 1000, 1000) == made


def test_a_written_card_is_read_as_it_was() -> None:
    figures = (("size, MB", 3.2, 1.5), ("landmark error, px", None, 0.25))
    made = Quantization("a", "ncnn", "int8", 'with "quotes"', ("conv_1",), (), figures)
    cards = [
        *DETECTORS.values(),
        *EMBEDDERS.values(),
        *(models.builtin_card(name) for name in models.cards()),
    ]
    for card in cards:
        files = tuple(dataclasses.replace(file, sources=()) for file in card.files)
        whole = dataclasses.replace(
            card, files=files, engines={}, ncnn_shapes=(), quantization=made
        )
        assert parse_card(card_text(whole), "card") == whole


class Disturbed:
    """An engine whose outputs are off by noise of a given size, relative to theirs."""

    def __init__(self, engine: Engine, size: float) -> None:
        self.name, self.threads = engine.name, engine.threads
        self.input_shape, self.output_names = engine.input_shape, engine.output_names
        self._engine, self._size = engine, size

    def run(self, tensor: FloatArray, second: FloatArray | None = None) -> list[FloatArray]:
        random = np.random.default_rng(0)
        outputs = self._engine.run(tensor, second)
        return [
            (o + random.normal(0, self._size * o.std(), o.shape)).astype(np.float32)
            for o in outputs
        ]


def test_the_detectors_gate_tells_good_from_bad() -> None:
    photos = sorted((shared_data("widerface") / "images").rglob("*.jpg"))[::30]
    detector = rostro.Detector(threads=1)
    engine = detector.engine
    gate = DetectorGate(detector, photos, False)
    same = gate.measure(detector.engine)
    assert same.misses == []
    for figure in same.figures:
        assert figure.after == pytest.approx(figure.before or 0, abs=1e-6)
    bad = gate.measure(Disturbed(engine, 0.2))
    assert detector.engine is engine  # the detector is as it was
    assert any("landmarks of faces" in miss for miss in bad.misses)


def test_the_embedders_gate_tells_good_from_bad(photo: Image) -> None:
    embedder = rostro.Embedder(threads=1)
    random = np.random.default_rng(0)
    found = rostro.Detector(threads=1)(photo)
    assert found.landmarks is not None
    points = found.landmarks[0] + random.normal(0, 2, (12, 5, 2)).astype(np.float32)
    crops = rostro.align(photo, points, embedder.size, embedder.template)
    gate = EmbedderGate(embedder, Crops(crops, None))
    same = gate.measure(embedder.engine)
    assert same.misses == [] and same.figures[0].after == pytest.approx(1)
    assert "one folder a person" in same.notes[0]
    bad = gate.measure(Disturbed(embedder.engine, 0.5))
    assert "have a cosine of" in bad.misses[0]
    # One person's photos in two folders: as persons, these folders make no sense.
    folders = EmbedderGate(embedder, Crops(np.tile(crops, (3, 1, 1, 1)), np.arange(36) % 2))
    assert "not one a person" in folders.measure(embedder.engine).notes[0]


class ThreeLayers:
    """A quantiser of a network that outputs how many layers are int8, the bad one tenfold."""

    layers = (
        LayerFacts("first", False, 10, True),
        LayerFacts("good", False, 10, False),
        LayerFacts("bad", True, 10, False),
    )

    def calibrate(self, tensors: Iterable[FloatArray]) -> None:
        del tensors

    def build(self, names: Collection[str], folder: Path) -> NetworkFiles:
        del folder
        self.built = set(names)
        return NetworkFiles()


class Constant:
    name, threads, output_names = "ncnn", 1, ("x",)
    input_shape = (None, None, None, None)

    def __init__(self, value: float) -> None:
        self.value = value

    def run(self, tensor: FloatArray, second: FloatArray | None = None) -> list[FloatArray]:
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
