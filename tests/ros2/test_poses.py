"""Poses in the frames of ROS, against independent arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rostro
from rostro.rotations import matrix_from_quaternion
from rostro.video.watch.people import People
from rostro_ros.engine import Seen
from rostro_ros.images import Picture
from rostro_ros.poses import SELLION, face_poses, pose_array, transforms
from tests.ros2.support import header_at
from tests.support.there import there

CAMERA = rostro.Camera(500.0, 500.0, 320.0, 240.0)


def seen_from(rotation: Any, place: Any, **columns: Any) -> rostro.Faces:
    """The five landmarks of a mean face that stands so, and the pose that is fitted to them."""
    points = rostro.mean_face("five") @ np.asarray(rotation, float).T + np.asarray(place, float)
    pixels = points[:, :2] / points[:, 2:] * 500 + (320, 240)
    low, high = pixels.min(0), pixels.max(0)
    faces = rostro.Faces(
        np.array([[*low, *high]], np.float32),
        np.ones(1, np.float32),
        landmarks=pixels[None].astype(np.float32),
        ids=np.array([3]),
        **columns,
    )
    return rostro.HeadPose(camera=CAMERA)(np.zeros((480, 640, 3), np.uint8), faces)


def turned(axis: int, degrees: float) -> Any:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    a, b = [n for n in range(3) if n != axis]
    matrix[a, a] = matrix[b, b] = c
    matrix[a, b], matrix[b, a] = (-s, s) if axis != 1 else (s, -s)
    return matrix


@pytest.mark.parametrize(
    ("rotation", "x", "z"),
    [
        # A face that looks into the camera: x towards it, z up, which is against y.
        (np.eye(3), (0, 0, -1), (0, -1, 0)),
        # Turned by 90 degrees about y, so that it looks along -x.
        (turned(1, 60), (-np.sin(np.pi / 3), 0, -0.5), (0, -1, 0)),
        # The head is laid on its side: up is along the image's x.
        (turned(2, 90), (0, 0, -1), (1, 0, 0)),
    ],
)
def test_x_out_of_the_face_and_z_up(rotation: Any, x: Any, z: Any) -> None:
    found = there(face_poses(seen_from(rotation, (0.1, -0.05, 1.2))))
    axes = matrix_from_quaternion(found.quaternions[0])
    assert axes[:, 0] == pytest.approx(np.array(x, float), abs=0.02)
    assert axes[:, 2] == pytest.approx(np.array(z, float), abs=0.02)
    assert axes[:, 1] == pytest.approx(np.cross(axes[:, 2], axes[:, 0]), abs=1e-6)
    wanted = rotation @ SELLION + (0.1, -0.05, 1.2)
    assert found.positions[0] == pytest.approx(wanted, abs=0.01)


def test_the_sellion_is_out_of_the_face_and_between_the_eyes() -> None:
    x, y, z = SELLION
    assert abs(x) < 1e-9 and abs(y) < 0.01 and -0.03 < z < 0


def seen(faces: rostro.Faces) -> Seen:
    picture = Picture(np.zeros((480, 640, 3), np.uint8), "bgr", 640, 480)
    return Seen(header_at(5.5, "optical"), picture, faces, [], People(), "abcd")


def test_frames_of_faces_that_were_seen() -> None:
    faces = seen_from(np.eye(3), (0, 0, 1.0))
    (frame,) = transforms(seen(faces), face_poses(faces))
    assert frame.child_frame_id == "face_abcd3" and frame.header.frame_id == "optical"
    assert frame.header.stamp.sec == 5 and frame.header.stamp.nanosec == 500_000_000
    (pose,) = pose_array(seen(faces), face_poses(faces)).poses
    assert pose.position.z == frame.transform.translation.z == pytest.approx(0.98, abs=0.02)
    assert pose.orientation == frame.transform.rotation


@pytest.mark.parametrize(
    "faces",
    [
        pytest.param(
            seen_from(np.eye(3), (0, 0, 1), attributes={"predicted": np.ones(1, np.uint32)}),
            id="predicted",
        ),
        pytest.param(
            seen_from(np.eye(3), (0, 0, 1)).with_columns(ids=np.array([-1])), id="nobody yet"
        ),
        pytest.param(
            rostro.HeadPose(camera=CAMERA)(
                np.zeros((480, 640, 3), np.uint8),
                seen_from(np.eye(3), (0, 0, 1)).with_columns(
                    landmarks=np.zeros((1, 5, 2), np.float32)
                ),
            ),
            id="landmarks in one place",
        ),
    ],
)
def test_no_frame_of_others(faces: rostro.Faces) -> None:
    assert transforms(seen(faces), face_poses(faces)) == []


def test_without_poses() -> None:
    faces = rostro.Faces(np.zeros((1, 4), np.float32), np.ones(1, np.float32))
    assert face_poses(faces) is None
    assert transforms(seen(faces), None) == [] and not pose_array(seen(faces), None).poses
