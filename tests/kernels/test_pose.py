"""Poses that fit points: against known cameras, and against OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError
from rostro.kernels import NO_POSE
from rostro.kernels.pose import Poses

CAMERA = rostro.Camera(800, 820, 330, 250)
SCHEMES = {
    "five": 5, "ibug68": 68, "ibug66": 66, "wflw98": 98, "jd106": 106, "mesh468": 468,
    "mesh478": 478,
}  # fmt: skip
Doubles = NDArray[np.float64]


def stand(count: int, seed: int, distance: tuple[float, float] = (0.4, 3)) -> Poses:
    """Poses before the camera, in all directions."""
    rng = np.random.default_rng(seed)
    low, high = np.array([-80, -50, -180]), np.array([80, 50, 180])
    angles = rng.uniform(low, high, (count, 3))
    depth = rng.uniform(*distance, count)
    aside = rng.uniform(-0.3, 0.3, count), rng.uniform(-0.25, 0.25, count)
    places = np.stack([aside[0] * depth, aside[1] * depth, depth], axis=1)
    rotations = rostro.rotations.matrix_from_angles(angles)
    return Poses(rotations, places, angles, np.zeros(count), np.zeros((count, 6, 6)))


def seen(scheme: str, poses: Poses, noise: float = 0, seed: int = 0) -> NDArray[np.float32]:
    pixels = rostro.project_points(
        rostro.mean_face(scheme), poses.rotations, poses.translations, CAMERA
    )
    rng = np.random.default_rng(seed)
    return (pixels + rng.normal(0, noise, pixels.shape)).astype(np.float32)


def turned(found: Doubles, wanted: Doubles) -> Doubles:
    """The rotation vectors from the wanted to the found rotations, in degrees."""
    between = np.ascontiguousarray(found @ wanted.transpose(0, 2, 1))
    return np.degrees(rostro.rotations.rotation_vector_from_matrix(between))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_finds_the_pose_that_points_were_projected_by(scheme: str) -> None:
    poses = stand(300, seed=1)
    found = rostro.fit_pose(seen(scheme, poses), scheme, CAMERA)
    difference = np.abs((found.angles - poses.angles + 180) % 360 - 180)
    assert difference.max() < 0.05
    distance = np.linalg.norm(found.translations, axis=1) / np.linalg.norm(
        poses.translations, axis=1
    )
    np.testing.assert_allclose(distance, 1, atol=1e-3)
    assert found.errors.max() < 0.01


@pytest.mark.parametrize("scheme", ["five", "ibug68"])
def test_of_noisy_points_it_is_unbiased_and_says_how_far_it_is_off(scheme: str) -> None:
    depth = CAMERA.fx * 0.063 / 100  # 100 pixels from eye to eye
    poses = stand(2000, seed=2, distance=(depth, depth))
    found = rostro.fit_pose(seen(scheme, poses, noise=1, seed=3), scheme, CAMERA)
    off = np.hstack(
        [
            np.radians(turned(found.rotations, poses.rotations)),
            found.translations - poses.translations,
        ]
    )
    sigma = np.sqrt(np.einsum("nii->ni", found.covariances))
    assert (np.abs(off.mean(0)) < 4 * off.std(0) / np.sqrt(len(off)) + 1e-4).all()
    for covered in (np.abs(off) < 1.96 * sigma).mean(0):
        assert 0.90 < covered < 0.99
    joint = np.einsum("ni,nij,nj->n", off, np.linalg.inv(found.covariances), off)
    assert 0.90 < (joint < 12.592).mean() < 0.99  # 95 % of chi squared of 6


@pytest.mark.parametrize("scheme", ["five", "ibug68"])
def test_fits_no_worse_than_opencv(scheme: str) -> None:
    depth = CAMERA.fx * 0.063 / 100  # noise of 1 pixel at 100 from eye to eye: no point is wrong
    poses = stand(100, seed=4, distance=(depth, depth))
    points = seen(scheme, poses, noise=1)
    found = rostro.fit_pose(points, scheme, CAMERA)
    face = rostro.mean_face(scheme)
    matrix = np.array([[CAMERA.fx, 0, CAMERA.cx], [0, CAMERA.fy, CAMERA.cy], [0, 0, 1]])
    for i, pixels in enumerate(points.astype(np.float64)):
        # From the truth, for its own start takes six points.
        turn = rostro.rotations.rotation_vector_from_matrix(poses.rotations[i])
        _, turned_by, place = cv2.solvePnP(
            face, pixels, matrix, np.zeros(5), turn.copy(), poses.translations[i].copy(),
            useExtrinsicGuess=True, flags=cv2.SOLVEPNP_ITERATIVE,
        )  # fmt: skip
        projected, _ = cv2.projectPoints(face, turned_by, place, matrix, np.zeros(5))
        error = np.sqrt(np.square(projected[:, 0] - pixels).sum(1).mean())
        assert found.errors[i] <= error + 1e-3


@pytest.mark.parametrize("scheme", ["five", "ibug68", "mesh478"])
def test_one_wrong_point_does_not_carry_the_others_away(scheme: str) -> None:
    poses = stand(200, seed=5, distance=(0.5, 0.6))
    points = seen(scheme, poses)
    rng = np.random.default_rng(6)
    for face in points:
        face[rng.integers(len(face))] += rng.normal(0, 1, 2) * 20 + 20
    found = rostro.fit_pose(points, scheme, CAMERA)
    off = np.linalg.norm(turned(found.rotations, poses.rotations), axis=1)
    assert np.median(off) < (6 if scheme == "five" else 1)
    assert (found.errors > 2).mean() > 0.9 or scheme != "five"  # and it is told


def test_an_object_of_ones_own_may_be_flat() -> None:
    square = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float64) * 0.05
    poses = stand(300, seed=7, distance=(0.3, 0.6))
    pixels = rostro.project_points(square, poses.rotations, poses.translations, CAMERA)
    found = rostro.fit_pose(pixels.astype(np.float32), square, CAMERA)
    assert np.abs(turned(found.rotations, poses.rotations)).max() < 0.1


def test_the_third_coordinate_and_points_of_weight_0_do_not_count() -> None:
    poses = stand(20, seed=8)
    points = seen("ibug68", poses)
    deep = np.concatenate([points, np.full((20, 68, 1), 7, np.float32)], axis=2)
    wanted = rostro.fit_pose(points, "ibug68", CAMERA)
    for have, want in zip(rostro.fit_pose(deep, "ibug68", CAMERA), wanted, strict=True):
        np.testing.assert_array_equal(have, want)
    weights = np.ones((20, 68), np.float32)
    weights[:, :17] = 0
    points[:, :17] = 12345
    found = rostro.fit_pose(points, "ibug68", CAMERA, weights=weights)
    assert np.abs(turned(found.rotations, poses.rotations)).max() < 0.05


def test_an_assumed_camera_is_that_of_the_image() -> None:
    points = seen("five", stand(3, seed=9))
    camera = rostro.Camera.assumed(640, 480)
    np.testing.assert_allclose([camera.fx, camera.fy], 320 / np.tan(np.pi / 6), rtol=1e-15)
    assert (camera.cx, camera.cy) == (319.5, 239.5)
    wanted = rostro.fit_pose(points, "five", camera)
    found = rostro.fit_pose(points, "five", image_size=(640, 480))
    np.testing.assert_array_equal(found.rotations, wanted.rotations)
    with pytest.raises(ArgumentError, match=r"camera: got None without an image_size; .* 60 degre"):
        rostro.fit_pose(points, "five")


def test_no_faces_have_no_poses() -> None:
    found = rostro.fit_pose(np.empty((0, 5, 2), np.float32), "five", CAMERA)
    assert [array.shape for array in found] == [(0, 3, 3), (0, 3), (0, 3), (0,), (0, 6, 6)]


@pytest.mark.parametrize("scheme", ["five", "ibug68"])
def test_points_that_are_no_face_have_a_large_error_and_never_nan(scheme: str) -> None:
    count = SCHEMES[scheme]
    rng = np.random.default_rng(10)
    line = np.linspace([100, 100], [300, 180], count)
    strange = [
        np.full((count, 2), 50.0),  # all in one
        line,
        rng.uniform(0, 500, (count, 2)),
        rng.uniform(0, 500, (count, 2)) * 1e30,
        np.concatenate([np.full((count - 1, 2), 50.0), [[90, 90]]]),
        rng.uniform(0, 1e-4, (count, 2)),
    ]
    found = rostro.fit_pose(np.array(strange, np.float32), scheme, CAMERA)
    for array in found:
        assert np.isfinite(array).all()
    assert found.errors[0] == found.errors[3] == found.errors[5] == NO_POSE
    assert (found.errors[1:3] > 5).all()
    np.testing.assert_array_equal(found.angles[0], 0)


@pytest.mark.parametrize(
    ("points", "scheme", "weights", "message"),
    [
        (np.full((2, 5, 2), np.nan, np.float32), "five", None, r"points\[0\]: got a coordinate"),
        (np.zeros((2, 6, 2), np.float32), "five", None, r"points: got float32 array .*\(N, 5, 2\)"),
        (np.zeros((2, 5, 2), np.float32), "six", None, 'scheme: got "six"; one of "five"'),
        (np.zeros((1, 3, 2), np.float32), np.eye(3), None, "model: got 3; four points at least"),
        (np.zeros((1, 4, 2), np.float32), np.ones((4, 3)) * np.arange(4)[:, None], None,
         "model: got points on one line"),
        (np.zeros((1, 5, 2), np.float32), "five", np.array([[1, 1, 1, 0, 0]], np.float32),
         r"weights\[0\]: got 3 points above 0; four at least"),
        (np.zeros((1, 5, 2), np.float32), "five", -np.ones((1, 5), np.float32),
         r"weights\[0\]: got -1; 0 or more"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(
    points: NDArray[np.float32], scheme: str, weights: NDArray[np.float32] | None, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        rostro.fit_pose(points, scheme, CAMERA, weights=weights)


def test_cameras_without_focal_length_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"fx: got 0; a focal length in pixels above 0"):
        rostro.Camera(0, 800, 320, 240)
    with pytest.raises(ArgumentError, match=r"cy: got nan; a finite pixel"):
        rostro.Camera(800, 800, 320, float("nan"))
    with pytest.raises(ArgumentError, match=r"hfov: got 180; degrees between 0 and 180"):
        rostro.Camera.assumed(640, 480, hfov=180)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mean_faces_are_symmetric_and_63_mm_wide_at_the_eyes(scheme: str) -> None:
    face = rostro.mean_face(scheme)
    assert face.shape == (SCHEMES[scheme], 3)
    mirrored = face * [-1, 1, 1]
    nearest = np.linalg.norm(face[:, None] - mirrored[None], axis=-1).min(axis=1)
    assert nearest.max() < 1e-4
    if scheme == "mesh478":
        assert np.linalg.norm(face[468] - face[473]) == pytest.approx(0.063, abs=1e-5)


def test_a_pose_goes_into_a_crop_and_back_as_img2poses_authors_have_it() -> None:
    poses = stand(50, seed=11)
    crops = np.array([[10, 20, 111, 141.5], [300, 100, 420, 260]] * 25, np.float64)
    inside = rostro.pose_in_crop(poses.rotations, poses.translations, crops, CAMERA)
    again = rostro.pose_of_crop(*inside, crops, CAMERA)
    np.testing.assert_allclose(again[0], poses.rotations, atol=1e-10)
    np.testing.assert_allclose(again[1], poses.translations, atol=1e-10)
    focal = np.diag([CAMERA.fx, CAMERA.fy, 1])
    image = focal + np.array([[0, 0, CAMERA.cx], [0, 0, CAMERA.cy], [0, 0, 0]])
    for i, (x1, y1, x2, y2) in enumerate(crops):
        width, height = x2 - x1, y2 - y1
        own = focal + np.array([[0, 0, x1 + width // 2], [0, 0, y1 + height // 2], [0, 0, 0]])
        place = np.linalg.inv(own) @ image @ poses.translations[i]
        place[2] *= (width + height) / CAMERA.fx
        np.testing.assert_allclose(inside[1][i], place, atol=1e-12)
        u, _, vt = np.linalg.svd(np.linalg.inv(own) @ image @ poses.rotations[i])
        np.testing.assert_allclose(inside[0][i], u @ vt, atol=1e-10)


def test_boxes_are_around_what_is_projected() -> None:
    poses = stand(10, seed=12)
    face = rostro.mean_face("ibug68")
    pixels = rostro.project_points(face, poses.rotations, poses.translations, CAMERA)
    boxes = rostro.projected_boxes(face, poses.rotations, poses.translations, CAMERA)
    np.testing.assert_array_equal(boxes, np.hstack([pixels.min(1), pixels.max(1)]))
    with pytest.raises(ArgumentError, match=r"points\[0\]: got .* what lies behind a camera"):
        rostro.project_points(face, poses.rotations, -poses.translations, CAMERA)
