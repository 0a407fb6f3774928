"""Tiles: how they cover an image, and what they find in it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError
from rostro.faces import Faces
from rostro.types import FloatArray, Image
from tests.support.faces import overlap, scaled, yunet_task
from tests.support.opencv import as_image


@pytest.fixture(scope="module")
def crowd(photo: Image, face: Faces) -> tuple[Image, FloatArray]:
    """A huge grey picture with the face on it many times, 14 to 40 pixels high, and one of 700."""
    rng = np.random.default_rng(4)
    image = np.full((2200, 3000, 3), 127, np.uint8)
    boxes = []
    for row in range(9):
        for column in range(12):
            small = scaled(photo, rng.uniform(14, 40), face)
            height, width = small.shape[:2]
            x, y = 10 + 110 * column + rng.integers(9), 10 + 110 * row + rng.integers(9)
            image[y : y + height, x : x + width] = small
            boxes.append(face.boxes[0] * (width / photo.shape[1]) + np.array([x, y, x, y]))
    large = scaled(photo, 700, face)
    large = large[:2200, : 3000 - 1400]
    height = min(2200, large.shape[0])
    image[:height, 1400 : 1400 + large.shape[1]] = large[:height]
    boxes.append(face.boxes[0] * (700 / (face.boxes[0, 3] - face.boxes[0, 1])) + [1400, 0] * 2)
    return image, np.array(boxes, np.float32)


def found_of(boxes: FloatArray, found: Faces) -> int:
    return sum(any(overlap(box, other) > 0.5 for other in found.boxes) for box in boxes)


def test_tiles_find_small_faces_in_a_huge_picture(crowd: tuple[Image, FloatArray]) -> None:
    image, boxes = crowd
    whole = rostro.Detector(threads=1)(image)
    tiled = rostro.Detector(threads=1, tile=(640, 640))(image)
    assert found_of(boxes, whole) < 0.2 * len(boxes)
    assert found_of(boxes, tiled) >= 0.97 * len(boxes)
    assert found_of(boxes[-1:], tiled) == 1
    # Each once, although tiles overlap.
    pairs = [(a, b) for i, a in enumerate(tiled.boxes) for b in tiled.boxes[:i]]
    assert max(overlap(a, b) for a, b in pairs) <= 0.3
    assert len(tiled) <= 1.05 * len(boxes)
    assert (np.diff(tiled.scores) <= 0).all()


def test_an_image_of_one_tile_is_searched_once(photo: Image, face: Faces) -> None:
    found = rostro.Detector(threads=1, tile=(250, 250), overlap=60)(photo)
    np.testing.assert_array_equal(found.boxes, face.boxes)


@pytest.mark.parametrize("width", [640, 641, 999, 5000])
def test_tiles_cover_the_image_and_overlap(width: int) -> None:
    task = yunet_task(tile=(640, 640), overlap=128)
    whole, *tiles = [view.box for view in task.views(np.zeros((700, width, 3), np.uint8), "bgr")]
    assert whole == (0, 0, width, 700)
    covered = np.zeros((700, width), int)
    for left, top, right, bottom in tiles:
        assert right - left >= 640 and bottom - top >= 640
        covered[top:bottom, left:right] += 1
    assert covered.min() >= 1
    begins = sorted({left for left, _, _, _ in tiles})
    ends = sorted({right for _, _, right, _ in tiles})
    assert all(end - begin >= 128 for begin, end in zip(begins[1:], ends[:-1], strict=True))


def test_tiles_of_other_colour_orders(crowd: tuple[Image, FloatArray]) -> None:
    image, boxes = crowd
    corner, inside = image[:700, :1300], boxes[(boxes[:, 2] < 1300) & (boxes[:, 3] < 700)]
    detector = rostro.Detector(threads=1, tile=(640, 640))
    inside = inside[inside[:, 3] - inside[:, 1] > 25]  # without colour, smaller ones are hard
    gray = detector(as_image(cv2.cvtColor(corner, cv2.COLOR_BGR2GRAY)), color="gray")
    assert found_of(inside, gray) >= 0.9 * len(inside)
    yuyv = as_image(cv2.cvtColor(np.ascontiguousarray(corner), cv2.COLOR_BGR2YUV_YUYV))
    assert found_of(inside, detector(yuyv, color="yuyv")) >= 0.9 * len(inside)
    i420 = as_image(cv2.cvtColor(np.ascontiguousarray(corner), cv2.COLOR_BGR2YUV_I420))
    assert found_of(inside, detector(i420, color="i420")) >= 0.9 * len(inside)


def test_wrong_tiles() -> None:
    with pytest.raises(ArgumentError, match="tile"):
        rostro.Detector(tile=(0, 640))
    with pytest.raises(ArgumentError, match="tile"):
        rostro.Detector(tile=(0, 0))
    with pytest.raises(ArgumentError, match="overlap"):
        rostro.Detector(tile=(640, 480), overlap=480)
