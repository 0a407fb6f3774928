"""Poses of faces in the frames of ROS: a PoseArray, and a frame for each face as REP-155 has it.

REP-155's frame of a face has its origin at the sellion, where the nose meets the forehead, x out of
the face and z up; so y is to the person's left. rostro's has its origin between the eyes, x to the
image's right, y down and z into the head. Both are in the camera's optical frame, x right, y down,
z forward, which is the ``frame_id`` of an image of ROS (REP-103).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from geometry_msgs.msg import Pose, PoseArray, TransformStamped
from numpy.typing import NDArray

import rostro
from rostro.kernels import NO_POSE
from rostro.rotations import matrix_from_angles, quaternion_from_matrix
from rostro_ros.engine import Seen

__all__ = ["AXES", "SELLION", "FacePoses", "face_poses", "pose_array", "transforms"]

_Doubles = NDArray[np.float64]

AXES: _Doubles = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])
"""The columns are REP-155's axes x, y, z of a face in rostro's."""
SELLION: _Doubles = rostro.mean_face("ibug68")[27]
"""In rostro's frame of a face, metres: the uppermost point of the nose's bridge."""


class FacePoses(NamedTuple):
    """Of N faces, in the camera's optical frame.

    Attributes:
        positions: (N, 3) metres, of the sellion.
        quaternions: (N, 4) x, y, z, w.
        known: (N,) whether the landmarks said anything of a pose.
    """

    positions: _Doubles
    quaternions: _Doubles
    known: NDArray[np.bool_]


def face_poses(faces: rostro.Faces) -> FacePoses | None:
    """``None`` where no pose was asked for, or there was no time for it."""
    if faces.poses is None or faces.translations is None:
        return None
    rotations = matrix_from_angles(faces.poses.astype(np.float64))
    positions = rotations @ SELLION + faces.translations.astype(np.float64)
    error = (faces.attributes or {}).get("pose_error")
    known = np.ones(len(faces), bool) if error is None else np.asarray(error < NO_POSE)
    return FacePoses(positions, quaternion_from_matrix(rotations @ AXES), known)


def pose_array(seen: Seen, found: FacePoses | None) -> PoseArray:
    """In the order of the faces; none where poses are not known."""
    message = PoseArray(header=seen.header)
    if found is not None:
        message.poses = [
            _fill(Pose(), position, quaternion, "position", "orientation")
            for position, quaternion in zip(
                found.positions.tolist(), found.quaternions.tolist(), strict=True
            )
        ]
    return message


def transforms(seen: Seen, found: FacePoses | None) -> list[TransformStamped]:
    """``face_ID`` of each face that has an id and was seen in this image."""
    faces = seen.faces
    if found is None or faces.ids is None:
        return []
    predicted = (faces.attributes or {}).get("predicted", np.zeros(len(faces)))
    made = []
    for row, track in enumerate(faces.ids.tolist()):
        if track < 0 or predicted[row] or not found.known[row]:
            continue
        message = TransformStamped(header=seen.header)
        message.child_frame_id = f"face_{seen.face_id(track)}"
        _fill(
            message.transform,
            found.positions[row].tolist(),
            found.quaternions[row].tolist(),
            "translation",
            "rotation",
        )
        made.append(message)
    return made


def _fill(message: Any, place: list[float], turn: list[float], where: str, how: str) -> Any:
    point, quaternion = getattr(message, where), getattr(message, how)
    point.x, point.y, point.z = place
    quaternion.x, quaternion.y, quaternion.z, quaternion.w = turn
    return message
