"""Which input an image gets, and that the right choice finds very small and very large faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import rostro
from rostro.detect.input_sizes import InputSizes
from rostro.detect.tiles import Tiling
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import Detections, Image


def sizes(
    det_size: object, min_face: float = 20, only: tuple[int, int] | None = None
) -> InputSizes:
    return InputSizes(det_size, min_face, 10.0, 32, only)  # type: ignore[arg-type]


def test_sizes() -> None:
    assert sizes(None)(640, 480) == (640, 480)
    assert sizes(None)(250, 250) == (256, 256)
    assert sizes(None)(4000, 3000) == (640, 480)
    assert sizes(None)(10000, 10) == (640, 32)
    assert sizes(None, only=(320, 240))(4000, 3000) == (320, 240)
    assert sizes((300, 200))(999, 1) == (320, 224)
    landscape_or_portrait = sizes([(640, 480), (480, 640), (640, 640)])
    assert landscape_or_portrait(1920, 1080) == (640, 480)
    assert landscape_or_portrait(1080, 1920) == (480, 640)
    assert landscape_or_portrait(1000, 990) == (640, 640)
    # Faces of 20 pixels may become half as high, those of 5 must become twice as high.
    assert sizes("auto")(1280, 960) == (640, 480)
    assert sizes("auto", 5)(320, 240) == (640, 480)
    assert sizes("auto", 400)(4000, 3000) == (128, 96)
    assert sizes("auto", 1e6)(10, 10) == (32, 32)


@pytest.mark.parametrize(
    ("det_size", "error"),
    [
        ((0, 4), ArgumentError),
        ((640, 480, 3), ArgumentError),
        ([(640, 480), (0, 3)], ArgumentError),
        ("big", ArgumentTypeError),
        ([], ArgumentTypeError),
        (640, ArgumentTypeError),
        ((640.0, 480), ArgumentTypeError),
        ([(640, 480), 3], ArgumentTypeError),
    ],
)
def test_wrong_sizes(det_size: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="det_size"):
        sizes(det_size)


@pytest.mark.parametrize("min_face", [0, -3, float("nan"), float("inf")])
def test_wrong_min_face(min_face: float) -> None:
    with pytest.raises(ArgumentError, match="min_face"):
        sizes("auto", min_face)


def scaled(photo: Image, face_height: float, face: Detections) -> Image:
    """The photo so large that its face is so many pixels high."""
    _, top, _, bottom = face.boxes[0]
    scale = face_height / float(bottom - top)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how)


@pytest.fixture(scope="module")
def face(photo: Image, default_models: object) -> Detections:
    found = rostro.Detector(threads=1)(photo)
    assert len(found) == 1
    return found


def overlap(box: np.ndarray, other: np.ndarray) -> float:
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    inter = np.prod(np.maximum(high - low, 0))
    return float(inter / (np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2]) - inter))


@pytest.mark.parametrize("height", [10, 14, 24, 100, 700, 1500])
def test_auto_finds_faces_of_any_size(photo: Image, face: Detections, height: int) -> None:
    image = scaled(photo, height, face)
    detector = rostro.Detector(det_size="auto", min_face=height, threads=1)
    found = detector(image)
    assert len(found) >= 1
    assert overlap(found.boxes[0], face.boxes[0] * (image.shape[1] / photo.shape[1])) > 0.6


def test_a_face_that_fills_the_frame(photo: Image, face: Detections) -> None:
    """At its full size no anchor is large enough; a small input finds it."""
    left, top, right, bottom = face.boxes[0].astype(int)
    crop = photo[top:bottom, left:right]
    image = cv2.resize(crop, None, fx=14, fy=14, interpolation=cv2.INTER_CUBIC)
    height, width = image.shape[:2]
    full = rostro.Detector(det_size=(width, height), threads=1)(image)
    found = rostro.Detector(det_size="auto", min_face=height / 8, threads=1)(image)
    frame = np.array([0, 0, width, height])
    assert max((overlap(box, frame) for box in full.boxes), default=0.0) < 0.5
    assert len(found) >= 1 and overlap(found.boxes[0], frame) > 0.7


def test_a_list_follows_the_image(photo: Image, face: Detections) -> None:
    detector = rostro.Detector(det_size=[(320, 256), (256, 320)], threads=1)
    for view in (photo[:200], np.ascontiguousarray(photo[:, 30:210])):
        found = detector(view)
        assert len(found) == 1


@pytest.fixture(scope="module")
def crowd(photo: Image, face: Detections) -> tuple[Image, np.ndarray]:
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


def found_of(boxes: np.ndarray, found: Detections) -> int:
    return sum(any(overlap(box, other) > 0.5 for other in found.boxes) for box in boxes)


def test_tiles_find_small_faces_in_a_huge_picture(crowd: tuple[Image, np.ndarray]) -> None:
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


def test_an_image_of_one_tile_is_searched_once(photo: Image, face: Detections) -> None:
    found = rostro.Detector(threads=1, tile=(250, 250), overlap=60)(photo)
    np.testing.assert_array_equal(found.boxes, face.boxes)


@pytest.mark.parametrize("width", [640, 641, 999, 5000])
def test_tiles_cover_the_image_and_overlap(width: int) -> None:
    tiles = list(Tiling((640, 640), 128)(width, 700))
    covered = np.zeros((700, width), int)
    for tile in tiles:
        assert tile.right - tile.left >= 640 and tile.bottom - tile.top >= 640
        covered[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert covered.min() >= 1
    begins = sorted({tile.left for tile in tiles})
    ends = sorted({tile.right for tile in tiles})
    assert all(end - begin >= 128 for begin, end in zip(begins[1:], ends[:-1], strict=True))


def test_tiles_of_other_colour_orders(crowd: tuple[Image, np.ndarray]) -> None:
    image, boxes = crowd
    corner, inside = image[:700, :1300], boxes[(boxes[:, 2] < 1300) & (boxes[:, 3] < 700)]
    detector = rostro.Detector(threads=1, tile=(640, 640))
    inside = inside[inside[:, 3] - inside[:, 1] > 25]  # without colour, smaller ones are hard
    gray = detector(cv2.cvtColor(corner, cv2.COLOR_BGR2GRAY), color="gray")
    assert found_of(inside, gray) >= 0.9 * len(inside)
    yuyv = cv2.cvtColor(np.ascontiguousarray(corner), cv2.COLOR_BGR2YUV_YUYV)
    assert found_of(inside, detector(yuyv, color="yuyv")) >= 0.9 * len(inside)
    with pytest.raises(ArgumentError, match="nv12"):
        detector(np.zeros((1050, 1300), np.uint8), color="nv12")


def test_wrong_tiles() -> None:
    with pytest.raises(ArgumentError, match="tile"):
        rostro.Detector(tile=(0, 640))
    with pytest.raises(ArgumentError, match="overlap"):
        rostro.Detector(tile=(640, 480), overlap=480)
