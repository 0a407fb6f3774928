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
