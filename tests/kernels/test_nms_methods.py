"""The soft and weighted ways of non-maximum suppression against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError
from rostro.faces import Faces
from rostro.kernels import nms_weighted
from rostro.kernels.detect import NmsMethod
from rostro.types import FloatArray


def faces(count: int, seed: int, place: int = 60) -> Faces:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, place, (count, 2))
    boxes = np.hstack([corner, corner + rng.uniform(-3, 30, (count, 2))]).astype(np.float32)
    scores = rng.permutation(count).astype(np.float32) / np.float32(count)
    landmarks = rng.uniform(0, place, (count, 5, 2)).astype(np.float32)
    return Faces(boxes, scores, landmarks)


def plain_iou(boxes: FloatArray, one: FloatArray) -> FloatArray:
    low, high = np.maximum(boxes[:, :2], one[:2]), np.minimum(boxes[:, 2:], one[2:])
    side = np.maximum(high - low, 0)
    overlap = side[:, 0] * side[:, 1]
    areas = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1)
    together = areas + np.prod(np.maximum(one[2:] - one[:2], 0)) - overlap
    shares: FloatArray = np.zeros_like(overlap)
    np.divide(overlap, together, out=shares, where=overlap > 0)
    return shares


def plain_soft(
    boxes: FloatArray, scores: FloatArray, method: str, threshold: float, sigma: float, least: float
) -> list[int]:
    """The one line of code of Bodla et al. in their loop."""
    scores = scores.copy()
    kept: list[int] = []
    left = np.ones(len(scores), bool)
    while True:
        left &= scores >= least
        if not left.any():
            return kept
        best = int(np.argmax(np.where(left, scores, -1)))
        kept.append(best)
        left[best] = False
        iou = plain_iou(boxes, boxes[best])
        if method == "soft-linear":
            scores[left] *= np.where(iou > threshold, 1 - iou, 1)[left]
        else:
            scores[left] *= np.exp(-(iou**2) / sigma)[left]


@pytest.mark.parametrize("method", ["soft-linear", "soft-gaussian"])
@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 100])
@pytest.mark.parametrize("place", [20, 200])
def test_soft_nms_is_the_authors(method: NmsMethod, count: int, place: int) -> None:
    found = faces(count, seed=count + place, place=place)
    for sigma, least in ((0.5, 0.001), (0.1, 0.2)):
        kept = rostro.nms(
            found.boxes, found.scores, 0.3, method=method, sigma=sigma, score_threshold=least
        )
        plain = plain_soft(found.boxes, found.scores, method, 0.3, sigma, least)
        assert kept.dtype == np.int64
        assert kept.tolist() == plain
        few = rostro.nms(
            found.boxes, found.scores, 0.3, 3, method, sigma=sigma, score_threshold=least
        )
        assert few.tolist() == plain[:3]


def test_soft_nms_keeps_a_hidden_face_that_the_hard_one_drops() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 6], [50, 50, 60, 60]], np.float32)
    scores = np.array([0.9, 0.8, 0.5], np.float32)
    assert rostro.nms(boxes, scores, 0.3).tolist() == [0, 2]
    assert rostro.nms(boxes, scores, 0.3, method="soft-linear").tolist() == [0, 2, 1]


def test_equal_scores_go_by_index() -> None:
    boxes = np.array([[i * 20, 0, i * 20 + 9, 9] for i in range(40)], np.float32)
    scores = np.full(40, 0.5, np.float32)
    for method in ("soft-linear", "soft-gaussian", "weighted"):
        assert rostro.nms(boxes, scores, 0.3, method=method).tolist() == list(range(40))


def plain_weighted(found: Faces, threshold: float) -> tuple[list[int], NDArray[np.float64]]:
    """The kept faces, and their merged numbers: box and landmarks side by side."""
    landmarks = found.landmarks
    assert landmarks is not None
    numbers = np.hstack([found.boxes, landmarks.reshape(-1, 10)]).astype(float)
    left = list(np.argsort(-found.scores, kind="stable"))
    kept, merged = [], []
    while left:
        best = left[0]
        iou = plain_iou(found.boxes[left], found.boxes[best])
        members = [
            i for i, overlap in zip(left, iou, strict=True) if i == best or overlap > threshold
        ]
        left = [i for i in left if i not in members]
        weights = found.scores[members].astype(float)
        kept.append(int(best))
        total = weights.sum()
        merged.append(weights @ numbers[members] / total if total > 0 else numbers[best])
    return kept, np.array(merged).reshape(-1, 14)


@pytest.mark.parametrize("count", [0, 1, 2, 16, 17, 100])
@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
def test_weighted_nms_is_the_mean_of_what_overlaps(count: int, threshold: float) -> None:
    found = faces(count, seed=count)
    kept, numbers = plain_weighted(found, threshold)
    assert rostro.nms(found.boxes, found.scores, threshold, method="weighted").tolist() == kept
    merged = nms_weighted(found, threshold)
    np.testing.assert_allclose(merged.boxes, numbers[:, :4], rtol=1e-5, atol=1e-4)
    assert merged.landmarks is not None
    np.testing.assert_allclose(merged.landmarks.reshape(-1, 10), numbers[:, 4:], rtol=1e-5)
    np.testing.assert_array_equal(merged.scores, found.scores[kept])
    assert len(nms_weighted(found, threshold, top_k=2)) == min(2, len(kept))


def test_weighted_nms_without_landmarks() -> None:
    found = faces(20, seed=3)
    merged = nms_weighted(Faces(found.boxes, found.scores, None), 0.3)
    assert merged.landmarks is None
    np.testing.assert_array_equal(merged.boxes, nms_weighted(found, 0.3).boxes)


@pytest.mark.parametrize("method", ["hard", "soft-linear", "soft-gaussian", "weighted"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
def test_numbers_that_are_not_finite_never_crash(method: NmsMethod, value: float) -> None:
    found = faces(50, seed=1)
    found.boxes[::3, ::2] = value
    found.scores[::4] = value
    kept = rostro.nms(found.boxes, found.scores, 0.3, method=method)
    assert len(set(kept.tolist())) == len(kept)
    assert not np.isnan(found.scores[kept]).any()
    nms_weighted(found, 0.3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "fast"}, 'method: got "fast"; "hard"'),
        ({"method": "soft-gaussian", "sigma": 0.0}, "sigma"),
        ({"method": "soft-gaussian", "sigma": float("nan")}, "sigma"),
        ({"method": "soft-linear", "score_threshold": -1.0}, "score_threshold"),
        ({"method": "soft-linear", "iou_threshold": 1.5}, "iou_threshold"),
    ],
)
def test_what_cannot_be_used_is_named(options: dict[str, object], message: str) -> None:
    found = faces(4, seed=0)
    with pytest.raises(ArgumentError, match=message):
        rostro.nms(found.boxes, found.scores, **({"iou_threshold": 0.3} | options))  # type: ignore[arg-type]
