"""Every shared pose network, and how far off poses are on AFLW2000."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.evaluate.mat_file import read_mat
from rostro.faces import Faces
from rostro.rotations import angles_from_matrix, matrix_from_angles
from rostro.types import Image
from tests.support.opencv import as_image
from tests.support.shared import shared_data
from tests.support.shared_cards import place
from tests.support.there import there

# The mean of the three angles' mean absolute errors, at most.
ERRORS = {"fsanet_pair": 4.9, "head_pose_estimation_adas_0001_f16": 8.5}
PARTS = {"fsanet_pair": ["fsanet_var"]}


class Photo(NamedTuple):
    image: Image
    face: Faces
    angles: NDArray[np.float64]  # yaw, pitch, roll as AFLW2000 has them


@pytest.fixture(scope="module")
def aflw2000() -> list[Photo]:
    """Photos within 99 degrees, with the detector's face that covers the labels."""
    photos = []
    missed = 0
    detector = rostro.Detector(threads=1)
    for path in sorted(shared_data("aflw2000").glob("*.mat")):
        truth = read_mat(path, ["Pose_Para", "pt3d_68"])
        pitch, yaw, roll = np.degrees(np.asarray(truth["Pose_Para"], np.float64)[0, :3])
        if max(abs(yaw), abs(pitch), abs(roll)) > 99:
            continue
        points = np.asarray(truth["pt3d_68"], np.float64)[:2].mean(axis=1)
        image = as_image(there(cv2.imread(str(path.with_suffix(".jpg")))))
        faces = detector(image)
        inside = [
            i for i, (x1, y1, x2, y2) in enumerate(faces.boxes)
            if x1 < points[0] < x2 and y1 < points[1] < y2
        ]  # fmt: skip
        missed += not inside
        if inside:
            face = faces[inside[0] : inside[0] + 1]
            photos.append(Photo(image, face, np.array([yaw, pitch, roll])))
    assert missed <= 6
    return photos


def mean_error(head_pose: rostro.HeadPose, photos: list[Photo]) -> float:
    def errors() -> Iterator[NDArray[np.float64]]:
        for image, face, angles in photos:
            pose = there(head_pose(image, face).poses)[0].astype(np.float64)
            found = angles_from_matrix(matrix_from_angles(pose), "300w-lp")
            yield np.abs((found - angles + 180) % 360 - 180)

    return float(np.mean(list(errors())))


@pytest.mark.heavy
@pytest.mark.parametrize("name", ERRORS)
def test_networks_are_as_far_off_as_is_known_of_them(
    aflw2000: list[Photo], tmp_path: Path, name: str
) -> None:
    for part in PARTS.get(name, []):
        place(part, "onnxruntime", tmp_path)
    head_pose = rostro.HeadPose(place(name, "onnxruntime", tmp_path), threads=1)
    assert mean_error(head_pose, aflw2000) <= ERRORS[name]
    image, face, _ = aflw2000[0]
    several = there(head_pose(image, face[[0] * 10]).poses)
    alone = there(head_pose(image, face).poses)
    np.testing.assert_allclose(several, np.repeat(alone, 10, axis=0), atol=0.01)


@pytest.mark.heavy
def test_landmarks_alone_are_as_far_off_as_is_known_of_them(aflw2000: list[Photo]) -> None:
    assert mean_error(rostro.HeadPose(), aflw2000) <= 8.5


@pytest.mark.heavy
def test_points_of_a_mesh_are_as_far_off_as_is_known_of_them(
    aflw2000: list[Photo], tmp_path: Path
) -> None:
    mesh = place("mediapipe_face_landmarks_478_f16", "onnxruntime", tmp_path)
    landmarker = rostro.Landmarker(mesh, threads=1)
    photos = [Photo(image, landmarker(image, face), angles) for image, face, angles in aflw2000]
    assert mean_error(rostro.HeadPose(hfov=30), photos) <= 5.0
