"""Damage does what its name says, in its range, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate import damage as module
from rostro.evaluate.damage import DAMAGES, PROBABILITY, damage
from rostro.evaluate.measured_photos import measure_of, measure_photos
from rostro.faces import Faces
from rostro.samples import ASTRONAUT
from rostro.types import FloatArray, Image

BOX = np.array([150, 60, 270, 210], np.float32)


@pytest.fixture(scope="module")
def photo() -> Image:
    return rostro.load_image(ASTRONAUT.fetch())


def only(
    name: str,
    photo: Image,
    monkeypatch: pytest.MonkeyPatch,
    amount: float | None = None,
    seed: int = 0,
) -> tuple[Image, FloatArray]:
    monkeypatch.setattr(module, "PROBABILITY", 1)
    monkeypatch.setattr(module, "DAMAGES", {name: (amount, amount)})
    hurt, box, done = damage(photo, BOX, np.random.default_rng(seed))
    assert done == (name,)
    return hurt, box


def edges(image: Image) -> float:
    return float(np.abs(np.diff(image.astype(float), axis=1)).mean())


def test_each_kind_happens_as_often_as_said() -> None:
    photo = np.full((20, 20, 3), 90, np.uint8)
    box = np.array([2, 2, 18, 18], np.float32)
    names = [damage(photo, box, np.random.default_rng([5, i]))[2] for i in range(1200)]
    for name in DAMAGES:
        share = np.mean([name in done for done in names])
        assert share == pytest.approx(PROBABILITY, abs=0.04)


def test_the_same_seed_does_the_same(photo: Image) -> None:
    for seed in range(4):
        ones = damage(photo, BOX, np.random.default_rng(seed))
        others = damage(photo, BOX, np.random.default_rng(seed))
        np.testing.assert_array_equal(ones[0], others[0])
        assert ones[2] == others[2]


def test_the_photo_itself_stays(photo: Image) -> None:
    before = photo.copy()
    for seed in range(12):
        damage(photo, BOX, np.random.default_rng(seed))
    np.testing.assert_array_equal(photo, before)


def test_scale_makes_the_face_so_small(photo: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    hurt, box = only("scale", photo, monkeypatch, 30)
    assert box[2] - box[0] == pytest.approx(30, abs=0.5)
    assert hurt.shape[0] == pytest.approx(photo.shape[0] / 4, abs=1)
    hurt, box = only("scale", photo, monkeypatch, 200)  # larger than the face is
    assert hurt.shape == photo.shape and (box == BOX).all()


@pytest.mark.parametrize("seed", range(8))
def test_cut_takes_as_much_of_the_face(
    photo: Image, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    hurt, box = only("cut", photo, monkeypatch, 0.5, seed)
    area = (box[2:] - box[:2]).prod() / (BOX[2:] - BOX[:2]).prod()
    assert area == pytest.approx(0.5, abs=0.01)
    assert (box >= 0).all() and box[2] <= hurt.shape[1] and box[3] <= hurt.shape[0]
    x1, y1, x2, y2 = box.round().astype(int)
    kept = hurt[y1:y2, x1:x2]
    halves = [photo[60:210, 150:210], photo[60:210, 210:270]]
    halves += [photo[60:135, 150:270], photo[135:210, 150:270]]
    assert any(half.shape == kept.shape and (half == kept).all() for half in halves)


def test_gamma_blur_noise_and_jpeg(photo: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only("gamma", photo, monkeypatch, 3)[0].mean() < 0.7 * photo.mean()
    assert only("gamma", photo, monkeypatch, 0.3)[0].mean() > 1.2 * photo.mean()
    assert edges(only("blur", photo, monkeypatch, 0.03)[0]) < 0.6 * edges(photo)
    grey: NDArray[np.uint8] = np.full((300, 300, 3), 128, np.uint8)
    assert only("noise", grey, monkeypatch, 20)[0].std() == pytest.approx(20, abs=0.5)
    blocky = only("jpeg", photo, monkeypatch, 3)[0]
    assert blocky.shape == photo.shape
    steps = np.abs(np.diff(blocky.astype(float), axis=1)).mean((0, 2))
    assert steps[7::8].mean() > 1.5 * steps[3::8].mean()


def test_photos_of_one_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    dot = np.full((1, 1, 3), 7, np.uint8)
    monkeypatch.setattr(module, "PROBABILITY", 1)
    for seed in range(8):
        box = np.array([0, 0, 1, 1], np.float32)
        hurt, _, _ = damage(dot, box, np.random.default_rng(seed))
        assert hurt.shape == (1, 1, 3)


def test_measures_by_name() -> None:
    faces = Faces(
        boxes=np.zeros((2, 4), np.float32),
        scores=np.array([0.5, 1], np.float32),
        poses=np.array([[-30, 1, 2], [10, 3, 4]], np.float32),
        attributes={"sharpness": np.array([3, 4], np.float64), "age": np.zeros((2, 5))},
    )
    assert measure_of(faces, "scores").tolist() == [0.5, 1]
    assert measure_of(faces, "-sharpness").tolist() == [-3, -4]
    assert measure_of(faces, "attributes.sharpness").tolist() == [3, 4]
    assert measure_of(faces, "poses.1").tolist() == [1, 3]
    assert measure_of(faces, "-|poses.0|").tolist() == [-30, -10]
    for name in ("quality", "poses.3", "poses.-1", "", "-", "scores.0", "age.5"):
        with pytest.raises(ArgumentError, match=r"measure: got .*; one of boxes, scores"):
            measure_of(faces, name)
    with pytest.raises(ArgumentError, match=r"of 5 numbers a face; one of them, age.0"):
        measure_of(faces, "age")


@pytest.mark.heavy
@pytest.mark.usefixtures("default_models")
def test_the_face_is_found_again_in_a_damaged_photo(tmp_path: Path) -> None:
    detector = rostro.Detector(threads=1)
    paths = [ASTRONAUT.fetch()] * 12
    measured = measure_photos(detector, [], paths, damage_seed=3)
    assert sum(measured.damaged.values()) > 3
    assert len(measured.faces) == measured.found.sum() >= 9
    again = measure_photos(detector, [], paths, damage_seed=3)
    np.testing.assert_array_equal(measured.faces.boxes, again.faces.boxes)
    grey = tmp_path / "grey.png"
    rostro.save_image(grey, np.full((90, 90, 3), 99, np.uint8))
    with pytest.raises(EvaluationError, match="no face was found"):
        measure_photos(detector, [], [grey])
