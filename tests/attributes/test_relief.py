"""A head's points against those of a flat picture, on generated turns."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.attributes.relief import body_of, head_error, plane_error
from rostro.rotations import matrix_from_angles
from rostro.types import FloatArray

CAMERA = rostro.Camera.assumed(640, 480)


def seen(
    face: NDArray[np.float64], angles: list[float], distance: float, camera: rostro.Camera = CAMERA
) -> FloatArray:
    place = np.array([[0.02, 0.01, distance]])
    turned = matrix_from_angles(np.array([angles], np.float64))
    found: FloatArray = rostro.project_points(face, turned, place, camera)[0].astype(np.float32)
    return found


def test_a_plane_is_opencvs_homography() -> None:
    random = np.random.default_rng(0)
    flat = rostro.mean_face("ibug68") * [1, 1, 0]
    before, after = seen(flat, [3, 4, 5], 0.5), seen(flat, [28, -9, 1], 0.5)
    assert plane_error(before, after) < 1e-3
    noisy = (after + random.normal(0, 1, after.shape)).astype(np.float32)
    homography, _ = cv2.findHomography(before, noisy)
    mapped = cv2.perspectiveTransform(before[None], homography)[0]
    plain = float(np.sqrt(((mapped - noisy) ** 2).sum(1).mean()))
    assert plane_error(before, noisy) == pytest.approx(plain, rel=0.02)
    assert plane_error(np.zeros_like(before), after) > 1  # all in one place: no homography


def test_a_body_is_seen_where_it_was_and_turns_as_the_person_does() -> None:
    face = rostro.mean_face("mesh478")
    before = seen(face, [0, 0, 0], 0.5)
    body = body_of(before, "mesh478", CAMERA)
    np.testing.assert_allclose(body, face, atol=2e-4)
    assert head_error(body, before, CAMERA) < 0.02
    assert head_error(body, seen(face, [25, 5, 3], 0.4), CAMERA) < 0.1


@pytest.mark.parametrize("scheme", ["mesh478", "ibug68", "wflw98"])
@pytest.mark.parametrize("hfov", [60, 35])
def test_heads_are_told_from_flat_pictures(
    scheme: str, hfov: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the camera is assumed 60 degrees wide and is not."""
    random = np.random.default_rng(0)
    real = rostro.Camera.assumed(640, 480, hfov)
    ratios: dict[str, list[float]] = {"head": [], "flat": []}
    for distance in (0.35, 0.6, 1.0):
        for noise in (0.5, 1.5):
            for _ in range(15):
                face = rostro.mean_face(scheme) * (1 + random.normal(0, 0.06, 3))
                face += random.normal(0, 0.004, face.shape)
                start = random.uniform(-5, 5, 3).tolist()
                end = [float(random.choice([-1, 1]) * random.uniform(18, 30)), *start[1:]]
                for kind, body in (("head", face), ("flat", face * [1, 1, 0])):
                    before, after = (
                        (at + random.normal(0, noise, at.shape)).astype(np.float32)
                        for at in (seen(body, way, distance, real) for way in (start, end))
                    )
                    as_head = head_error(body_of(before, scheme, CAMERA), after, CAMERA)
                    ratios[kind].append(as_head / plane_error(before, after))
    with capsys.disabled():
        print(f"\n{scheme}, {hfov}: {max(ratios['head']):.2f} {min(ratios['flat']):.2f}")
    assert max(ratios["head"]) < 0.92 < min(ratios["flat"])
