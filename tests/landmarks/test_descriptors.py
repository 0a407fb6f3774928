"""Points found by their descriptors, against plain NumPy, and clicked on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import rostro
from rostro import models
from rostro.errors import ArgumentError, ModelError
from rostro.types import FloatArray, Image
from tests.landmarks.test_codecs import COLUMNS, ROWS, STAY, TO_IMAGE, in_crop, moved, task
from tests.support.tiny_landmarker import tiny_landmarker

DIM = 24
CARD = """
name = "features"
task = "landmarks"
licence = "MIT"
[[file]]
name = "features.onnx"
[input]
name = "x"
channels = "bgr"
mean = 127.5
std = 127.5
size = [64, 64]
[outputs]
names = ["features"]
[crop]
scale = 1.2
[landmarks]
kind = "descriptors"
scheme = "five"
beta = 200.0
"""


def plain(maps: FloatArray, descriptors: FloatArray, beta: float) -> FloatArray:
    """The best pixel in float, and the mean place of those around it."""
    found = []
    for wanted in descriptors:
        products = np.einsum("dyx,d->yx", maps.astype(np.float64), wanted.astype(np.float64))
        y, x = np.unravel_index(products.argmax(), products.shape)
        top, left = max(y - 2, 0), max(x - 2, 0)
        part = beta * products[top : y + 3, left : x + 3]
        weights = np.exp(part - part.max())
        rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
        found.append([(weights * columns).sum(), (weights * rows).sum()] / weights.sum())
    return np.array(found, np.float32)


def test_the_place_is_that_of_plain_numpy() -> None:
    random = np.random.default_rng(7)
    maps = random.normal(0, 1, (2, DIM, ROWS, COLUMNS)).astype(np.float32)
    descriptors = random.normal(0, 1, (66, DIM)).astype(np.float32)
    made = task("descriptors", descriptors=descriptors.ravel().tolist(), beta=0.3)
    points, presence, _ = made.finish(maps, None, None, np.concatenate([TO_IMAGE, STAY]))
    wanted = np.stack(
        [
            moved(in_crop(plain(maps[0], descriptors, 0.3))),
            in_crop(plain(maps[1], descriptors, 0.3)),
        ]
    )
    # Two pixels may be as good as one another within the int8 codes: of noise, a few are.
    right = np.abs(points - wanted).max(-1) < 1e-2
    assert right.mean() > 0.95
    assert (presence == 1).all()


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ArgumentError, match=r"descriptors: got 5 numbers; .* 66 points"):
        task("descriptors", descriptors=[1.0] * 5)
    with pytest.raises(ArgumentError, match="descriptors: got 66 numbers; finite"):
        task("descriptors", descriptors=[float("nan")] * 66)
    maps = np.zeros((1, 4, ROWS, COLUMNS), np.float32)
    with pytest.raises(ArgumentError, match="descriptors: got none"):
        task("descriptors").finish(maps, None, None, STAY)
    made = task("descriptors", descriptors=[1.0] * 66 * 3)
    with pytest.raises(ModelError, match="3 maps of 2x2 or more a face are wanted"):
        made.finish(maps, None, None, STAY)
    made = task("descriptors", descriptors=[1.0] * 66 * 4)
    with pytest.raises(rostro.errors.EngineError, match="features that are not finite"):
        made.finish(maps + np.float32(np.nan), None, None, STAY)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A network whose features are 3x3 differences of the smoothed photo in random directions."""
    random = np.random.default_rng(3)
    filters = random.normal(0, 1, (32, 3, 9, 9)).astype(np.float32)
    filters -= filters.mean((1, 2, 3), keepdims=True)
    nodes = [
        helper.make_node("Conv", ["x", "filters"], ["raw"], pads=[4] * 4),
        helper.make_node("LpNormalization", ["raw"], ["features"], axis=1, p=2),
    ]
    sides: list[int | str] = ["n", 3, 64, 64]
    graph = helper.make_graph(
        nodes,
        "features",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 32, 64, 64])],
        [numpy_helper.from_array(filters, "filters")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, tmp_path / "features.onnx")
    path = tmp_path / "features.toml"
    path.write_text(CARD)
    return path


@pytest.mark.usefixtures("default_models")
def test_clicked_points_are_found_again_where_the_photo_lies_elsewhere(
    card: Path, photo: Image
) -> None:
    faces = rostro.Detector(models.DEFAULTS["detect"], engine="onnxruntime", threads=1)(photo)[:1]
    assert faces.landmarks is not None
    network = rostro.Landmarker(card, engine="onnxruntime", threads=1)
    described = network.describe(photo, faces, faces.landmarks)
    assert described.shape == (1, 5, 32)
    with pytest.raises(ArgumentError, match="descriptors: got none"):
        network(photo, faces)
    with pytest.raises(ArgumentError, match=r"points: .*beyond the crop"):
        network.describe(photo, faces, faces.landmarks - 500)
    with pytest.raises(ArgumentError, match=r"points: .*\(1, K, 2\) is wanted"):
        network.describe(photo, faces, faces.landmarks[0])

    np.savez(card.with_name("five.npz"), descriptors=described[0])
    card.write_text(CARD + 'descriptors = "five.npz"\n')
    darker = np.ascontiguousarray(np.roll(photo // 2, (7, 11), (0, 1)))
    moved_faces = faces.mapped(np.array([[1, 0, 11], [0, 1, 7]], np.float32))
    found = rostro.Landmarker(card, engine="onnxruntime", threads=1)(darker, moved_faces)
    assert found.points is not None and found.scheme == "five"
    off = np.abs(found.points - (faces.landmarks + np.array([11, 7], np.float32)))
    assert off.max() < 1.5  # pixels of the photo; one of the map is two of them


def test_other_networks_describe_nothing(tmp_path: Path, photo: Image) -> None:
    faces = rostro.Faces(np.array([[1, 1, 60, 60]], np.float32), np.ones(1, np.float32))
    network = rostro.Landmarker(tiny_landmarker(tmp_path), engine="onnxruntime", threads=1)
    with pytest.raises(ModelError, match="kind = 'descriptors' is wanted"):
        network.describe(photo, faces, np.zeros((1, 1, 2), np.float32))
