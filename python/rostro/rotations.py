"""Rotations in every form: matrices, angles, vectors, quaternions, six numbers.

Everything is float64, NumPy, C-contiguous; one rotation, or (N, ...) of them. Matrices turn points
of an object into the camera's frame, x right, y down, z forward: ``point = matrix @ object_point``.
A face with the identity looks straight into the camera.

Angles are yaw, pitch and roll in degrees, in this order, and mean something by a convention:

``"rostro"`` (the default, and that of every table of rostro)
    yaw positive: the face turns to the image's right; pitch: up; roll: clockwise in the image.
    ``R = Ry(-yaw) Rx(-pitch) Rz(roll)``, so that yaw and pitch are where the face looks, whatever
    the roll. Pitch lies in [-90, 90], the others in [-180, 180].
``"300w-lp"``
    that of 300W-LP and AFLW2000 (``Pose_Para``) and of networks that were trained with them: yaw
    positive to the image's left. ``R = Rx(-pitch) Ry(yaw) Rz(roll)``. Yaw lies in [-90, 90].

Rx, Ry and Rz are the right-handed turns about the camera's axes. Where the middle factor is at +-90
degrees, the last one is 0 and the first takes what is left.

All functions are thread-safe, release the GIL, and raise `ArgumentError` or `ArgumentTypeError` for
another shape or dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError
from rostro.support.arguments import check_text

__all__ = [
    "Convention",
    "angles_from_matrix",
    "matrix_from_6d",
    "matrix_from_angles",
    "matrix_from_quaternion",
    "matrix_from_rotation_vector",
    "nearest_rotation",
    "quaternion_from_matrix",
    "rotation_vector_from_matrix",
    "sixd_from_matrix",
]

Convention = Literal["rostro", "300w-lp"]
_Doubles: TypeAlias = NDArray[np.float64]

_CONVENTIONS = _core.angle_conventions()


def matrix_from_angles(angles: _Doubles, convention: Convention = "rostro") -> _Doubles:
    """(N, 3) yaw, pitch, roll in degrees to (N, 3, 3); or one of them."""
    return _each(angles, (3,), (3, 3), _core.rotation_of_angles, *_facts(convention))


def angles_from_matrix(matrix: _Doubles, convention: Convention = "rostro") -> _Doubles:
    """(N, 3, 3) to (N, 3) yaw, pitch, roll in degrees; or one of them."""
    return _each(matrix, (3, 3), (3,), _core.angles_of_rotation, *_facts(convention))


def matrix_from_rotation_vector(vector: _Doubles) -> _Doubles:
    """(N, 3) rotation vectors, by their length in radians about them, to (N, 3, 3); or one."""
    return _each(vector, (3,), (3, 3), _core.rotation_of_vector)


def rotation_vector_from_matrix(matrix: _Doubles) -> _Doubles:
    """(N, 3, 3) to (N, 3) rotation vectors of lengths in [0, pi]; or one."""
    return _each(matrix, (3, 3), (3,), _core.vector_of_rotation)


def matrix_from_quaternion(quaternion: _Doubles) -> _Doubles:
    """(N, 4) quaternions x, y, z, w (SciPy's and ROS's order) of any length to (N, 3, 3); or one.

    Raises:
        ArgumentError: also for one of length 0, or not finite.
    """
    return _each(quaternion, (4,), (3, 3), _core.rotation_of_quaternion)


def quaternion_from_matrix(matrix: _Doubles) -> _Doubles:
    """(N, 3, 3) to (N, 4) unit quaternions x, y, z, w with w >= 0; or one."""
    return _each(matrix, (3, 3), (4,), _core.quaternion_of_rotation)


def matrix_from_6d(columns: _Doubles) -> _Doubles:
    """(N, 6), the first two columns of a matrix, to (N, 3, 3); or one.

    Gram-Schmidt makes them orthonormal (Zhou et al., "On the continuity of rotation representations
    in neural networks", 2019). Columns that say nothing give some rotation, never NaN.
    """
    return _each(columns, (6,), (3, 3), _core.rotation_of_6d)


def sixd_from_matrix(matrix: _Doubles) -> _Doubles:
    """(N, 3, 3) to (N, 6), their first two columns; or one."""
    return _each(matrix, (3, 3), (6,), _core.columns_of_rotation)


def nearest_rotation(matrix: _Doubles) -> _Doubles:
    """The rotations that differ the least, in squares, from (N, 3, 3) matrices; or one.

    ``U diag(1, 1, det(U V^T)) V^T`` of the singular values: never a reflection.

    Raises:
        ArgumentError: also for numbers that are not finite.
    """
    return _each(matrix, (3, 3), (3, 3), _core.nearest_rotation)


def _facts(convention: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    if check_text("convention", convention) not in _CONVENTIONS:
        known = ", ".join(f'"{name}"' for name in _CONVENTIONS)
        raise ArgumentError(f"convention: got {convention!r}; one of {known} is wanted")
    return _CONVENTIONS[convention]


def _each(
    array: _Doubles,
    entry: tuple[int, ...],
    result: tuple[int, ...],
    convert: Callable[..., _Doubles],
    *facts: Any,
) -> _Doubles:
    """Entries of one shape to entries of another; the core takes rows of numbers."""
    count = int(np.prod(entry))
    if isinstance(array, np.ndarray) and array.shape[array.ndim - len(entry) :] == entry:
        if array.ndim == len(entry):
            return convert(array.reshape(1, count), *facts).reshape(result)
        if array.ndim == len(entry) + 1 and array.flags.c_contiguous:
            return convert(array.reshape(-1, count), *facts).reshape(-1, *result)
    if isinstance(array, np.ndarray):
        state = "" if array.flags.c_contiguous else ", not C-contiguous"
        raise ArgumentError(
            f"got a {array.dtype} array of shape {array.shape}{state}; "
            f"a C-contiguous one of shape {entry} or (N, {str(entry)[1:-1].rstrip(',')}) is wanted"
        )
    return convert(array, *facts)
