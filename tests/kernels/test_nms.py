"""Hard non-maximum suppression against the textbook's loop in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import FloatArray


def plain_nms(boxes: FloatArray, scores: FloatArray, threshold: float) -> list[int]:
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = list(np.argsort(-scores, kind="stable"))
    kept = []
    while order:
        best = order.pop(0)
        kept.append(int(best))
        rest = []
        for i in order:
            low, high = (
                np.maximum(boxes[best, :2], boxes[i, :2]),
                np.minimum(boxes[best, 2:], boxes[i, 2:]),
            )
            inter = np.prod(np.maximum(high - low, 0), dtype=np.float32)
            if inter == 0 or inter / (areas[best] + areas[i] - inter) <= np.float32(threshold):
                rest.append(i)
        order = rest
    return kept


@given(st.integers(0, 10**6), st.integers(0, 60), st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_nms_is_the_textbooks(seed: int, count: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 50, (count, 2))
    boxes = np.hstack([corner, corner + rng.integers(0, 30, (count, 2))]).astype(np.float32)
    scores = (rng.integers(0, 10, count) / 10).astype(np.float32)
    kept = rostro.nms(boxes, scores, threshold)
    assert kept.dtype == np.int64
    assert kept.tolist() == plain_nms(boxes, scores, threshold)
    assert rostro.nms(boxes, scores, threshold, top_k=2).tolist() == kept[:2].tolist()


def test_nms_drops_nan_scores_and_keeps_nan_boxes_harmless() -> None:
    boxes = np.array([[0, 0, 9, 9], [np.nan] * 4, [1, 1, 9, 9]], np.float32)
    scores = np.array([0.9, 0.8, np.nan], np.float32)
    assert rostro.nms(boxes, scores, 0.5).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("boxes", "scores", "error", "message"),
    [
        (np.zeros((2, 5), np.float32), np.zeros(2, np.float32), ArgumentError, "boxes"),
        (np.zeros((2, 4), np.float32), np.zeros(3, np.float32), ArgumentError, "scores"),
        (np.zeros((2, 4), np.float64), np.zeros(2, np.float32), ArgumentTypeError, "float64"),
        (np.zeros((4, 4), np.float32)[::2], np.zeros(2, np.float32), ArgumentError, "contig"),
    ],
)
def test_nms_names_what_does_not_fit(
    boxes: FloatArray, scores: FloatArray, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rostro.nms(boxes, scores, 0.5)
