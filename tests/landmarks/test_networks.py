"""Every shared landmark network on every engine, and how far off its points are."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest

import rostro
from rostro.evaluate.mat_file import read_mat
from rostro.faces import Faces
from rostro.types import FloatArray, Image
from tests.support.opencv import as_image
from tests.support.shared import shared_data
from tests.support.shared_cards import LANDMARKERS, engines_of, place
from tests.support.there import there

CASES = [
    (name, engine) for name, card in sorted(LANDMARKERS.items()) for engine in engines_of(card)
]
# Corners of eyes, tip of the nose, corners of the mouth: of the labels, and of a scheme.
LABELS = [36, 39, 42, 45, 30, 48, 54]
SEVEN = {
    "wflw98": [60, 64, 68, 72, 54, 76, 82],
    "mesh468": [33, 133, 362, 263, 4, 61, 291],
    "mesh478": [33, 133, 362, 263, 4, 61, 291],
}
# What each reaches, in % of the distance between the outer corners of the eyes, and 0.1 more.
ERRORS = {
    "pfld_68": 6.03,
    "pfld_ghostone_98": 3.99,
    "mediapipe_facemesh_468": 4.6,
    "mediapipe_face_landmarks_478_f16": 3.92,
}


class Photo(NamedTuple):
    image: Image
    face: Faces
    labels: FloatArray  # (68, 2)


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "engine"), CASES)
def test_shared_networks(photo: Image, tmp_path: Path, name: str, engine: str) -> None:
    """Points lie in the face, those of landmarks where the detector's are, in a batch as alone."""
    landmarker = rostro.Landmarker(place(name, engine, tmp_path), engine=engine, threads=1)
    face = rostro.Detector(threads=1)(photo)
    found = landmarker(photo, face)
    points = there(found.points)
    several = landmarker(photo, face[[0, 0, 0]])
    np.testing.assert_allclose(there(several.points)[2], points[0], atol=0.05)
    flat = np.ascontiguousarray(points[..., :2])
    five = rostro.convert_points(flat, landmarker.scheme, "five")
    eyes = np.linalg.norm(five[0, 0] - five[0, 1])
    assert np.abs(five - there(face.landmarks)).max() < 0.15 * eyes
    if "mesh" in landmarker.scheme:
        assert there(found.attributes)["presence"][0] > 0.9
        assert points[0, 4, 2] < points[0, [33, 263, 234, 454], 2].min()  # the nose is nearest
        nobody = landmarker(np.full_like(photo, 90), face)
        assert there(nobody.attributes)["presence"][0] < 0.1


@pytest.fixture(scope="module")
def aflw2000() -> list[Photo]:
    """Photos within 30 degrees of yaw, with the face that the default detector finds."""
    detector = rostro.Detector(threads=1)
    photos = []
    for path in sorted(shared_data("aflw2000").glob("*.mat")):
        truth = read_mat(path, ["Pose_Para", "pt3d_68"])
        pose, points = (np.asarray(truth[key], np.float32) for key in ("Pose_Para", "pt3d_68"))
        if abs(np.degrees(pose[0, 1])) >= 30:
            continue
        image = as_image(there(cv2.imread(str(path.with_suffix(".jpg")))))
        faces = detector(image)
        if len(faces):
            labels = np.ascontiguousarray(points[:2].T)
            middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
            nearest = int(np.linalg.norm(middles - labels.mean(axis=0), axis=1).argmin())
            photos.append(Photo(image, faces[[nearest]], labels))
    return photos


@pytest.mark.heavy
@pytest.mark.parametrize("name", sorted(LANDMARKERS))
def test_errors_on_labelled_photos(
    aflw2000: list[Photo], tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(aflw2000) == 130
    landmarker = rostro.Landmarker(place(name, "onnxruntime", tmp_path), threads=1)
    labels = list(range(68)) if landmarker.scheme == "ibug68" else LABELS
    chosen = SEVEN.get(landmarker.scheme, labels)
    errors = []
    for image, face, truth in aflw2000:
        points = there(landmarker(image, face).points)[0, chosen, :2]
        distances = np.linalg.norm(points - truth[labels], axis=1)
        errors.append(100 * distances.mean() / np.linalg.norm(truth[36] - truth[45]))
    with capsys.disabled():
        print(f"\n{name}: {np.mean(errors):.2f} % of the outer eye distance")
    assert np.mean(errors) < ERRORS[name]
