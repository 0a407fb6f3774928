"""How far head poses are off, as it is measured on AFLW2000.

Yaw, pitch and roll are compared as 300W-LP and AFLW2000 define them (rostro's own angles of the
same rotation are others), each by its absolute difference, at most 180 degrees. Their mean over the
faces within 99 degrees in all three is what papers give. Angles of one rotation are tied to each
other near profiles; the geodesic error is not: it is the angle of the rotation that leads from the
one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError
from rostro.evaluate.bootstrap import SAMPLES, Estimate, mean
from rostro.evaluate.labelled_faces import LabelledFace
from rostro.faces import Faces
from rostro.rotations import (
    angles_from_matrix,
    matrix_from_angles,
    rotation_vector_from_matrix,
)

__all__ = ["ANGLES", "LARGEST", "Score", "pose_errors", "score", "within"]

LARGEST = 99.0
"""Degrees: faces with a larger yaw, pitch or roll are left out of what papers give."""

ANGLES = ("yaw", "pitch", "roll", "geodesic")
"""The columns of errors."""

_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """What was measured of some faces.

    Attributes:
        faces: how many are labelled.
        missed: of these, not found; they have no error.
        yaw, pitch, roll: mean absolute errors of those found in degrees, and ``mean``, of the three
            together; ``None`` where none was found.
        geodesic: the mean angle between the labelled and the found rotation.
    """

    faces: int
    missed: int
    yaw: Estimate | None
    pitch: Estimate | None
    roll: Estimate | None
    mean: Estimate | None
    geodesic: Estimate | None


def within(labels: Sequence[LabelledFace], largest: float = LARGEST) -> NDArray[np.bool_]:
    """Which faces have no labelled angle beyond ``largest`` degrees: (N,) bool."""
    usual: NDArray[np.bool_] = np.abs(_labelled(labels)).max(1) <= largest
    return usual


def pose_errors(labels: Sequence[LabelledFace], found: Iterable[Faces | None]) -> _Values:
    """The errors of each face in degrees, (N, 4) float64 as `ANGLES`; infinite where it is missed.

    Args:
        found: a table of one face with its ``poses`` for each label.

    Raises:
        EvaluationError: a label without angles, or a face without a pose.
    """
    truth = _labelled(labels)
    errors = np.full((len(truth), len(ANGLES)), np.inf)
    rows, angles = [], []
    for row, (label, face) in enumerate(zip(labels, found, strict=True)):
        if face is not None:
            if face.poses is None:
                raise EvaluationError(f"{label.photo}: got a face without a pose; name --pose")
            rows.append(row)
            angles.append(face.poses[0])
    if not rows:
        return errors
    ours = matrix_from_angles(np.array(angles, np.float64))
    theirs = matrix_from_angles(truth[rows], "300w-lp")
    differences = np.abs(angles_from_matrix(ours, "300w-lp") - truth[rows]) % 360
    errors[rows, :3] = np.minimum(differences, 360 - differences)
    between = np.ascontiguousarray(theirs.transpose(0, 2, 1) @ ours)
    errors[rows, 3] = np.degrees(np.linalg.norm(rotation_vector_from_matrix(between), axis=1))
    return errors


def score(errors: _Values, samples: int = SAMPLES) -> Score:
    """The figures of some faces, by their errors as `pose_errors` gives them."""
    found = errors[np.isfinite(errors).all(1)]
    missed = len(errors) - len(found)
    if len(found) == 0:
        return Score(len(errors), missed, None, None, None, None, None)
    yaw, pitch, roll, geodesic = (mean(column, samples) for column in found.T)
    together = mean(found[:, :3].mean(1), samples)
    return Score(len(errors), missed, yaw, pitch, roll, together, geodesic)


def _labelled(labels: Sequence[LabelledFace]) -> _Values:
    for label in labels:
        if label.angles is None:
            raise EvaluationError(
                f"{label.photo}: its label has no pose; a .mat with Pose_Para is wanted"
            )
    return np.array([label.angles for label in labels], np.float64).reshape(-1, 3)
