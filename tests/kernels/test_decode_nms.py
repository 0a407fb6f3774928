"""decode and nms against the maths written plainly in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import Detections, FloatArray

STRIDES = (8, 16, 32)
COLUMNS = {"yunet": (1, 1, 4, 10), "scrfd": (1, 4, 10)}
ANCHORS = {"yunet": 1, "scrfd": 2}


def random_outputs(head: str, size: tuple[int, int], seed: int) -> list[FloatArray]:
    rng = np.random.default_rng(seed)
    cells = [size[0] // s * (size[1] // s) * ANCHORS[head] for s in STRIDES]
    return [rng.uniform(-0.1, 1.1, (n, c)).astype(np.float32) for c in COLUMNS[head] for n in cells]


def plain_decode(head: str, outputs: list[FloatArray], size: tuple[int, int]) -> Detections:
    """All anchors, in float64, as the authors of the heads write them."""
    boxes, scores, points = [], [], []
    for level, stride in enumerate(STRIDES):
        rows, columns = size[1] // stride, size[0] // stride
        x, y = np.meshgrid(np.arange(columns), np.arange(rows))
        center = np.repeat(np.stack([x, y], -1).reshape(-1, 2), ANCHORS[head], axis=0).astype(float)
        kinds = [outputs[kind * 3 + level].astype(float) for kind in range(len(outputs) // 3)]
        if head == "yunet":
            cls, obj, box, kps = kinds
            scores.append(np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))[:, 0])
            middle, side = (center + box[:, :2]) * stride, np.exp(box[:, 2:]) * stride
            boxes.append(np.hstack([middle - side / 2, middle + side / 2]))
        else:
            score, box, kps = kinds
            scores.append(score[:, 0])
            boxes.append(np.hstack([center - box[:, :2], center + box[:, 2:]]) * stride)
        points.append((center[:, None] + kps.reshape(-1, 5, 2)) * stride)
    return Detections(np.vstack(boxes), np.concatenate(scores), np.vstack(points))


@pytest.mark.parametrize("head", COLUMNS)
@pytest.mark.parametrize("size", [(64, 64), (96, 160), (32, 32)])
@pytest.mark.parametrize("rank", [2, 3])
def test_decode_is_the_authors(head: str, size: tuple[int, int], rank: int) -> None:
    outputs = random_outputs(head, size, seed=sum(size))
    plain = plain_decode(head, outputs, size)
    given_outputs = [o[None] for o in outputs] if rank == 3 else outputs
    found = rostro.decode(head, given_outputs, size, 0.6)
    order = np.argsort(-plain.scores, kind="stable")
    order = order[plain.scores[order] >= 0.6]
    assert len(found) == len(order)
    np.testing.assert_allclose(found.scores, plain.scores[order], atol=1e-6)
    np.testing.assert_allclose(found.boxes, plain.boxes[order], atol=1e-3)
    assert found.landmarks is not None
    assert plain.landmarks is not None
    np.testing.assert_allclose(found.landmarks, plain.landmarks[order], atol=1e-3)


def test_top_k_keeps_the_best() -> None:
    outputs = random_outputs("scrfd", (64, 64), 3)
    every = rostro.decode("scrfd", outputs, (64, 64), 0.2)
    few = rostro.decode("scrfd", outputs, (64, 64), 0.2, top_k=5)
    np.testing.assert_array_equal(few.boxes, every.boxes[:5])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite_outputs_never_crash(value: float) -> None:
    outputs = random_outputs("yunet", (64, 64), 4)
    for output in outputs:
        output[::3] = value
    found = rostro.decode("yunet", outputs, (64, 64), 0.5)
    assert not np.isnan(found.scores).any()
    rostro.nms(found.boxes, found.scores, 0.3)


def test_decode_names_what_does_not_fit() -> None:
    outputs = random_outputs("yunet", (64, 64), 5)
    with pytest.raises(ArgumentError, match=r"head: \"retina\" is not known; known are .*yunet"):
        rostro.decode("retina", outputs, (64, 64), 0.5)
    with pytest.raises(ArgumentError, match=r"outputs: 11 arrays"):
        rostro.decode("yunet", outputs[1:], (64, 64), 0.5)
    with pytest.raises(ArgumentError, match=r"outputs\[0\]: \(64, 1\).*\(128, 1\).*128x64"):
        rostro.decode("yunet", outputs, (128, 64), 0.5)
    with pytest.raises(ArgumentError, match="score_threshold"):
        rostro.decode("yunet", outputs, (64, 64), 1.5)
    with pytest.raises(ArgumentTypeError, match=r"outputs\[2\]: float64"):
        rostro.decode("yunet", [o.astype(float) if i == 2 else o for i, o in enumerate(outputs)],
                      (64, 64), 0.5)  # fmt: skip
    with pytest.raises(ArgumentError, match="top_k"):
        rostro.decode("yunet", outputs, (64, 64), 0.5, top_k=-1)


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
