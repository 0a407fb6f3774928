"""Damage in steps: what is measured of 200 photos of real faces goes the right way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
import pytest

import rostro
from rostro import Faces, Quality
from rostro.attributes.quality import RULES
from rostro.types import FloatArray, Image
from tests.support.shared import shared_data

pytestmark = pytest.mark.heavy

Photo: TypeAlias = tuple[Image, Faces]
Damage: TypeAlias = Callable[[Image, Faces, float], Photo]


@pytest.fixture(scope="module")
def photos(default_models: object) -> list[Photo]:
    """Of every seventh photo the best face, as the default detector finds it."""
    files = sorted((shared_data("lfw") / "images").glob("*/*.jpg"))[::7][:200]
    detector = rostro.Detector(threads=1)
    found = []
    for file in files:
        image = rostro.load_image(file)
        faces = detector(image)
        if len(faces):
            found.append((image, faces[:1]))
    assert len(found) > 190
    return found


def pixels(change: Callable[[Image, float], Image]) -> Damage:
    """A damage that leaves everything in its place."""
    return lambda image, faces, amount: (change(image, amount), faces)


def blurred(image: Image, sigma: float) -> Image:
    # In float32 it takes OpenCV a fifth of the time, for a sigma of 40.
    soft = cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma) if sigma else image
    return np.asarray(soft.round(), np.uint8)


def gamma(image: Image, exponent: float) -> Image:
    table = (255 * (np.arange(256) / 255) ** exponent).round().astype(np.uint8)
    changed: Image = table[image]
    return changed


def multiplied(image: Image, factor: float) -> Image:
    return (image * float(factor)).clip(0, 255).round().astype(np.uint8)


def flattened(image: Image, contrast: float) -> Image:
    return (128 + contrast * (image - 128.0)).round().astype(np.uint8)


def compressed(image: Image, quality: float) -> Image:
    if quality > 100:
        return image
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def blue(image: Image, share: float) -> Image:
    lit: Image = (image * np.array([1, 1 - share / 2, 1 - share])).round().astype(np.uint8)
    return lit


def shadowed(image: Image, faces: Faces, share: float) -> Photo:
    """The darker half of the face has its light taken."""
    assert faces.landmarks is not None
    middle = float(faces.landmarks[0, 2, 0])
    left = np.arange(image.shape[1]) < middle
    x1, y1, x2, y2 = faces.boxes[0].round().astype(int).clip(0)
    face, side = image[y1:y2, x1:x2], left[x1:x2]
    if face[:, side].mean() > face[:, ~side].mean():
        left = ~left
    return (image * np.where(left, 1 - share, 1)[:, None]).round().astype(np.uint8), faces


def shrunk(image: Image, faces: Faces, factor: float) -> Photo:
    matrix = np.array([[factor, 0, 0], [0, factor, 0]], np.float32)
    height, width = image.shape[:2]
    size = (round(width * factor), round(height * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), faces.mapped(matrix)


def cut(axis: int, far: bool) -> Damage:
    def from_one_side(image: Image, faces: Faces, share: float) -> Photo:
        """The image ends where so much of the way to the other side of the face is gone."""
        low, high = faces.boxes[0, axis], faces.boxes[0, axis + 2]
        if far:
            end = int(high - share * (high - low)) if share else image.shape[1 - axis]
            return np.ascontiguousarray(image[:, :end] if axis == 0 else image[:end]), faces
        start = max(0, int(low + share * (high - low))) if share else 0
        shift = np.eye(2, 3, dtype=np.float32)
        shift[axis, 2] = -start
        kept = image[:, start:] if axis == 0 else image[start:]
        return np.ascontiguousarray(kept), faces.mapped(shift)

    return from_one_side


def turned(image: Image, faces: Faces, degrees: float) -> Photo:
    """Away from where the head is tilted already."""
    assert faces.landmarks is not None
    left, right = faces.landmarks[0, :2]
    sign = 1 if right[1] >= left[1] else -1
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -sign * degrees, 1).astype(np.float32)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height))), faces.mapped(matrix)


DAMAGES: dict[str, tuple[str, Damage, list[float]]] = {
    "blur": ("sharpness", pixels(blurred), [0, 1, 2, 4, 8, 16, 40]),
    "fewer pixels": ("sharpness", shrunk, [1, 0.5, 0.25, 0.12]),
    "darker": ("under_exposure", pixels(gamma), [1, 2, 4]),
    "brighter": ("over_exposure", pixels(multiplied), [1, 2, 5]),
    "less contrast": ("dynamic_range", pixels(flattened), [1, 0.6, 0.3, 0.1]),
    "blue light": ("natural_color", pixels(blue), [0, 0.3, 0.6]),
    "a shadow": ("illumination", shadowed, [0, 0.3, 0.7]),
    "JPEG": ("compression", pixels(compressed), [101, 40, 15, 5]),
    "smaller": ("inter_eye_distance", shrunk, [1, 0.5, 0.25]),
    "cut at the left": ("crop_left", cut(0, False), [0, 0.1, 0.3, 0.5]),
    "cut at the top": ("crop_above", cut(1, False), [0, 0.1, 0.3, 0.5]),
    "cut at the right": ("crop_right", cut(0, True), [0, 0.1, 0.3, 0.5]),
    "cut at the bottom": ("crop_below", cut(1, True), [0, 0.1, 0.3, 0.5]),
    "turned": ("roll", turned, [0, 15, 30, 60]),
}

# The unified quality may rise a little by what hardly hurts recognition.
HURTS = ("blur", "fewer pixels", "darker", "JPEG", "cut at the left", "cut at the bottom")


def falls(rows: FloatArray, slack: float = 0.01) -> float:
    """The share of rows that never rise, and end lower than they begin unless they begin at 0."""
    never = (np.diff(rows, axis=1) <= slack).all(axis=1)
    lower = (rows[:, -1] < rows[:, 0]) | (rows[:, 0] == 0)
    return float((never & lower).mean())


@pytest.mark.parametrize("name", DAMAGES)
def test_the_component_falls_with_the_damage(photos: list[Photo], name: str) -> None:
    measure, damage, amounts = DAMAGES[name]
    quality = Quality()
    rows, unified = [], []
    for image, faces in photos:
        steps = [quality(*damage(image, faces, amount)) for amount in amounts]
        rows.append([step.attributes[f"quality.{measure}"][0] for step in steps if step.attributes])
        unified.append([step.quality[0] for step in steps if step.quality is not None])
    found = np.array(rows)
    if name == "blue light":  # by which a face that is too warm becomes natural first
        found = found[found[:, 0] > 99]
    assert len(found) > 150 and falls(found) >= 0.95
    if name in HURTS:
        ends = np.array(unified)
        assert (ends[:, -1] < ends[:, 0]).mean() >= 0.95


def test_yaw_falls_as_the_mean_face_turns() -> None:
    camera = rostro.Camera.assumed(640, 480)
    image = np.full((480, 640, 3), 128, np.uint8)
    column = [rule.name for rule in RULES].index("yaw")
    for sign in (-1, 1):
        found = []
        for yaw in (0, 15, 30, 45, 60):
            rotation = rostro.rotations.matrix_from_angles(np.array([[sign * yaw, 0.0, 0.0]]))
            points = rostro.project_points(
                rostro.mean_face("five"), rotation, np.array([[0.0, 0.0, 0.6]]), camera
            ).astype(np.float32)
            low, high = points[0].min(axis=0) - 20, points[0].max(axis=0) + 20
            box = np.concatenate([low, high])[None].astype(np.float32)
            table = Quality()(image, Faces(box, np.ones(1, np.float32), points))
            assert table.attributes is not None
            measured = table.attributes["quality.measured"][0, column]
            assert measured == pytest.approx(sign * yaw, abs=2)
            found.append(table.attributes["quality.yaw"][0])
        assert (np.diff(found) < 0).all()
