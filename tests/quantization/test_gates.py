"""The gates: an engine that gives the same passes, one that is disturbed does not."""

from __future__ import annotations

import numpy as np
import pytest

import rostro
from rostro.engines import Engine
from rostro.quantization.calibration_photos import Crops
from rostro.quantization.detector_gate import DetectorGate
from rostro.quantization.embedder_gate import EmbedderGate
from rostro.types import FloatArray, Image
from tests.support.shared import shared_data

pytestmark = pytest.mark.usefixtures("default_models")


class Disturbed:
    """An engine whose outputs are off by noise of a given size, relative to theirs."""

    def __init__(self, engine: Engine, size: float) -> None:
        self.name, self.threads = engine.name, engine.threads
        self.input_shape, self.output_names = engine.input_shape, engine.output_names
        self._engine, self._size = engine, size

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        random = np.random.default_rng(0)
        outputs = self._engine.run(tensor, *others)
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
