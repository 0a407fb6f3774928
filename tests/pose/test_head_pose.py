"""Head poses of tables: by a mean face, and by networks as their authors decode them."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

import rostro
from rostro import _core
from rostro.errors import ArgumentError, ModelError
from rostro.kernels import NO_POSE
from rostro.rotations import angles_from_matrix, matrix_from_angles
from tests.support.there import there

IMAGE = np.zeros((480, 640, 3), np.uint8)
CAMERA = rostro.Camera.assumed(640, 480)
ANGLES = np.array([[25, -10, 5], [-40, 20, -30], [0, 0, 170]], np.float64)
PLACES = np.array([[0.1, 0, 0.8], [-0.2, 0.1, 1.2], [0, 0, 0.6]])


def seen(scheme: str) -> NDArray[np.float32]:
    rotations = matrix_from_angles(ANGLES)
    face = rostro.mean_face(scheme)
    return rostro.project_points(face, rotations, PLACES, CAMERA).astype(np.float32)


def table(**columns: NDArray[np.float32]) -> rostro.Faces:
    boxes = np.tile(np.array([[10, 10, 90, 110]], np.float32), (3, 1))
    return rostro.Faces(boxes, np.ones(3, np.float32), **columns)  # type: ignore[arg-type]


def test_five_landmarks_give_pose_place_and_how_far_to_trust_them() -> None:
    found = rostro.HeadPose()(IMAGE, table(landmarks=seen("five")))
    np.testing.assert_allclose(there(found.poses), ANGLES, atol=0.05)
    np.testing.assert_allclose(there(found.translations), PLACES, atol=1e-3)
    attributes = there(found.attributes)
    assert attributes["pose_error"].max() < 0.01 and attributes["pose_sigma"].max() < 0.1
    assert found.poses is not None and found.poses.dtype == np.float32


def test_points_of_a_known_scheme_come_before_landmarks() -> None:
    wrong = np.full((3, 5, 2), 50, np.float32)
    points = seen("ibug68")
    for given in (points, np.concatenate([points, np.ones((3, 68, 1), np.float32)], axis=2)):
        faces = table(landmarks=wrong).with_columns(points=given, scheme="ibug68")
        np.testing.assert_allclose(there(rostro.HeadPose()(IMAGE, faces).poses), ANGLES, atol=0.05)
    faces = table(landmarks=seen("five")).with_columns(
        points=points[:, :7].copy(), scheme="of-my-own"
    )
    np.testing.assert_allclose(there(rostro.HeadPose()(IMAGE, faces).poses), ANGLES, atol=0.05)


def test_fewer_points_than_their_scheme_has_are_refused() -> None:
    faces = table().with_columns(points=seen("ibug68")[:, :40].copy(), scheme="ibug68")
    with pytest.raises(ArgumentError, match="points: got 40 a face; 68 are wanted"):
        rostro.HeadPose()(IMAGE, faces)


def test_the_camera_is_the_callers_or_assumed_of_the_image() -> None:
    faces = table(landmarks=seen("five"))
    by_default = there(rostro.HeadPose()(IMAGE, faces).translations)
    given = there(rostro.HeadPose(camera=CAMERA)(IMAGE[:100, :100], faces).translations)
    np.testing.assert_array_equal(by_default, given)
    far = there(rostro.HeadPose(hfov=20)(IMAGE, faces).translations)
    assert (far[:, 2] > 2 * by_default[:, 2]).all()


def test_faces_without_a_pose_say_so_and_nan_stays_out_of_tables() -> None:
    landmarks = seen("five")
    landmarks[0] = 7
    landmarks[1, 2, 0] = np.nan
    found = rostro.HeadPose()(IMAGE, table(landmarks=landmarks))
    np.testing.assert_array_equal(there(found.attributes)["pose_error"][:2], NO_POSE)
    np.testing.assert_array_equal(there(found.attributes)["pose_sigma"][:2], 180)
    np.testing.assert_array_equal(there(found.poses)[:2], 0)
    np.testing.assert_allclose(there(found.poses)[2], ANGLES[2], atol=0.05)
    for array in found.columns().values():
        assert array is found.landmarks or np.isfinite(array).all()
    nobody = rostro.HeadPose()(IMAGE, table(landmarks=seen("five"))[:0])
    assert there(nobody.poses).shape == (0, 3)


def test_what_it_cannot_work_with_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="faces: got a table without landmarks; landmarks or"):
        rostro.HeadPose()(IMAGE, table())
    with pytest.raises(ArgumentError, match="hfov: got 0; degrees between"):
        rostro.HeadPose(hfov=0)
    with pytest.raises(ArgumentError, match=r"camera: got one beside 'x\.toml'"):
        rostro.HeadPose("x.toml", camera=CAMERA)
    bare = tmp_path / "bare.onnx"
    bare.write_bytes(b"x")
    with pytest.raises(ModelError, match="how to tell poses with it is not known"):
        rostro.HeadPose(bare)


def test_it_is_pickled_as_what_it_was_made_from() -> None:
    again = pickle.loads(pickle.dumps(rostro.HeadPose(camera=CAMERA)))
    faces = table(landmarks=seen("five"))
    np.testing.assert_allclose(there(again(IMAGE, faces).poses), ANGLES, atol=0.05)


# Decoders, on random tensors, against plain NumPy of the authors' formulas.


def task(kind: str, **settings: object) -> _core.HeadPoseTask:
    crop = _core.CropRule(
        size=(96, 64), around="box", shape="longer", scale=1.0, upright=False, shift=(0.0, 0.0),
        inside=False, channels="rgb", mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0),
    )  # fmt: skip
    facts: dict[str, object] = {
        "outputs": (0, 1, 2), "product": (1, 0, 2), "signs": (-1, 1, 1), "softmax": True,
        "factors": None,
    }  # fmt: skip
    return _core.HeadPoseTask(name="net", crop=crop, kind=kind, **(facts | settings))  # type: ignore[arg-type]


def finish(
    of: _core.HeadPoseTask, *outputs: NDArray[np.floating], turned: float = 0
) -> NDArray[np.float64]:
    c, s = 2 * np.cos(np.radians(turned)), 2 * np.sin(np.radians(turned))
    count = len(outputs[0])
    transforms = np.tile(np.array([[[c, -s, 5], [s, c, 9]]], np.float32), (count, 1, 1))
    given = [np.ascontiguousarray(output, np.float32) for output in outputs]
    return of.finish(given, transforms).reshape(-1, 3, 3)


def of_300w_lp(*yaw_pitch_roll: NDArray[np.floating]) -> NDArray[np.float64]:
    yaw, pitch, roll = yaw_pitch_roll
    angles = np.stack([-pitch, yaw, roll], axis=-1)
    matrices: NDArray[np.float64] = Rotation.from_euler("XYZ", angles, degrees=True).as_matrix()
    return matrices


RNG = np.random.default_rng(0)


def test_bins_are_hopenets_and_whenets() -> None:
    logits = [RNG.normal(0, 3, (7, bins)).astype(np.float32) for bins in (120, 66, 66)]
    expected = []
    for raw in logits:
        weights = np.exp(raw - raw.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        bins = raw.shape[1]
        # Hopenet: sum(p i) 3 - 99 of 66 bins; WHENet: sum(p i) 3 - 180 of 120.
        offset = {66: 99, 120: 180}[bins]
        expected.append((weights * np.arange(bins)).sum(axis=1) * 3 - offset)
    np.testing.assert_allclose(finish(task("bins"), *logits), of_300w_lp(*expected), atol=1e-5)
    likely = [np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True) for raw in logits]
    found = finish(task("bins", softmax=False), *likely)
    np.testing.assert_allclose(found, of_300w_lp(*expected), atol=1e-5)


def test_angles_come_in_the_order_and_with_the_signs_of_the_card() -> None:
    roll, pitch, yaw = RNG.uniform(-60, 60, (3, 9, 1)).astype(np.float32)
    adas = task("euler", outputs=(2, 1, 0), product=(2, 0, 1), signs=(1, -1, 1))
    angles = np.hstack([roll, -yaw, pitch])  # yaw positive to the right, pitch down
    wanted = Rotation.from_euler("ZYX", angles, degrees=True).as_matrix()
    np.testing.assert_allclose(finish(adas, roll, pitch, yaw), wanted, atol=1e-5)
    together = np.hstack([yaw, pitch, roll])
    wanted = of_300w_lp(*together.T.astype(np.float64))
    np.testing.assert_allclose(finish(task("euler"), together), wanted, atol=1e-5)


def test_six_numbers_are_6drepnets() -> None:
    raw = RNG.normal(size=(20, 6)).astype(np.float32)
    x = raw[:, :3] / np.linalg.norm(raw[:, :3], axis=1, keepdims=True)
    z = np.cross(x, raw[:, 3:])
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    matrix = np.stack([x, np.cross(z, x), z], axis=2)
    # Their angles of it.
    flat = np.hypot(matrix[:, 0, 0], matrix[:, 1, 0])
    pitch = np.degrees(np.arctan2(matrix[:, 2, 1], matrix[:, 2, 2]))
    yaw = np.degrees(np.arctan2(-matrix[:, 2, 0], flat))
    roll = np.degrees(np.arctan2(matrix[:, 1, 0], matrix[:, 0, 0]))
    found = finish(task("6d", factors=(2, 0, 1)), raw)
    np.testing.assert_allclose(found, of_300w_lp(yaw, pitch, roll), atol=1e-5)
    np.testing.assert_allclose(finish(task("6d"), raw), matrix, atol=1e-5)


def test_matrices_become_the_nearest_rotations() -> None:
    raw = RNG.normal(size=(20, 9)).astype(np.float32)
    u, _, vt = np.linalg.svd(raw.reshape(-1, 3, 3).astype(np.float64))
    u[:, :, 2] *= np.linalg.det(u @ vt)[:, None]
    np.testing.assert_allclose(finish(task("matrix"), raw), u @ vt, atol=1e-5)


def test_what_a_crop_was_turned_by_is_added() -> None:
    angles = np.array([[20, 10, -15]], np.float32)
    straight = finish(task("euler"), angles)[0]
    turned = finish(task("euler"), angles, turned=30)[0]
    wanted = Rotation.from_euler("z", 30, degrees=True).as_matrix() @ straight
    np.testing.assert_allclose(turned, wanted, atol=1e-6)


def test_networks_are_averaged_as_rotations() -> None:
    first = matrix_from_angles(np.array([[10.0, 5, 175], [1, 2, 3]]))
    second = matrix_from_angles(np.array([[10.0, 5, -175], [1, 2, 3]]))
    poses = _core.mean_poses([first.reshape(-1, 9), second.reshape(-1, 9)])
    np.testing.assert_allclose(np.abs(poses[0]), [10, 5, 180], atol=0.2)
    np.testing.assert_allclose(poses[1], [1, 2, 3], atol=1e-5)
    between = matrix_from_angles(poses.astype(np.float64))
    assert angles_from_matrix(between).shape == (2, 3)


def test_outputs_of_another_shape_are_refused() -> None:
    with pytest.raises(ModelError, match="net: gave 2 outputs for 4 faces; 1 are wanted"):
        finish(task("6d"), np.zeros((4, 6)), np.zeros((4, 6)))
    with pytest.raises(ModelError, match="net: gave 28 numbers for 4 faces; 24 are wanted"):
        finish(task("6d"), np.zeros((4, 7)))
    with pytest.raises(ModelError, match="net: gave 1 outputs for 4 faces; 3 are wanted"):
        finish(task("bins"), np.zeros((4, 66)))
    with pytest.raises(ArgumentError, match="product: got an angle twice"):
        task("euler", product=(1, 1, 2))
    with pytest.raises(ArgumentError, match="signs: got 0; 1 or -1"):
        task("euler", signs=(0, 1, 1))
