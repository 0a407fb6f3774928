"""estimate_similarity against scikit-image's SVD in plain NumPy; align against cv2.warpAffine."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import FloatArray, Image
from tests.support.opencv import as_image

ARCFACE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)


def umeyama(src: FloatArray, dst: FloatArray) -> NDArray[np.float64]:
    """Umeyama 1991 with the SVD of the covariance, in float64."""
    a, b = src.astype(np.float64), dst.astype(np.float64)
    p, q = a - a.mean(0), b - b.mean(0)
    u, s, vt = np.linalg.svd(q.T @ p / len(p))
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(sign) @ vt
    scale = (s * sign).sum() / p.var(0).sum()
    shift = b.mean(0) - scale * rotation @ a.mean(0)
    return np.hstack([scale * rotation, shift[:, None]])


def face(seed: int, center: float = 150.0, scale: float = 2.0) -> FloatArray:
    """A plausible face: the crop template, turned, scaled, moved and shaken."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-0.7, 0.7)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (ARCFACE - 56) @ turn.T + center + rng.normal(0, 2, (5, 2))
    return points.astype(np.float32)


@given(st.integers(0, 10_000), st.integers(2, 9))
def test_similarity_is_umeyamas(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    src = rng.uniform(-100, 100, (count, 2)).astype(np.float32)
    dst = rng.uniform(-100, 100, (count, 2)).astype(np.float32)
    np.testing.assert_allclose(
        rostro.estimate_similarity(src, dst), umeyama(src, dst), rtol=1e-4, atol=1e-3
    )


def test_similarity_of_a_batch_is_that_of_each() -> None:
    src = np.stack([face(i) for i in range(7)])
    batch = rostro.estimate_similarity(src, ARCFACE)
    assert batch.shape == (7, 2, 3)
    for one, many in zip(src, batch, strict=True):
        np.testing.assert_array_equal(rostro.estimate_similarity(one, ARCFACE), many)


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.3])
def test_crops_are_opencvs(photo: Image, scale: float) -> None:
    """cv2.warpAffine knows fractions of 1/32 pixel only: a few grey levels on a smooth photo."""
    points = np.stack([face(i, 125.0, scale) for i in range(4)])
    crops = rostro.align(photo, points)
    assert crops.shape == (4, 112, 112, 3)
    for crop, matrix in zip(crops, rostro.estimate_similarity(points, ARCFACE), strict=True):
        plain = cv2.warpAffine(photo, matrix, (112, 112), flags=cv2.INTER_LINEAR)
        difference = np.abs(crop.astype(int) - plain)
        assert difference.mean() < 0.4
        assert np.percentile(difference, 99.9) <= 6


def test_outside_is_black_and_blends_like_border_constant() -> None:
    white = np.full((60, 60, 3), 255, np.uint8)
    points = face(3, center=5.0)[None]
    crop = rostro.align(white, points)[0]
    matrix = rostro.estimate_similarity(points[0], ARCFACE)
    plain = cv2.warpAffine(white, matrix, (112, 112))
    assert (crop == 0).any()
    assert np.abs(crop.astype(int) - plain).max() <= 12  # 1/32 pixel over an edge of 255


def test_tensor_is_the_normalised_crop(photo: Image) -> None:
    points = np.stack([face(1, 125.0), face(2, 120.0)])
    crops = rostro.align(photo, points, channels="rgb")
    tensor = rostro.align(photo, points, channels="rgb", mean=127.5, std=127.5)
    plain = (crops.astype(np.float32) - 127.5) / 127.5
    np.testing.assert_allclose(tensor, plain.transpose(0, 3, 1, 2), atol=1e-6)
    np.testing.assert_array_equal(crops[..., ::-1], rostro.align(photo, points))


def test_color_and_gray_and_camera_frames(photo: Image) -> None:
    points = face(5, 125.0)[None]
    bgr = rostro.align(photo, points)
    np.testing.assert_array_equal(rostro.align(photo, points, color="rgb"), bgr)
    assert (
        rostro.align(photo, points, color="rgb", channels="bgr")[0, 56, 56, 0] == bgr[0, 56, 56, 2]
    )
    gray = rostro.align(np.ascontiguousarray(photo[..., 1]), points, color="gray")
    np.testing.assert_array_equal(gray[..., 0], bgr[..., 1])
    nv12 = as_image(cv2.cvtColor(photo, cv2.COLOR_BGR2YUV_I420))
    height, width = photo.shape[:2]
    uv = nv12[height:].reshape(2, -1).T.reshape(-1, width)
    frame = np.vstack([nv12[:height], uv])
    camera = rostro.align(frame, points, color="nv12")
    assert np.abs(camera.astype(int) - bgr).mean() < 3


def test_no_face_gives_no_crop(photo: Image) -> None:
    none = np.empty((0, 5, 2), np.float32)
    assert rostro.align(photo, none).shape == (0, 112, 112, 3)
    assert rostro.align(photo, none, std=2.0).shape == (0, 3, 112, 112)


@given(st.integers(0, 1000), st.floats(-1e6, 1e6), st.floats(0.001, 1000))
def test_faces_anywhere_never_crash(seed: int, center: float, scale: float) -> None:
    image = np.full((31, 17, 3), 200, np.uint8)
    crops = rostro.align(image, face(seed, center, scale)[None], size=24)
    assert crops.max(initial=0) <= 200


def test_out_is_written_and_returned(photo: Image) -> None:
    points, out = face(9, 125.0)[None], np.empty((1, 3, 112, 112), np.float32)
    assert rostro.align(photo, points, mean=0.0, std=1.0, out=out) is out


GOOD = face(1)[None]


def spoiled(value: float) -> FloatArray:
    points = np.repeat(GOOD, 3, axis=0)
    points[1, 2, 0] = value
    return points


@pytest.mark.parametrize(
    ("landmarks", "options", "error", "message"),
    [
        (spoiled(np.nan), {}, ArgumentError, "landmarks[1]"),
        (spoiled(np.inf), {}, ArgumentError, "landmarks[1]"),
        (np.ones((1, 5, 2), np.float32), {}, ArgumentError, "coincide"),
        (GOOD[0], {}, ArgumentError, "(N, 5, 2)"),
        (GOOD.astype(np.float64), {}, ArgumentTypeError, "float64"),
        (GOOD[:, :, ::-1], {}, ArgumentError, "C-contiguous"),
        (GOOD, {"size": 0}, ArgumentError, "size"),
        (GOOD, {"template": "arcfase"}, ArgumentError, "arcface"),
        (GOOD, {"out": np.empty((2, 112, 112, 3), np.uint8)}, ArgumentError, "out"),
    ],
)
def test_what_cannot_be_used_is_named(
    landmarks: FloatArray, options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        rostro.align(np.zeros((40, 40, 3), np.uint8), landmarks, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_similarity_refuses_what_has_no_answer() -> None:
    with pytest.raises(ArgumentError, match=r"src\[1\]: got 5 points that all coincide"):
        rostro.estimate_similarity(np.stack([GOOD[0], np.zeros((5, 2), np.float32)]), ARCFACE)
    with pytest.raises(ArgumentError, match="at least 2"):
        rostro.estimate_similarity(GOOD[0, :1], ARCFACE[:1])
    with pytest.raises(ArgumentError, match="src"):
        rostro.estimate_similarity(GOOD[0, :4], ARCFACE)
