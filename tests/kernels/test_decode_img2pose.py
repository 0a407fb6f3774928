"""img2pose's proposals against plain NumPy, on random numbers; there are no weights to be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError
from rostro.types import FloatArray
from tests.detect.test_infer_head import constant_network
from tests.support.reference_heads import Size
from tests.support.reference_img2pose import img2pose

# As their labels have it, roughly: a face straight ahead, as far as its box is large.
MEAN = (0.0, 0.1, 0.0, 0.0, 0.0, 1.9)
STD = (0.3, 0.6, 0.5, 0.1, 0.1, 0.2)


def random_proposals(size: Size, count: int = 60) -> list[FloatArray]:
    rng = np.random.default_rng(sum(size))
    corners = rng.uniform(-0.1, 0.9, (count, 2)) * size
    sides = rng.uniform(10, 90, (count, 2))
    proposals = np.hstack([corners, corners + sides])
    proposals[7, 2:] = proposals[7, :2]  # without area
    dofs = rng.normal(size=(count, 12))
    dofs[9, 11] = -30  # behind the camera
    arrays = [proposals, rng.normal(size=(count, 2)) * 2, dofs]
    arrays[1][[7, 9], 1] = 9
    return [array.astype(np.float32) for array in arrays]


@pytest.mark.parametrize("size", [(320, 320), (640, 427), (201, 333)])
def test_proposals_are_the_authors(size: Size) -> None:
    outputs = random_proposals(size)
    plain = img2pose([o.astype(float) for o in outputs], size, np.array(MEAN), np.array(STD))
    found = rostro.decode("img2pose", outputs, size, 0.3, pose_mean=MEAN, pose_std=STD)
    order = np.argsort(-plain.scores)
    order = order[plain.scores[order] >= 0.3]
    assert 20 < len(found) == len(order) < 59
    np.testing.assert_allclose(found.scores, plain.scores[order], atol=1e-6)
    np.testing.assert_allclose(found.boxes, plain.boxes[order], rtol=1e-5, atol=2e-3)
    assert found.poses is not None and found.translations is not None
    turned = np.abs(found.poses - plain.poses[order])
    assert np.minimum(turned, 360 - turned).max() < 1e-3
    np.testing.assert_allclose(found.translations, plain.translations[order], atol=1e-5)
    assert found.landmarks is None


def test_numbers_that_are_not_finite_are_no_faces() -> None:
    outputs = random_proposals((320, 320))
    outputs[2][:] = np.nan
    assert len(rostro.decode("img2pose", outputs, (320, 320), 0.0)) == 0


@pytest.mark.parametrize(
    ("mean", "std", "name"),
    [
        ((0.0,) * 5, STD, "pose_mean"),
        ((np.inf,) * 6, STD, "pose_mean"),
        (MEAN, (0.0,) * 6, "pose_std"),
    ],
)
def test_wrong_scales_are_named(mean: tuple[float, ...], std: tuple[float, ...], name: str) -> None:
    outputs = random_proposals((90, 90))
    with pytest.raises(ArgumentError, match=f"{name}: got"):
        rostro.decode("img2pose", outputs, (90, 90), 0.3, pose_mean=mean, pose_std=std)


CARD = """
name = "own"
task = "detect"
licence = "MIT"
[[file]]
name = "own.onnx"
[input]
name = "x"
channels = "rgb"
mean = [123.675, 116.28, 103.53]
std = [58.395, 57.12, 57.375]
multiple = 32
[outputs]
names = ["y0", "y1", "y2"]
[detect]
head = "img2pose"
score_threshold = 0.3
nms_threshold = 0.5
top_k = 1000
pose_mean = [0.0, 0.1, 0.0, 0.0, 0.0, 1.9]
pose_std = [0.3, 0.6, 0.5, 0.1, 0.1, 0.2]
"""


def test_the_camera_is_that_of_the_picture_not_of_the_padded_input(tmp_path: Path) -> None:
    """640x500 in an input of 320x256: the picture in it has 320x250."""
    outputs = random_proposals((320, 250))
    constant_network(tmp_path / "own.onnx", outputs)
    (tmp_path / "own.toml").write_text(CARD)
    detector = rostro.Detector(tmp_path / "own.toml", threads=1, det_size=(320, 256))
    faces = detector(np.zeros((500, 640, 3), np.uint8))
    found = rostro.decode("img2pose", outputs, (320, 250), 0.3, pose_mean=MEAN, pose_std=STD)
    found = found.select(rostro.nms(found.boxes, found.scores, 0.5))
    np.testing.assert_allclose(faces.boxes, 2 * found.boxes, rtol=1e-6)
    assert faces.translations is not None and found.translations is not None
    np.testing.assert_array_equal(faces.translations, found.translations)
    with pytest.raises(ArgumentError, match="whole images"):
        rostro.Detector(tmp_path / "own.toml", threads=1, tile=(320, 256))
