"""Rotations against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from rostro import rotations
from rostro.errors import ArgumentError, ArgumentTypeError

ANY = Rotation.random(200, rng=np.random.default_rng(0))
MATRICES = ANY.as_matrix()


def test_vectors_and_quaternions_are_those_of_scipy() -> None:
    vectors = rotations.rotation_vector_from_matrix(MATRICES)
    np.testing.assert_allclose(vectors, ANY.as_rotvec(), atol=1e-12)
    np.testing.assert_allclose(rotations.matrix_from_rotation_vector(vectors), MATRICES, atol=1e-12)
    quaternions = rotations.quaternion_from_matrix(MATRICES)
    np.testing.assert_allclose(quaternions, ANY.as_quat(canonical=True), atol=1e-12)
    np.testing.assert_allclose(
        rotations.matrix_from_quaternion(3 * quaternions), MATRICES, atol=1e-12
    )


def test_angles_are_the_products_that_are_promised() -> None:
    yaw, pitch, roll = rotations.angles_from_matrix(MATRICES).T
    ours = Rotation.from_euler("YXZ", np.stack([-yaw, -pitch, roll], 1), degrees=True)
    np.testing.assert_allclose(ours.as_matrix(), MATRICES, atol=1e-12)
    yaw, pitch, roll = rotations.angles_from_matrix(MATRICES, "300w-lp").T
    theirs = Rotation.from_euler("XYZ", np.stack([-pitch, yaw, roll], 1), degrees=True)
    np.testing.assert_allclose(theirs.as_matrix(), MATRICES, atol=1e-12)
    for convention in ("rostro", "300w-lp"):
        angles = rotations.angles_from_matrix(MATRICES, convention)
        again = rotations.matrix_from_angles(angles, convention)
        np.testing.assert_allclose(again, MATRICES, atol=1e-12)


def test_six_numbers_are_two_columns_made_orthonormal() -> None:
    columns = rotations.sixd_from_matrix(MATRICES)
    np.testing.assert_array_equal(columns[:, :3], MATRICES[:, :, 0])
    np.testing.assert_array_equal(columns[:, 3:], MATRICES[:, :, 1])
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(100, 6))
    x = raw[:, :3] / np.linalg.norm(raw[:, :3], axis=1, keepdims=True)
    z = np.cross(x, raw[:, 3:])
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    wanted = np.stack([x, np.cross(z, x), z], axis=2)
    np.testing.assert_allclose(rotations.matrix_from_6d(raw), wanted, atol=1e-12)


def test_the_nearest_rotation_is_that_of_the_singular_values() -> None:
    noisy = MATRICES + np.random.default_rng(2).normal(0, 0.5, MATRICES.shape)
    u, _, vt = np.linalg.svd(noisy)
    u[:, :, 2] *= np.linalg.det(u @ vt)[:, None]
    np.testing.assert_allclose(rotations.nearest_rotation(noisy), u @ vt, atol=1e-9)


def test_one_rotation_needs_no_batch() -> None:
    angles = rotations.angles_from_matrix(np.eye(3))
    np.testing.assert_array_equal(angles, [0, 0, 0])
    assert rotations.matrix_from_angles(angles).shape == (3, 3)


def test_what_is_no_rotation_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"got a float64 array of shape \(2, 3\); .* \(3, 3\)"):
        rotations.angles_from_matrix(np.zeros((2, 3)))
    with pytest.raises(ArgumentTypeError, match="float64"):
        rotations.matrix_from_angles(np.zeros((2, 3), np.float32))
    with pytest.raises(ArgumentError, match=r'convention: got "zyx"|convention: got .zyx.'):
        rotations.matrix_from_angles(np.zeros(3), "zyx")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="quaternion: got 0"):
        rotations.matrix_from_quaternion(np.zeros(4))
    with pytest.raises(ArgumentError, match="matrix: got nan"):
        rotations.nearest_rotation(np.full((1, 3, 3), np.nan))
