"""Errors of head poses: known ones come out, against plain NumPy, and bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from rostro import Faces
from rostro.errors import EvaluationError
from rostro.evaluate.labelled_faces import LabelledFace
from rostro.evaluate.pose import pose_errors, score, within
from tests.support.labelled_faces import face_points, found

POINTS = face_points()


def label(*angles: float) -> LabelledFace:
    return LabelledFace(Path("a.jpg"), POINTS, np.array(angles, np.float64), "")


def matrix_of_label(yaw: float, pitch: float, roll: float) -> Rotation:
    """R = Rx(-pitch) Ry(yaw) Rz(roll) in the camera's frame: yaw positive to the image's left."""
    return Rotation.from_euler("XYZ", [-pitch, yaw, roll], degrees=True)


def faces_of(rotation: Rotation) -> Faces:
    """The table of a face that stands so, in rostro's angles: R = Ry(-yaw) Rx(-pitch) Rz(roll)."""
    yaw, pitch, roll = rotation.as_euler("YXZ", degrees=True) * [-1, -1, 1]
    return found(POINTS).with_columns(poses=np.array([[yaw, pitch, roll]], np.float32))


@pytest.mark.parametrize("angles", [(0, 0, 0), (-70, 20, 30), (85, -40, -60), (-20, 60, 5)])
def test_the_same_rotation_has_no_error(angles: tuple[float, float, float]) -> None:
    errors = pose_errors([label(*angles)], [faces_of(matrix_of_label(*angles))])
    np.testing.assert_allclose(errors, 0, atol=2e-4)


def test_known_errors_come_out() -> None:
    random = np.random.default_rng(0)
    truth = random.uniform(-80, 80, (50, 3))
    off = random.uniform(-9, 9, (50, 3))
    tables = [faces_of(matrix_of_label(*row)) for row in truth + off]
    errors = pose_errors([label(*row) for row in truth], tables)
    np.testing.assert_allclose(errors[:, :3], np.abs(off), atol=2e-3)
    pairs = zip(truth, truth + off, strict=True)
    turns = [(matrix_of_label(*a).inv() * matrix_of_label(*b)).magnitude() for a, b in pairs]
    np.testing.assert_allclose(errors[:, 3], np.degrees(turns), atol=2e-3)


def test_differences_go_round_the_circle() -> None:
    errors = pose_errors([label(0, 0, 178)], [faces_of(matrix_of_label(0, 0, -178))])
    np.testing.assert_allclose(errors, [[0, 0, 4, 4]], atol=1e-3)


def test_figures() -> None:
    errors: NDArray[np.float64] = np.array([[1, 2, 3, 4], [3, 4, 8, 9], [np.inf] * 4])
    got = score(errors)
    assert (got.faces, got.missed) == (3, 1)
    figures = (got.yaw, got.pitch, got.roll, got.mean, got.geodesic)
    assert [figure and figure.value for figure in figures] == [2, 3, 5.5, 3.5, 6.5]
    assert all(figure and figure.low <= figure.value <= figure.high for figure in figures)
    nobody = score(errors[2:])
    assert (nobody.faces, nobody.missed, nobody.mean) == (1, 1, None)


def test_papers_leave_out_large_angles() -> None:
    labels = [label(0, 0, 0), label(99, 0, 0), label(0, -99.1, 0), label(0, 0, 100)]
    assert within(labels).tolist() == [True, True, False, False]


def test_missed_faces_have_no_error() -> None:
    errors = pose_errors([label(0, 0, 0), label(1, 2, 3)], [None, None])
    assert errors.shape == (2, 4) and np.isinf(errors).all()


def test_bad_input() -> None:
    bare = LabelledFace(Path("b.jpg"), POINTS, None, "")
    with pytest.raises(EvaluationError, match=r"b\.jpg: its label has no pose"):
        pose_errors([bare], [None])
    with pytest.raises(EvaluationError, match=r"a\.jpg: got a face without a pose"):
        pose_errors([label(0, 0, 0)], [found(POINTS)])
