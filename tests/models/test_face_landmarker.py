"""The optional card ``face-landmarker``: what install makes of MediaPipe's bundle."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest

import rostro
from rostro import models
from rostro.models import Model, builtin_card
from rostro.models.recorded import recorded_input
from rostro.types import FloatArray, Image
from tests.support.shared import shared_models

pytestmark = pytest.mark.heavy

ENGINES = ("onnxruntime", "ncnn")


@pytest.fixture(scope="session")
def landmarker() -> Model:
    """The model in the user's own cache, as the default ones."""
    model = models.install("face-landmarker")
    assert all(map(model.supports, ENGINES))
    model.verify()
    return model


@pytest.mark.parametrize("engine", ENGINES)
def test_it_gives_what_others_made_of_the_same_networks(landmarker: Model, engine: str) -> None:
    folder = shared_models("landmark")
    card = builtin_card("face-landmarker")
    tensor = recorded_input(card)

    def theirs(name: str, array: FloatArray) -> list[FloatArray]:
        session = onnxruntime.InferenceSession(folder / name)
        (taken,) = session.get_inputs()
        return list(session.run(None, {taken.name: array}))

    points, presence, other = theirs("mediapipe_face_landmarks_478_f16.onnx", tensor)
    listed = json.loads((folder / "blendshapes.json").read_text())
    chosen = points.reshape(478, 3)[listed["points"], :2]
    (shapes,) = theirs("mediapipe_face_blendshapes_52_f16.onnx", chosen[None])
    ours = landmarker.open(engine, threads=1).run(tensor)
    for got, want in zip(ours, (points, presence, other, shapes), strict=True):
        # Sums in another order; 2.0e-5 was seen (AVX-512).
        scale = max(float(np.abs(want).max()), 1.0)
        np.testing.assert_allclose(got.ravel(), want.ravel(), rtol=0, atol=4e-5 * scale)
    assert card.landmarks is not None
    (attribute,) = card.landmarks.attributes
    assert list(attribute.names) == listed["names"]


@pytest.mark.usefixtures("landmarker")
def test_a_smile_on_a_photo(photo: Image) -> None:
    (faces, other) = (
        rostro.Landmarker("face-landmarker", engine=engine, threads=1)(photo, found)
        for found in [rostro.Detector(threads=1)(photo)]
        for engine in ENGINES
    )
    assert faces.attributes is not None and faces.points is not None and other.points is not None
    assert faces.scheme == "mesh478" and faces.points.shape == (1, 478, 3)
    assert faces.attributes["presence"][0] > 0.99
    names = rostro.Landmarker("face-landmarker", threads=1).attribute_names["blendshapes"]
    shapes = dict(zip(names, faces.attributes["blendshapes"][0].tolist(), strict=True))
    assert shapes["mouthSmileLeft"] > 0.3 and shapes["mouthSmileRight"] > 0.3
    assert shapes["jawOpen"] < 0.3 and 0 <= min(shapes.values()) <= max(shapes.values()) <= 1
    np.testing.assert_allclose(faces.points, other.points, atol=0.01)
