"""Every head against its authors' decoding, on random numbers, in any layout, square and not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import FloatArray
from tests.support.reference_heads import REFERENCES, Array, Size, assert_equal

ULTRALIGHT = ((8, 3), (16, 2), (32, 2), (64, 3))
TWO_EACH = ((8, 2), (16, 2), (32, 2))
ONE_EACH = ((8, 1), (16, 1), (32, 1))
FIVE = ((8, 1), (16, 1), (32, 1), (64, 1), (128, 1))

# Head, anchors a cell by stride, numbers an anchor of each kind; whether its outputs are one array
# for all strides ("rows", "columns") or one each, with anchors in rows or as planes.
HEADS = [
    ("yunet", ONE_EACH, (1, 1, 4, 10), "split"),
    ("yunet", ONE_EACH, (1, 1, 4, 10), "planes"),
    ("scrfd", TWO_EACH, (1, 4, 10), "split"),
    ("scrfd", TWO_EACH, (1, 4), "split"),
    ("scrfd", TWO_EACH, (1, 4, 10), "planes"),
    ("scrfd", FIVE, (1, 4, 10), "split"),
    ("scrfd", FIVE, (1, 4), "planes"),
    ("retinaface", TWO_EACH, (4, 2, 10), "rows"),
    ("retinaface-1mb", TWO_EACH, (4, 2, 10), "rows"),
    ("retinaface-slim", ULTRALIGHT, (4, 2, 10), "rows"),
    ("mos", TWO_EACH, (4, 2, 10, 66, 66, 66), "rows"),
    ("retinaface-mxnet", TWO_EACH, (2, 4, 10), "planes"),
    ("ultralight", ULTRALIGHT, (2, 4), "rows"),
    ("ultralight-decoded", ((8, 1),), (2, 4), "rows"),
    ("centerface", ((4, 1),), (1, 2, 2, 10), "planes"),
    ("blazeface", ((8, 2), (16, 6)), (16, 1), "rows"),
    ("yolov5-face", ((8, 3), (16, 3), (32, 3)), (16,), "rows"),
    ("directmhp", ((8, 3), (16, 3), (32, 3), (64, 3)), (9,), "rows"),
    ("yolov8-face", ONE_EACH, (80,), "planes"),
    ("ultralytics-face", ONE_EACH, (20,), "columns"),
    ("ultralytics-face", ONE_EACH, (20,), "rows"),
    ("ultralytics-boxes", ONE_EACH, (5,), "columns"),
    ("ultralytics-boxes", ONE_EACH, (5,), "rows"),
    ("retinaface", TWO_EACH, (4, 2, 10), "columns"),
]


SIZES = [(32, 32), (96, 160), (128, 128), (256, 128), (128, 384), (320, 224), (320, 240), (90, 75)]


def takes(head: str, size: Size) -> bool:
    """Whether the authors' code takes an input of this size."""
    if head == "blazeface":
        return size == (128, 128)
    if head == "directmhp":
        return size[0] % 64 == 0 and size[1] % 64 == 0
    of_any_size = head.startswith(("retinaface", "ultralight", "mos"))
    return of_any_size or (size[0] % 32 == 0 and size[1] % 32 == 0)


def random_outputs(
    strides: Sequence[tuple[int, int]], columns: Sequence[int], layout: str, size: Size
) -> list[FloatArray]:
    rng = np.random.default_rng(sum(size))
    grids = [(-(-size[1] // s), -(-size[0] // s), anchors) for s, anchors in strides]
    shapes: list[tuple[int, ...]]
    n = sum(h * w * a for h, w, a in grids)
    if layout == "rows":
        shapes = [(n, c) for c in columns]
    elif layout == "columns":
        shapes = [(c, n) for c in columns]
    elif layout == "split":
        shapes = [(h * w * a, c) for c in columns for h, w, a in grids]
    else:
        shapes = [(a * c, h, w) for c in columns for h, w, a in grids]
    return [rng.uniform(-0.3, 1.1, shape).astype(np.float32) for shape in shapes]


def as_the_authors_want(
    head: str, outputs: Sequence[FloatArray], strides: Sequence[tuple[int, int]]
) -> list[Array]:
    """In rows, as authors' code transposes them, where it does."""
    arrays = [output.astype(float) for output in outputs]
    if head == "retinaface":
        return [a if len(a) > a.shape[1] else a.T for a in arrays]
    if head not in ("scrfd", "yunet") or arrays[0].ndim == 2:
        return arrays
    anchors = strides[0][1]
    return [a.transpose(1, 2, 0).reshape(-1, a.shape[0] // anchors) for a in arrays]


@pytest.mark.parametrize(
    ("head", "strides", "columns", "layout", "size"),
    [(*row, size) for row in HEADS for size in SIZES if takes(row[0], size)],
)
def test_a_head_is_its_authors(
    head: str, strides: Sequence[tuple[int, int]], columns: Sequence[int], layout: str, size: Size
) -> None:
    outputs = random_outputs(strides, columns, layout, size)
    plain = REFERENCES[head](as_the_authors_want(head, outputs, strides), size)
    for given in (outputs, [output[None] for output in outputs]):
        found = rostro.decode(head, given, size, 0.6)
        assert_equal(found, plain, 0.6)


def test_anchors_of_one_score_come_in_the_order_of_the_anchors() -> None:
    """Also where they are found plane by plane."""
    outputs = random_outputs(TWO_EACH, (1, 4), "planes", (64, 64))
    for scores in outputs[:3]:
        scores[:] = 0.5
    rows = as_the_authors_want("scrfd", outputs, TWO_EACH)
    planes = rostro.decode("scrfd", outputs, (64, 64), 0.5)
    split = rostro.decode("scrfd", [a.astype(np.float32) for a in rows], (64, 64), 0.5)
    np.testing.assert_array_equal(planes.boxes, split.boxes)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("head", ["blazeface", "yolov8-face"])
def test_thresholds_of_sigmoids(head: str, threshold: float) -> None:
    _, strides, columns, layout = next(row for row in HEADS if row[0] == head)
    outputs = random_outputs(strides, columns, layout, (128, 128))
    logits = outputs[1] if head == "blazeface" else outputs[0][64]
    logits.reshape(-1)[:7] = [-200, -90, -20, 20, 90, 200, np.nan]
    found = rostro.decode(head, outputs, (128, 128), threshold, 10**6)
    values = logits.reshape(-1) if head == "blazeface" else np.concatenate(
        [planes[64].reshape(-1) for planes in outputs]
    )  # fmt: skip
    with np.errstate(over="ignore"):
        expected = (1 / (1 + np.exp(-values)) >= np.float32(threshold)).sum()
    assert len(found) == expected


def test_a_head_names_what_does_not_fit() -> None:
    boxes, scores, points = random_outputs(TWO_EACH, (4, 2, 10), "rows", (64, 64))
    with pytest.raises(
        ArgumentError, match=r'outputs: got 2 arrays; head "retinaface" wants 3: boxes'
    ):
        rostro.decode("retinaface", [boxes, scores], (64, 64), 0.5)
    with pytest.raises(
        ArgumentError, match=r"outputs\[1\]: got \(168, 10\).* scores of \(168, 2\)"
    ):
        rostro.decode("retinaface", [boxes, points, scores], (64, 64), 0.5)
    with pytest.raises(ArgumentError, match=r"\(168, 4\).*\(212, 4\) or .* input of 64x80"):
        rostro.decode("retinaface", [boxes, scores, points], (64, 80), 0.5)
    planes = random_outputs(ONE_EACH, (80,), "planes", (64, 64))
    with pytest.raises(ArgumentError, match=r"\(80, 8, 8\).*\(32, 80\) or \(80, 4, 8\)"):
        rostro.decode("yolov8-face", planes, (64, 32), 0.5)
    with pytest.raises(ArgumentError, match="multiples of 32"):
        rostro.decode("yolov8-face", planes, (60, 64), 0.5)
    with pytest.raises(ArgumentError, match=r"outputs: got 7 arrays.* \(or 6, without points\)"):
        rostro.decode("scrfd", [boxes] * 7, (64, 64), 0.5)


def test_top_k_keeps_the_best() -> None:
    outputs = random_outputs(TWO_EACH, (1, 4, 10), "split", (64, 64))
    every = rostro.decode("scrfd", outputs, (64, 64), 0.2)
    few = rostro.decode("scrfd", outputs, (64, 64), 0.2, top_k=5)
    np.testing.assert_array_equal(few.boxes, every.boxes[:5])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite_outputs_never_crash(value: float) -> None:
    outputs = random_outputs(ONE_EACH, (1, 1, 4, 10), "split", (64, 64))
    for output in outputs:
        output[::3] = value
    found = rostro.decode("yunet", outputs, (64, 64), 0.5)
    assert not np.isnan(found.scores).any()
    rostro.nms(found.boxes, found.scores, 0.3)


def test_arguments_that_do_not_fit_are_named() -> None:
    outputs = random_outputs(ONE_EACH, (1, 1, 4, 10), "split", (64, 64))
    with pytest.raises(ArgumentError, match=r"head: got \"retina\"; one of .*yunet"):
        rostro.decode("retina", outputs, (64, 64), 0.5)
    with pytest.raises(ArgumentError, match=r"outputs: got 11 arrays"):
        rostro.decode("yunet", outputs[1:], (64, 64), 0.5)
    with pytest.raises(ArgumentError, match=r"outputs\[0\]: got \(64, 1\).*\(128, 1\).*128x64"):
        rostro.decode("yunet", outputs, (128, 64), 0.5)
    with pytest.raises(ArgumentError, match="score_threshold"):
        rostro.decode("yunet", outputs, (64, 64), 1.5)
    with pytest.raises(ArgumentTypeError, match=r"outputs\[2\]: got float64"):
        rostro.decode("yunet", [o.astype(float) if i == 2 else o for i, o in enumerate(outputs)],
                      (64, 64), 0.5)  # fmt: skip
    with pytest.raises(ArgumentError, match="top_k"):
        rostro.decode("yunet", outputs, (64, 64), 0.5, top_k=-1)
