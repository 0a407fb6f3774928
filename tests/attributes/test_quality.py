"""What is measured of a face, beside the same formulas in plain NumPy, and what is said of it."""

from __future__ import annotations

import json
import math
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro import Faces, Quality, Reason
from rostro.attributes.quality import MEASURED, RULES
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import Image
from tests.support import reference_quality as reference
from tests.support.tiny_embedder import ARCFACE

NAMES = [rule.name for rule in RULES]


def face_in(size: float, at: tuple[float, float], **columns: Any) -> Faces:
    """A frontal face whose aligned crop is ``size`` pixels wide and begins at ``at``."""
    landmarks = (ARCFACE * (size / 112) + np.array(at, np.float32)).astype(np.float32)
    x, y = at
    box = np.array([[x + 0.14 * size, y + 0.1 * size, x + 0.87 * size, y + size]], np.float32)
    return Faces(box, np.ones(1, np.float32), landmarks[np.newaxis], **columns)


def measured(faces: Faces) -> dict[str, float]:
    assert faces.attributes is not None
    return dict(zip(NAMES, faces.attributes[MEASURED][0].tolist(), strict=True))


def components(faces: Faces) -> dict[str, float]:
    assert faces.attributes is not None
    return {name: float(faces.attributes[f"quality.{name}"][0]) for name in NAMES}


@pytest.fixture
def skin() -> Image:
    """A picture of smooth noise in the colors of skin."""
    random = np.random.default_rng(4)
    field = random.normal(size=(240, 320))
    for axis in (0, 1):
        for _ in range(3):
            field = (field + np.roll(field, 1, axis) + np.roll(field, 2, axis)) / 3
    field = field / field.std()
    bgr = (
        np.array([110, 140, 190]) + 45 * field[..., np.newaxis] + random.normal(size=(240, 320, 3))
    )
    image: Image = np.clip(bgr, 0, 255).astype(np.uint8)
    return image


@pytest.mark.parametrize("size", [80.0, 112.0, 150.0])
def test_measures_of_pixels_are_those_of_their_formulas(skin: Image, size: float) -> None:
    faces = Quality()(skin, face_in(size, (70.3, 41.8)))
    values = measured(faces)
    assert faces.landmarks is not None
    crop = rostro.align(skin, faces.landmarks)[0]
    dark, bright, entropy = reference.exposure(crop)
    assert values["sharpness"] == pytest.approx(reference.sharpness(crop), abs=1e-3)
    assert values["under_exposure"] == pytest.approx(dark, abs=1e-3)
    assert values["over_exposure"] == pytest.approx(bright, abs=1e-3)
    assert values["dynamic_range"] == pytest.approx(entropy, abs=1e-3)
    assert values["illumination"] == pytest.approx(reference.illumination(crop), abs=1e-3)
    assert values["natural_color"] == pytest.approx(reference.natural_color(crop), abs=1e-3)
    wanted = reference.compression(skin, faces.boxes[0])
    assert values["compression"] == pytest.approx(wanted, abs=1e-3)


def test_components_are_the_mappings_of_what_is_measured(skin: Image) -> None:
    for size, at in ((112.0, (90.0, 60.0)), (60.0, (5.0, 100.0)), (200.0, (-30.0, 20.0))):
        faces = Quality()(skin, face_in(size, at))
        found = components(faces)
        for name, wanted in reference.components(measured(faces)).items():
            assert found[name] == pytest.approx(wanted, abs=1e-3), name


def test_measures_of_geometry() -> None:
    image = np.full((300, 400, 3), 128, np.uint8)
    faces = face_in(112, (100, 80), poses=np.array([[30, -10, 5]], np.float32))
    values = measured(Quality()(image, faces))
    left, right, _, *mouth = (ARCFACE + np.array([100, 80], np.float32)).tolist()
    eyes = math.dist(left, right)
    between, lips = np.mean([left, right], axis=0), np.mean(mouth, axis=0)
    chin = 1.718 * math.dist(between, lips)
    assert (values["yaw"], values["pitch"], values["roll"]) == (30, -10, 5)
    wanted = {
        "inter_eye_distance": eyes / math.cos(math.radians(30)),
        "head_size": chin / 300,
        "crop_left": left[0] / eyes,
        "crop_right": (400 - right[0]) / eyes,
        "crop_above": between[1] / chin,
        "crop_below": (300 - between[1]) / chin,
    }
    assert {name: values[name] for name in wanted} == pytest.approx(wanted, abs=1e-3)


def mesh(opening: float, lips: float) -> Faces:
    """A face with points of a mesh, whose lids and lips are so many pixels apart."""
    points = np.zeros((1, 468, 3), np.float32)
    points[0, :, :2] = 100
    for corner, x in ((33, 60), (133, 80), (362, 120), (263, 140)):
        points[0, corner, :2] = x, 80
    points[0, 152, :2] = 100, 180  # the chin
    for upper, lower in ((159, 145), (386, 374)):
        points[0, upper, 1], points[0, lower, 1] = 80 - opening / 2, 80 + opening / 2
    points[0, 13, 1], points[0, 14, 1] = 140 - lips / 2, 140 + lips / 2
    return face_in(112, (40, 30), points=points, scheme="mesh468")


def test_eyes_and_mouth_by_points() -> None:
    image = np.full((240, 240, 3), 128, np.uint8)
    good = Quality(purpose="enroll")(image, mesh(6, 2))
    assert measured(good)["eyes_open"] == pytest.approx(0.06)
    assert measured(good)["mouth_closed"] == pytest.approx(0.02)
    assert measured(good)["inter_eye_distance"] == pytest.approx(60, abs=0.5)
    assert components(good)["eyes_open"] == pytest.approx(100 * reference.sigmoid(0.06, 0.02, 0.01))
    bad = Quality(purpose="enroll")(image, mesh(1, 30))
    assert bad.reasons is not None
    assert Reason.EYES_CLOSED | Reason.MOUTH_OPEN in Reason(int(bad.reasons[0]))


def test_expression_by_blendshapes() -> None:
    image = np.full((240, 240, 3), 128, np.uint8)
    shapes = np.zeros((1, 52), np.float32)
    shapes[0, 44], shapes[0, 9], shapes[0, 25] = 0.8, 0.9, 0.25  # a smile, a blink, the jaw
    values = measured(Quality()(image, face_in(112, (40, 30), attributes={"blendshapes": shapes})))
    assert values["expression"] == pytest.approx(0.2)
    assert values["eyes_open"] == pytest.approx(0.006)
    assert values["mouth_closed"] == pytest.approx(0.1)


COLORS: dict[str, Callable[[Image], Image]] = {
    "bgr": lambda bgr: bgr,
    "rgb": lambda bgr: np.ascontiguousarray(bgr[..., ::-1]),
    "gray": lambda bgr: np.ascontiguousarray(bgr[..., 1]),
}


@pytest.mark.parametrize("color", COLORS)
def test_every_order_of_colors(skin: Image, color: Any) -> None:
    faces = face_in(112, (90, 60))
    wanted, found = Quality()(skin, faces), Quality()(COLORS[color](skin), faces, color)
    if color != "gray":
        assert measured(found) == pytest.approx(measured(wanted), nan_ok=True)
    else:
        assert measured(found)["natural_color"] == 0
        assert measured(found)["sharpness"] == pytest.approx(
            measured(wanted)["sharpness"], abs=0.05
        )


def test_camera_formats(skin: Image) -> None:
    nv12 = np.full((360, 320), 128, np.uint8)
    nv12[:240] = skin[..., 1]
    yuyv = np.full((240, 320, 2), 128, np.uint8)
    yuyv[..., 0] = skin[..., 1]
    faces = face_in(112, (90, 60))
    plane, packed = Quality()(nv12, faces, "nv12"), Quality()(yuyv, faces, "yuyv")
    assert measured(plane) == pytest.approx(measured(packed), nan_ok=True)
    assert measured(plane)["natural_color"] == 0


def test_what_lies_outside_the_image_is_not_counted(skin: Image) -> None:
    """It is black in the crop, and no darkness of the face."""
    cut = Quality()(skin, face_in(112, (-40, 60)))
    assert measured(cut)["under_exposure"] < 0.3
    assert measured(cut)["crop_left"] < 0.4
    assert cut.reasons is not None and int(cut.reasons[0]) & Reason.CUT


@pytest.mark.parametrize(
    ("value", "reason"), [(0, Reason.DARK), (255, Reason.BRIGHT), (128, Reason.FLAT)]
)
def test_one_even_value(value: int, reason: Reason) -> None:
    image = np.full((240, 320, 3), value, np.uint8)
    faces = Quality()(image, face_in(112, (90, 60)))
    assert faces.quality is not None and faces.reasons is not None
    assert reason | Reason.BLURRED in Reason(int(faces.reasons[0]))
    assert measured(faces)["sharpness"] == 0 and measured(faces)["compression"] == 1
    assert faces.quality[0] < 0.3


def test_a_face_of_one_pixel(skin: Image) -> None:
    faces = Faces(np.array([[50, 50, 51, 51]], np.float32), np.ones(1, np.float32))
    found = Quality()(skin, faces)
    assert found.reasons is not None
    assert math.isnan(measured(found)["compression"])
    assert int(found.reasons[0]) & Reason.SMALL


def test_without_landmarks_what_needs_them_is_not_said(skin: Image) -> None:
    whole = face_in(112, (90, 60))
    found = Quality()(skin, Faces(whole.boxes, whole.scores))
    values = measured(found)
    missing = {name for name, value in values.items() if math.isnan(value)}
    assert missing == {
        *("head_size", "crop_left", "crop_right", "crop_above", "crop_below"),
        *("yaw", "pitch", "roll", "eyes_open", "mouth_closed", "expression"),
        *("eyes_visible", "mouth_visible", "face_visible"),
    }
    assert values["inter_eye_distance"] == pytest.approx(
        measured(Quality()(skin, whole))["inter_eye_distance"], rel=0.1
    )
    assert found.quality is not None and found.quality[0] > 0


@pytest.mark.parametrize("bad", [math.nan, math.inf, 5.0])
def test_a_face_that_is_nowhere(skin: Image, bad: float) -> None:
    """Landmarks that are not finite, or all one point."""
    landmarks = np.full((1, 5, 2), bad, np.float32)
    faces = Faces(np.array([[1, 2, 3, 4]], np.float32), np.ones(1, np.float32), landmarks)
    found = Quality()(skin, faces)
    assert found.quality is not None and found.reasons is not None
    assert found.quality[0] == 0 and int(found.reasons[0]) & Reason.UNCERTAIN
    assert "no pixels of the face" in Quality().explain(found, 0)[0]


def test_a_face_outside_the_image(skin: Image) -> None:
    found = Quality()(skin, face_in(112, (2000, 60)))
    assert found.quality is not None and found.quality[0] == 0


def test_no_faces(skin: Image) -> None:
    none = face_in(112, (90, 60))[:0]
    found = Quality()(skin, none)
    assert len(found) == 0 and found.quality is not None and found.reasons is not None
    assert found.attributes is not None and found.attributes[MEASURED].shape == (0, len(RULES))


def test_thresholds_make_reasons_and_sentences(skin: Image) -> None:
    faces = face_in(112, (90, 60), poses=np.array([[41, 0, 0]], np.float32))
    strict, loose = Quality(thresholds={"yaw": 25.0}), Quality(thresholds={"yaw": None})
    found = strict(skin, faces)
    assert found.reasons is not None and int(found.reasons[0]) & Reason.TURNED
    wanted = "the face is turned 41° to the right; at most 25° is wanted: look at the camera"
    assert wanted in strict.explain(found, 0)
    assert wanted not in loose.explain(loose(skin, faces), 0)
    loosened = loose(skin, faces).reasons
    assert loosened is not None and not int(loosened[0]) & Reason.TURNED


@pytest.mark.parametrize("purpose", ["recognize", "enroll"])
def test_each_reason_has_its_sentence(skin: Image, purpose: str) -> None:
    """Beyond the limits of everything there is a sentence for each; within them none."""
    beyond = {rule.name: 1e6 if rule.least else -1.0 for rule in RULES}
    quality = Quality(purpose=purpose, thresholds=beyond)
    found = quality(skin, face_in(112, (90, 60)))
    said = [name for name, value in measured(found).items() if not math.isnan(value)]
    assert len(quality.explain(found, 0)) == len(said) and found.reasons is not None
    kept = {rule.name: -1.0 if rule.least else 1e6 for rule in RULES}
    found = Quality(thresholds=kept)(skin, face_in(112, (90, 60)))
    assert found.reasons is not None and found.reasons[0] == 0
    assert Quality(thresholds=kept).explain(found, 0) == []


def test_enrolling_wants_no_less() -> None:
    for rule in RULES:
        if rule.recognize is None:
            continue
        assert rule.enroll is not None
        assert (rule.enroll >= rule.recognize) if rule.least else (rule.enroll <= rule.recognize)


def test_wrong_arguments(skin: Image) -> None:
    with pytest.raises(ArgumentError, match=r'purpose: got .*; "recognize" or "enroll" is wanted'):
        Quality(purpose="both")
    with pytest.raises(ArgumentError, match="thresholds: got 'jaw'; one of sharpness, "):
        Quality(thresholds={"jaw": 1.0})
    with pytest.raises(ArgumentTypeError, match=r"thresholds\['yaw'\]: got '5'; a number"):
        Quality(thresholds={"yaw": "5"})  # type: ignore[dict-item]
    with pytest.raises(ArgumentError, match=r"thresholds\['yaw'\]: got nan; a finite number"):
        Quality(thresholds={"yaw": math.nan})
    with pytest.raises(ArgumentError, match="without what is measured"):
        Quality().explain(face_in(112, (90, 60)), 0)
    with pytest.raises(ArgumentError, match="index: got 1"):
        Quality().explain(Quality()(skin, face_in(112, (90, 60))), 1)


def test_it_is_pickled_as_its_recipe_and_called_by_many_threads(skin: Image) -> None:
    quality = pickle.loads(pickle.dumps(Quality(purpose="enroll", thresholds={"yaw": 12.5})))
    assert quality.limits["yaw"] == 12.5 and quality.purpose == "enroll"
    tables = [face_in(60 + 4 * i, (90, 60)) for i in range(16)]
    alone = [measured(quality(skin, table)) for table in tables]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda table: measured(quality(skin, table)), tables))
    for one, other in zip(alone, together, strict=True):
        assert other == pytest.approx(one, nan_ok=True)


def test_several_faces_are_those_of_one(skin: Image) -> None:
    tables = [face_in(112, (90, 60)), face_in(70, (20, 30)), face_in(112, (2000, 60))]
    together = Quality()(skin, Faces.concatenate(tables))
    for index, table in enumerate(tables):
        one = Quality()(skin, table)
        assert measured(together[index : index + 1]) == pytest.approx(measured(one), nan_ok=True)


def test_every_level_gives_the_same(skin: Image) -> None:
    level = rostro.simd.level()
    faces = face_in(112, (90.5, 60.25))
    try:
        rows = []
        for name in rostro.simd.levels():
            rostro.simd.use(name)
            rows.append(measured(Quality()(skin, faces)))
    finally:
        rostro.simd.use(level)
    for row in rows[1:]:
        assert row == pytest.approx(rows[0], rel=0, abs=0, nan_ok=True)


def test_rows_are_json(skin: Image) -> None:
    (row,) = Quality()(skin, face_in(112, (90, 60))).rows()
    assert set(row) >= {"quality", "reasons", "attributes"}
    assert "quality.sharpness" in row["attributes"]
    assert json.dumps(row["quality"])


def test_the_guide_has_the_limits() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "quality.md").read_text()
    _, _, table = guide.partition("<!-- limits -->")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table.partition("<!-- end")[0], re.MULTILINE)

    def shown(limit: float | None) -> str:
        return "-" if limit is None else f"{limit:g}"

    wanted = [
        f"{rule.unit} | {'at least' if rule.least else 'at most'} | {shown(rule.enroll)} | "
        f"{shown(rule.recognize)} | `{rule.reason.name}`"
        for rule in RULES
    ]
    assert rows == list(zip(NAMES, wanted, strict=True))
