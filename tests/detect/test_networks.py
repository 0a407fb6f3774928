"""Every shared test network on every engine that its files allow, on real photos."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.kernels import letterbox
from rostro.types import FloatArray, Image
from tests.support.faces import overlaps
from tests.support.reference_heads import REFERENCES, Array, assert_equal
from tests.support.shared import shared_data
from tests.support.shared_cards import DETECTORS, engines_of, place

pytestmark = pytest.mark.heavy

CASES = [(name, engine) for name, card in sorted(DETECTORS.items()) for engine in engines_of(card)]
# Made for selfies: of faces that fill less than a fifth of the picture, it sees few.
FOR_SELFIES = "blazeface_front_128"


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def detector(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> rostro.Detector:
    name, engine = request.param
    return rostro.Detector(
        place(name, engine, tmp_path_factory.mktemp(name)), engine=engine, threads=1
    )


@pytest.fixture(scope="module")
def portraits() -> list[Image]:
    """Photos with the face meant in the middle, 250x250."""
    files = sorted((shared_data("lfw") / "images").glob("*/*.jpg"))[::80]
    return [rostro.load_image(file) for file in files]


@pytest.fixture(scope="module")
def scenes() -> list[tuple[Image, FloatArray]]:
    """Photos, and the boxes of the plain, large faces among those that another detector found."""
    folder = shared_data("widerface")
    scenes = []
    with zipfile.ZipFile(folder / "reference" / "detections.zip") as archive:
        for file in sorted((folder / "images").rglob("*.jpg"))[::12]:
            text = archive.read(f"{file.parent.name}/{file.stem}.txt").decode()
            rows = [line.split() for line in text.splitlines()[2:]]
            image = rostro.load_image(file)
            every = np.array(rows, np.float32).reshape(-1, 5)
            plain = every[(every[:, 4] > 0.8) & (every[:, 3] > 0.06 * image.shape[1])]
            if len(plain):
                boxes = np.hstack([plain[:, :2], plain[:, :2] + plain[:, 2:4]])
                scenes.append((image, boxes))
    return scenes


def as_the_authors_want(head: str, outputs: list[FloatArray]) -> list[Array]:
    """Without the first side of 1, and in rows where authors' code transposes them so."""
    arrays = []
    for output in outputs:
        array = output.astype(float)
        while array.ndim > 2 and array.shape[0] == 1 and head != "centerface":
            array = array[0]
        if head == "centerface":
            array = array[0]
        if head == "scrfd" and array.ndim == 3:
            array = array.transpose(1, 2, 0).reshape(-1, array.shape[0] // 2)
        arrays.append(array)
    return arrays


@pytest.mark.parametrize("size", [(640, 448), (256, 384)])
def test_decoding_is_the_authors(
    detector: rostro.Detector, portraits: list[Image], size: tuple[int, int]
) -> None:
    """On the network's own numbers for a photo: within a thousandth of a pixel."""
    card = detector.model.card
    assert card is not None and card.detect is not None
    size = card.input.size or size
    tensor, _ = letterbox(
        portraits[0], size, channels=card.input.channels, mean=card.input.mean, std=card.input.std
    )
    by_name = dict(zip(detector.engine.output_names, detector.engine.run(tensor), strict=True))
    outputs = [by_name[name] for name in card.detect.outputs or card.outputs]
    head = card.detect.head
    plain = REFERENCES[head](as_the_authors_want(head, outputs), size)
    assert_equal(rostro.decode(head, outputs, size, 0.05, 10**6), plain, 0.05)


def test_the_face_in_the_middle_is_found(detector: rostro.Detector, portraits: list[Image]) -> None:
    found = 0
    for image in portraits:
        faces = detector(image)
        middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
        near = (np.abs(middle - 125) < 45).all(axis=1)
        found += bool(near.any())
        if faces.landmarks is not None and near.any():
            face = int(near.argmax())
            left_eye, right_eye, nose, left_mouth, right_mouth = faces.landmarks[face]
            x1, y1, x2, y2 = faces.boxes[face]
            assert left_eye[0] < right_eye[0] and left_mouth[0] < right_mouth[0]
            assert max(left_eye[1], right_eye[1]) < min(left_mouth[1], right_mouth[1])
            assert x1 < nose[0] < x2 and y1 < nose[1] < y2
    # One network misses one of these faces by a hair, enlarged to 640 pixels.
    assert found >= len(portraits) - 1


def test_the_faces_of_a_scene_are_found(
    detector: rostro.Detector, scenes: list[tuple[Image, FloatArray]]
) -> None:
    found = wanted = 0
    for image, boxes in scenes:
        faces = detector(image)
        if len(faces):
            found += int((overlaps(boxes, faces.boxes).max(axis=1) > 0.45).sum())
        wanted += len(boxes)
    assert wanted >= 30
    assert found >= (0.1 if detector.model.name == FOR_SELFIES else 0.85) * wanted


def test_raw_and_decoded_ultralight_agree(
    portraits: list[Image], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The authors' own decoding is in one of the two networks."""
    raw, decoded = (
        rostro.Detector(place(name, "onnxruntime", tmp_path_factory.mktemp(name)), threads=1)
        for name in ("ultralight_rfb320_raw", "ultralight_rfb320_decoded")
    )
    for image in portraits:
        one, other = raw(image), decoded(image)
        np.testing.assert_allclose(one.boxes, other.boxes, atol=1e-3)
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


def test_cards_name_the_files_that_are_there(tmp_path: Path) -> None:
    for name in DETECTORS:
        folder = tmp_path / name
        folder.mkdir()
        engine = engines_of(DETECTORS[name])[0]
        rostro.models.resolve(place(name, engine, folder)).verify()
