"""Drawings: what is drawn, where, and that the rest stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces
from rostro.pictures.draw import draw_faces


def face(box: tuple[float, ...], points: bool = True) -> Faces:
    x1, y1, x2, y2 = box
    centre = np.array([(x1 + x2) / 2, (y1 + y2) / 2], np.float32)
    landmarks = np.tile(centre, (1, 5, 1)) if points else None
    return Faces(np.array([box], np.float32), np.array([0.9], np.float32), landmarks)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_drawing_is_seen_on_any_background(grey: int) -> None:
    image = np.full((240, 320, 3), grey, np.uint8)
    drawn = draw_faces(image, face((100, 80, 200, 180)))
    assert (image == grey).all(), "the image itself stays"
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    contrast = np.abs(drawn.astype(int) - grey).max(axis=2)
    for x, y in [(150, 80), (150, 180), (100, 130), (200, 130), (150, 130)]:
        assert contrast[y - 2 : y + 3, x - 2 : x + 3].max() > 60
    assert (drawn[200:, 220:] == grey).all(), "far from the face nothing is drawn"


def test_colour_order() -> None:
    image = np.zeros((240, 320, 3), np.uint8)
    found = face((100, 80, 200, 180))
    rgb, bgr = draw_faces(image, found, color="rgb"), draw_faces(image, found, color="bgr")
    np.testing.assert_array_equal(bgr, rgb[..., ::-1])
    assert (rgb != bgr).any()


@pytest.mark.parametrize(
    "box", [(-50, -50, 400, 300), (-9e9, -9e9, 9e9, 9e9), (300, 220, 500, 500), (20, 20, 10, 10)]
)
def test_boxes_beyond_the_image(box: tuple[float, ...]) -> None:
    drawn = draw_faces(np.zeros((240, 320, 3), np.uint8), face(box))
    assert drawn.shape == (240, 320, 3)
    assert drawn.any(), "the score at least is seen"


def test_no_faces_no_points_and_one_pixel() -> None:
    image = np.random.default_rng(3).integers(0, 255, (30, 40, 3), np.uint8)
    none = Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32), None)
    np.testing.assert_array_equal(draw_faces(image, none), image)
    assert draw_faces(image, face((5, 5, 20, 20), points=False)).any()
    assert draw_faces(np.zeros((1, 1, 3), np.uint8), face((0, 0, 1, 1))).shape == (1, 1, 3)


def test_bad_input() -> None:
    image = np.zeros((30, 40, 3), np.uint8)
    with pytest.raises(ArgumentTypeError, match="image: got float32"):
        draw_faces(image.astype(np.float32), face((5, 5, 20, 20)))
    with pytest.raises(ArgumentError, match="boxes: got NaN or infinity; pixels"):
        draw_faces(image, face((5, np.nan, 20, 20)))
