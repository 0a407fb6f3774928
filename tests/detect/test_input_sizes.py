"""Which input an image gets, and that the right choice finds very small and very large faces."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

import rostro
from rostro.detect.input_sizes import read_det_size
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces
from rostro.types import Image
from tests.support.faces import overlap, scaled, yunet_task
from tests.support.opencv import as_image


def sizes(
    det_size: object, min_face: float = 20, only: tuple[int, int] = (0, 0)
) -> Callable[[int, int], tuple[int, int]]:
    """The input that a network whose smallest faces have 10 pixels gets for an image."""
    asked = read_det_size(det_size, min_face, 10.0, None)  # type: ignore[arg-type]
    task = yunet_task(only=only, **asked._asdict())
    return lambda width, height: task.views(np.zeros((height, width, 3), np.uint8), "bgr")[0].input


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
    assert sizes(np.array([300, 200]))(999, 1) == (320, 224)
    with pytest.raises(ArgumentError, match=r"image: got 4000x3000 pixels.*det_size, min_face"):
        sizes("auto", 0.001)(4000, 3000)


@pytest.mark.parametrize(
    ("det_size", "error"),
    [
        ((0, 4), ArgumentError),
        ((640, 480, 3), ArgumentError),
        ([(640, 480), (0, 3)], ArgumentError),
        ("big", ArgumentTypeError),
        ([], ArgumentTypeError),
        (640, ArgumentTypeError),
        ((640, 480_000), ArgumentError),
        ((2**40, 4), ArgumentError),
        (np.array([640.0, 480.0]), ArgumentTypeError),
        (np.broadcast_to(480, (2**33, 2)), ArgumentTypeError),
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


@pytest.mark.parametrize("height", [10, 14, 24, 100, 700, 1500])
def test_auto_finds_faces_of_any_size(photo: Image, face: Faces, height: int) -> None:
    image = scaled(photo, height, face)
    detector = rostro.Detector(det_size="auto", min_face=height, threads=1)
    found = detector(image)
    assert len(found) >= 1
    assert overlap(found.boxes[0], face.boxes[0] * (image.shape[1] / photo.shape[1])) > 0.6


def test_a_face_that_fills_the_frame(photo: Image, face: Faces) -> None:
    """At its full size no anchor is large enough; a small input finds it."""
    left, top, right, bottom = face.boxes[0].astype(int)
    crop = photo[top:bottom, left:right]
    image = as_image(cv2.resize(crop, None, fx=14, fy=14, interpolation=cv2.INTER_CUBIC))
    height, width = image.shape[:2]
    full = rostro.Detector(det_size=(width, height), threads=1)(image)
    found = rostro.Detector(det_size="auto", min_face=height / 8, threads=1)(image)
    frame = np.array([0, 0, width, height])
    assert max((overlap(box, frame) for box in full.boxes), default=0.0) < 0.5
    assert len(found) >= 1 and overlap(found.boxes[0], frame) > 0.7


def test_a_list_follows_the_image(photo: Image, face: Faces) -> None:
    detector = rostro.Detector(det_size=[(320, 256), (256, 320)], threads=1)
    for view in (photo[:200], np.ascontiguousarray(photo[:, 30:210])):
        found = detector(view)
        assert len(found) == 1
