"""The default detector: on a large photo, and misused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ModelError, UnknownModelError
from rostro.types import Image
from tests.support.networks import double_onnx
from tests.support.opencv import as_image

pytestmark = pytest.mark.usefixtures("default_models")


def test_a_large_photo_comes_back_in_its_own_pixels(photo: Image) -> None:
    detector = rostro.Detector(engine="onnxruntime", threads=1)
    large = as_image(cv2.resize(photo, None, fx=16, fy=12, interpolation=cv2.INTER_CUBIC))
    small, big = detector(photo), detector(large)
    scale = np.array([16, 12, 16, 12], np.float32)
    np.testing.assert_allclose(big.boxes[0] / scale, small.boxes[0], atol=12)


def test_what_a_network_gives_is_multiplied_by_the_scale_alone(photo: Image) -> None:
    """As the labels were that it learned from, and not moved as the centres of pixels are."""
    detector = rostro.Detector(engine="onnxruntime", threads=1, det_size=(320, 256))
    height, width = photo.shape[:2]
    tensor, transform = rostro.letterbox(photo, (320, 256))
    found = rostro.decode("yunet", detector.engine.run(tensor), (320, 256), 0.7)
    found = found.select(rostro.nms(found.boxes, found.scores, 0.3))
    faces = detector(photo)
    assert len(faces) >= 1
    np.testing.assert_array_equal(faces.boxes, found.mapped(transform.scaling).boxes)
    ratio = min(320 / width, 256 / height)
    content = np.array([round(width * ratio), round(height * ratio)])
    scale = np.array([width, height]) / content
    np.testing.assert_allclose(faces.boxes[:, :2], found.boxes[:, :2] * scale, rtol=1e-5)
    assert found.landmarks is not None and faces.landmarks is not None
    np.testing.assert_allclose(faces.landmarks, found.landmarks * scale, rtol=1e-5)


def test_misuse_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match="yunet"):
        rostro.Detector("yunet-2022")
    with pytest.raises(ModelError, match="'detect' is wanted"):
        rostro.Detector("sface-2021dec")
    with pytest.raises(ArgumentError, match="score_threshold"):
        rostro.Detector(score_threshold=7)
    with pytest.raises(ArgumentError, match="det_size"):
        rostro.Detector(det_size=(0, 4))
    with pytest.raises(ModelError, match="write a card"):
        rostro.Detector(double_onnx(tmp_path / "own.onnx"))
