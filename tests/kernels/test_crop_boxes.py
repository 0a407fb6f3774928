"""Crops of boxes against OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError
from rostro.types import Image


def test_boxes_beyond_the_image_are_cut_off(photo: Image) -> None:
    boxes = np.array([[-20, -9, 100, 80], [100, 30, 999, 999]], np.float32)
    crops = rostro.crop_boxes(photo, boxes, (60, 40))
    for crop, part in zip(crops, (photo[:80, :100], photo[30:, 100:]), strict=True):
        difference = np.abs(crop.astype(int) - cv2.resize(part, (60, 40)))
        assert difference.mean() < 1
    tensor = rostro.crop_boxes(photo, boxes, (60, 40), channels="rgb", mean=10.0, std=2.0)
    plain = (crops[..., ::-1].astype(np.float32) - 10) / 2
    np.testing.assert_allclose(tensor, plain.transpose(0, 3, 1, 2), atol=1e-4)
    with pytest.raises(ArgumentError, match=r"boxes\[0\]"):
        rostro.crop_boxes(photo, boxes - 500, 60)
