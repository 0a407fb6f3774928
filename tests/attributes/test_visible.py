"""What of a face can be seen, by masks of painted faces, against the same zones in plain NumPy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro import Attributes, Faces, Quality, Reason
from rostro.errors import ModelError
from rostro.evaluate.labelled_photos import central_face
from rostro.types import Image
from tests.support.shared import shared_data
from tests.support.there import there
from tests.support.tiny_embedder import ARCFACE
from tests.support.tiny_parts import CARD, SIDE, tiny_parts

GREEN, BLUE = (0, 255, 0), (255, 0, 0)
PARTS = ("eyes", "mouth", "face")
ROWS, COLUMNS = np.mgrid[-50:162, -50:162]  # of the aligned crop, and around it


def plain_face(size: float = 112, **columns: Any) -> Faces:
    """A frontal face in a picture of 240 x 320, ``size`` pixels wide."""
    landmarks = (ARCFACE * (size / 112) + [90, 60]).astype(np.float32)
    box = np.array([[90 + 0.14 * size, 66, 90 + 0.87 * size, 60 + size]], np.float32)
    return Faces(box, np.ones(1, np.float32), landmarks[np.newaxis], **columns)


def gray() -> Image:
    return np.full((240, 320, 3), 128, np.uint8)


def zones(landmarks: NDArray[np.float64]) -> dict[str, NDArray[np.bool_]]:
    """Which pixels of the aligned crop are eyes, mouth and face, by landmarks in it."""
    left, right, _, *corners = landmarks
    apart = math.dist(left, right)
    eyes = np.zeros(ROWS.shape, np.bool_)
    for x, y in (left, right):
        eyes |= (abs(COLUMNS - x) <= 0.25 * apart) & (abs(ROWS - y) <= 0.115 * apart)
    x, y = np.mean(corners, axis=0)
    y += 0.04 * apart
    width, height = math.dist(*corners) / 2, 0.175 * apart
    return {
        "eyes": eyes,
        "mouth": ((COLUMNS - x) / width) ** 2 + ((ROWS - y) / height) ** 2 <= 1,
        "face": ((COLUMNS - 56) / 38) ** 2 + ((ROWS - 78) / 44) ** 2 <= 1,
    }


def by_numpy(stage: Attributes, image: Image, faces: Faces) -> dict[str, float]:
    """The shares of one face that are no hand, from its mask and where it lies."""
    landmarks = there(faces.landmarks)[0].astype(np.float64)
    to_crop = rostro.estimate_similarity(there(faces.landmarks)[0], ARCFACE).astype(np.float64)
    in_crop = landmarks @ to_crop[:, :2].T + to_crop[:, 2]
    to_mask = np.linalg.inv(np.vstack([stage.transforms(image, faces)[0], [0, 0, 1]]))
    path = to_mask @ np.linalg.inv(np.vstack([to_crop, [0, 0, 1]]))
    ones = np.ones(ROWS.shape)
    x, y, _ = np.rint(np.tensordot(path, np.stack([COLUMNS, ROWS, ones]), 1)).astype(int)
    mask = there(there(faces.attributes)["parts"])[0]
    inside = (x >= 0) & (x < mask.shape[1]) & (y >= 0) & (y < mask.shape[0])
    hand = mask[y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)] == 1
    return {part: 1 - float(hand[zone & inside].mean()) for part, zone in zones(in_crop).items()}


def seen(faces: Faces) -> dict[str, float]:
    (row,) = there(faces.attributes)["visible"].tolist()
    return dict(zip(PARTS, row, strict=True))


def painted(
    image: Image, faces: Faces, top: float, bottom: float, color: tuple[int, int, int]
) -> Image:
    """With a bar over the whole face, from a height to another in eye distances below the eyes."""
    landmarks = there(faces.landmarks)[0]
    (left, eye), (right, other) = landmarks[:2]
    apart, between = right - left, (eye + other) / 2
    result = image.copy()
    rows = slice(max(0, round(between + top * apart)), max(0, round(between + bottom * apart)))
    result[rows, max(0, round(left - apart)) : round(right + apart)] = color
    return result


@pytest.fixture(scope="module")
def photos() -> list[tuple[Image, Faces]]:
    """Real faces."""
    detector = rostro.Detector(threads=1)
    found = []
    for path in sorted(shared_data("lfw").glob("images/*/*_0001.jpg"))[::60][:16]:
        image = rostro.load_image(path)
        faces = detector(image)
        row = central_face(faces, image.shape[1], image.shape[0])
        found.append((image, faces.select(slice(row, row + 1))))
    return found


@pytest.mark.heavy
@pytest.mark.usefixtures("default_models")
@pytest.mark.parametrize("maps", [SIDE, 40])
def test_what_covers_real_faces_is_measured(
    tmp_path: Path, photos: list[tuple[Image, Faces]], maps: int
) -> None:
    stage = Attributes(tiny_parts(tmp_path, maps=maps), threads=1)
    for image, face in photos:
        eyes_by_step = []
        for bottom in (-1.0, -0.15, -0.05, 0.05, 0.15):  # a hat that is drawn over the eyes
            hidden = painted(image, face, -1.2, bottom, GREEN)
            found = stage(hidden, face)
            assert seen(found) == pytest.approx(by_numpy(stage, hidden, found), abs=1e-3)
            eyes_by_step.append(seen(found)["eyes"])
        assert eyes_by_step[0] == 1 and eyes_by_step[-1] < 0.2
        assert np.all(np.diff(eyes_by_step) <= 0)
        scarf = stage(painted(image, face, 0.7, 2, GREEN), face)
        assert seen(scarf)["eyes"] == 1 and seen(scarf)["mouth"] < 0.1
        assert 0.4 < seen(scarf)["face"] < 0.9
        glasses = stage(painted(image, face, -0.2, 0.2, BLUE), face)
        assert set(seen(glasses).values()) == {1}


def test_quality_has_components_and_a_reason_for_it(tmp_path: Path) -> None:
    stage, quality = Attributes(tiny_parts(tmp_path), threads=1), Quality(purpose="enroll")
    face = plain_face()
    free, bar = gray(), painted(gray(), face, -0.2, 0.2, GREEN)
    for image, share in ((free, 1.0), (bar, 0.0)):
        found = quality(image, stage(image, face))
        attributes = there(found.attributes)
        assert attributes["quality.eyes_visible"][0] == pytest.approx(100 * share, abs=1e-3)
        assert attributes["quality.mouth_visible"][0] == 100
        covered = bool(there(found.reasons)[0] & Reason.COVERED)
        assert covered == (share < 0.5)
        assert any("of the eyes can be seen" in line for line in quality.explain(found, 0)) == (
            covered
        )
    unasked = quality(bar, face)
    assert np.isnan(there(unasked.attributes)["quality.eyes_visible"][0])
    assert not there(unasked.reasons)[0] & Reason.COVERED


def test_eyes_are_where_points_have_them(tmp_path: Path) -> None:
    """Lids that are wide open make the zone higher than landmarks alone do."""
    points = np.zeros((1, 468, 3), np.float32)
    left, right = there(plain_face().landmarks)[0, :2]
    for eye, corners, lids in (
        (left, (33, 133), (160, 144, 159, 145, 158, 153)),
        (right, (362, 263), (385, 380, 386, 374, 387, 373)),
    ):
        points[0, corners, :2] = eye + np.array([[-8, 0], [8, 0]])
        points[0, lids, :2] = eye + np.array([[0, -6], [0, 6]] * 3)
    faces = plain_face(points=points, scheme="mesh468")
    stage = Attributes(tiny_parts(tmp_path), threads=1)
    above = painted(gray(), faces, -1, 0, GREEN)
    assert seen(stage(above, faces))["eyes"] == pytest.approx(0.5, abs=0.06)
    below = painted(gray(), faces, 0.14, 0.24, GREEN)
    assert seen(stage(below, faces))["eyes"] < 0.95
    assert seen(stage(below, plain_face()))["eyes"] == 1


def test_what_a_mask_does_not_show_is_not_told(tmp_path: Path) -> None:
    narrow = Attributes(tiny_parts(tmp_path, CARD.replace("scale = 1.3", "scale = 0.3")), threads=1)
    assert all(math.isnan(share) for share in seen(narrow(gray(), plain_face())).values())
    stage = Attributes(tiny_parts(tmp_path), threads=1)
    whole = plain_face()
    without = seen(stage(gray(), Faces(whole.boxes, whole.scores)))
    assert math.isnan(without["eyes"]) and math.isnan(without["mouth"]) and without["face"] == 1
    nowhere = Faces(whole.boxes, whole.scores, np.full((1, 5, 2), np.nan, np.float32))
    assert all(math.isnan(share) for share in seen(stage(gray(), nowhere)).values())
    far = Faces(whole.boxes, whole.scores, np.full((1, 5, 2), 1e30, np.float32))
    assert all(math.isnan(share) for share in seen(stage(gray(), far)).values())
    assert there(stage(gray(), whole[:0]).attributes)["visible"].shape == (0, 3)


def test_shares_of_another_shape_are_not_taken_for_them() -> None:
    columns = {"visible": np.zeros((1, 2), np.float32)}
    faces = plain_face().with_columns(attributes=columns)
    found = there(Quality()(gray(), faces).attributes)
    assert np.isnan(found["quality.eyes_visible"][0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'covers = ["hand"]',
            'covers = ["nose"]',
            "covers of parts: got 'nose'; one of face, hand",
        ),
        ('name = "parts"', 'name = "visible"', "'visible' beside covers; another name"),
        (
            "[[attributes.head]]",
            '[[attributes.head]]\nkind = "mask"\nname = "other"\nnames = ["a", "b", "c"]\n'
            'covers = ["c"]\n[[attributes.head]]',
            "covers: got 2 heads with it; one is wanted",
        ),
        (
            "[[attributes.head]]",
            "[attributes]\neach_eye = true\n[[attributes.head]]",
            "a mask of the face is wanted",
        ),
    ],
)
def test_cards_that_make_no_sense(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ModelError, match=message.replace("'", "['\"]")):
        Attributes(tiny_parts(tmp_path, CARD.replace(old, new)))
