"""Labels of faces, and which detected face is the labelled one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

import rostro
from rostro import Faces
from rostro.errors import EvaluationError, FileMissingError
from rostro.evaluate.labelled_faces import (
    LEAST_OVERLAP,
    find_faces,
    groups,
    labelled_among,
    read_labels,
)
from rostro.kernels import Color
from rostro.types import Image
from tests.support.labelled_faces import black_photo, face_points, write_mat, write_pts


def boxes(*rows: tuple[float, float, float, float]) -> Faces:
    return Faces(np.array(rows, np.float32).reshape(-1, 4), np.ones(len(rows), np.float32))


def test_both_kinds_of_labels(tmp_path: Path) -> None:
    points = face_points()
    write_mat(tmp_path / "b.mat", points, (10, -20, 30))
    write_pts(tmp_path / "more" / "a.pts", points)
    write_mat(tmp_path / ".hidden" / "c.mat", points)
    first, second = read_labels(tmp_path)
    assert (first.photo.name, second.photo.name) == ("b.jpg", "a.png")
    assert (first.group, second.group) == ("", "more")
    np.testing.assert_allclose(first.points, points, atol=1e-4)
    np.testing.assert_allclose(second.points, points, atol=1e-3)
    assert first.angles is not None and second.angles is None
    np.testing.assert_allclose(first.angles, [10, -20, 30], atol=1e-5)


def test_groups_are_folders_and_yaws(tmp_path: Path) -> None:
    for name, yaw in (("x/a", -10), ("x/b", 30), ("y/c", 98.9), ("y/d", -120)):
        write_mat(tmp_path / f"{name}.mat", face_points(), (yaw, 0, 0))
    write_pts(tmp_path / "e.pts", face_points())
    labels = read_labels(tmp_path)
    assert [label.photo.stem for label in labels] == ["e", "a", "b", "c", "d"]
    assert {name: part.nonzero()[0].tolist() for name, part in groups(labels).items()} == {
        ".": [0], "x": [1, 2], "y": [3, 4],
        "yaw 0-30": [1], "yaw 30-60": [2], "yaw 60-99": [3], "yaw 99-180": [4],
    }  # fmt: skip
    assert groups(labels[:1]) == {}


def test_bad_labels(tmp_path: Path) -> None:
    def refused(kind: type[Exception], *parts: str) -> None:
        with pytest.raises(kind) as caught:
            read_labels(tmp_path)
        assert all(part in str(caught.value) for part in parts)

    with pytest.raises(FileMissingError, match="no such folder"):
        read_labels(tmp_path / "absent")
    refused(EvaluationError, "no label in it")
    label = tmp_path / "a.pts"
    label.write_text("version: 1\n{\n1 2\n")
    refused(FileMissingError, "a.pts", "no photo")
    black_photo(tmp_path / "a.jpg")
    refused(EvaluationError, "a.pts", "got 1 points")
    label.write_text("{\n1 2\n3 x\n}")
    refused(EvaluationError, "a.pts", "'x'")
    label.write_text("{" + "3 4\n" * 68 + "}")
    refused(EvaluationError, "a.pts", "on one line")
    label.write_text("{" + "3 nan\n" * 68 + "}")
    refused(EvaluationError, "a.pts", "not finite")
    label.unlink()
    label = tmp_path / "a.mat"
    label.write_bytes(b"garbage")
    refused(EvaluationError, "a.mat")
    savemat(label, {"Pose_Para": np.zeros((1, 2)), "pt3d_68": np.zeros((3, 68))})
    refused(EvaluationError, "Pose_Para", "three angles")
    savemat(label, {"Pose_Para": np.zeros((1, 7)), "pt3d_68": np.zeros((3, 21))})
    refused(EvaluationError, "pt3d_68", "3 x 68")


def test_the_labelled_face_is_the_one_that_overlaps_most() -> None:
    points = face_points()
    low, high = points.min(0), points.max(0)
    whole = (*low, *high)
    away = (0.0, 0.0, 20.0, 20.0)
    near = (low[0] + 20, low[1] + 20, high[0] + 20, high[1] + 20)
    assert labelled_among(points, boxes()) is None
    assert labelled_among(points, boxes(away)) is None
    assert labelled_among(points, boxes(away, near, whole)) == 2
    assert labelled_among(points, boxes(away, near)) == 1
    # A box around it of k times the area overlaps by 1 / k.
    middle, half = (low + high) / 2, (high - low) / 2
    for share, index in ((LEAST_OVERLAP + 0.01, 0), (LEAST_OVERLAP - 0.01, None)):
        side = half / np.sqrt(share)
        assert labelled_among(points, boxes((*(middle - side), *(middle + side)))) == index
    assert labelled_among(points, boxes((50, 50, 50, 50), (60, 60, 40, 40))) is None


@pytest.mark.usefixtures("default_models")
def test_stages_see_the_labelled_face_alone(photo: Image, tmp_path: Path) -> None:
    detector = rostro.Detector(threads=1)
    (box,) = detector(photo).boxes
    corners = np.tile(box.reshape(2, 2), (34, 1)).astype(np.float64)
    two = np.concatenate([photo, photo], 1)
    for name, shift in (("left", 0), ("right", photo.shape[1])):
        write_mat(tmp_path / f"{name}.mat", corners + np.array([shift, 0]))
        rostro.save_image(tmp_path / f"{name}.jpg", two)
    write_mat(tmp_path / "nobody.mat", corners)
    seen: list[Faces] = []

    def stage(image: Image, faces: Faces, color: Color) -> Faces:
        seen.append(faces)
        return faces.with_columns(poses=np.ones((len(faces), 3), np.float32))

    left, nobody, right = find_faces(read_labels(tmp_path), detector, [stage])
    assert nobody is None
    assert left is not None and right is not None
    assert [len(faces) for faces in seen] == [1, 1]
    assert left.poses is not None and abs(right.boxes[0, 0] - left.boxes[0, 0] - 250) < 5
