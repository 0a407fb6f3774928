"""Which head a network without a card has, told from the names and shapes of its outputs.

An ONNX network is run once or twice on a blank image, which also tells whether it takes any size.
An ncnn network is not, for it may crash on a size that it was not made for: its names must do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rostro import _core
from rostro.engines import Engine
from rostro.errors import ArgumentError, EngineError, ModelError
from rostro.kernels import decode
from rostro.models.card import DetectSettings, Input
from rostro.types import FloatArray

__all__ = ["Inferred", "head_facts", "infer_head"]

_log = logging.getLogger(__name__)


class Inferred(NamedTuple):
    """What a card would say."""

    input: Input
    detect: DetectSettings


# Patterns of the names of a head's outputs, in the order of its kinds; the group is the stride.
_NAMES = {
    "yunet": (r"cls_(\d+)", r"obj_(\d+)", r"bbox_(\d+)", r"kps_(\d+)"),
    "scrfd": (r"score_(\d+)", r"bbox_(\d+)", r"kps_(\d+)"),
    "retinaface-mxnet": (
        r"face_rpn_cls_prob_reshape_stride(\d+)",
        r"face_rpn_bbox_pred_stride(\d+)",
        r"face_rpn_landmark_pred_stride(\d+)",
    ),
}

# The numbers an anchor that the outputs have, in the order of the head's, and the heads of which
# this is true: columns of (n, c) and (1, n, c), of a single output also (1, c, n); planes of
# (1, c, h, w).
_ROWS = {
    (1, 1, 1, 4, 4, 4, 10, 10, 10): ("scrfd",),
    (1, 1, 1, 4, 4, 4): ("scrfd",),
    (1,) * 5 + (4,) * 5 + (10,) * 5: ("scrfd",),
    (1,) * 5 + (4,) * 5: ("scrfd",),
    (4, 2, 10): ("retinaface", "retinaface-slim"),
    (4, 2, 10, 66, 66, 66): ("mos",),
    (2, 4): ("ultralight", "ultralight-decoded"),
    (16, 1): ("blazeface",),
    (16,): ("yolov5-face",),
    (20,): ("ultralytics-face",),
    (5,): ("ultralytics-boxes",),
}
_PLANES = {
    (2, 2, 2, 8, 8, 8, 20, 20, 20): ("scrfd",),
    (2, 2, 2, 8, 8, 8): ("scrfd",),
    (4, 4, 4, 8, 8, 8, 20, 20, 20): ("retinaface-mxnet",),
    (1, 2, 2, 10): ("centerface",),  # of the two alike, scale comes before offset
    (80, 80, 80): ("yolov8-face",),
}

# Two sizes, both sides different: what takes these takes any.
_PROBES = ((320, 320), (384, 352))
_MULTIPLE = 32


def infer_head(engine: Engine, name: str) -> Inferred:
    """The head of a loaded network, and the input that goes with it.

    Raises:
        ModelError: no head has such outputs, or several have; says what a card must tell.
    """
    size = None
    what = ", ".join(engine.output_names)
    found = _by_names(engine.output_names)
    if engine.name != "ncnn":
        size, probed, outputs = _probe(engine, name)
        found = found or _by_shapes(engine.output_names, outputs, probed)
        shapes = zip(engine.output_names, outputs, strict=True)
        what = ", ".join(f"{output} {array.shape}" for output, array in shapes)
    if found is None:
        raise ModelError(
            f"{name}: its outputs ({what}) are not those of one head alone; write a card beside it "
            "that names input.channels, mean and std, outputs.names and detect.head "
            "(docs/reference/heads.md lists the heads), and name the .toml"
        )
    head, order = found
    _log.info("%s: its head is %s", name, head)
    facts = _core.head(head, len(order))
    return Inferred(
        Input(
            name="",
            channels="rgb" if facts["channels"] == "rgb" else "bgr",
            mean=facts["mean"],
            std=facts["std"],
            size=size,
            multiple=_MULTIPLE,
            pad=facts["pad"],
        ),
        DetectSettings(
            head,
            facts["score_threshold"],
            facts["nms_threshold"],
            top_k=5000,
            nms_method=facts["nms_method"],
            outputs=order,
        ),
    )


def head_facts(settings: DetectSettings, outputs: Sequence[str]) -> _core.HeadFacts:
    """What the core knows of a head that has these outputs."""
    return _core.head(settings.head, len(settings.outputs or outputs))


def _probe(
    engine: Engine, name: str
) -> tuple[tuple[int, int] | None, tuple[int, int], list[FloatArray]]:
    """The one size that a network takes, None if any; a size, and the outputs for it."""
    _, _, height, width = engine.input_shape
    if height is not None and width is not None:
        return (width, height), (width, height), _run_blank(engine, (width, height))
    first, second = _PROBES
    try:
        outputs = _run_blank(engine, first)
    except EngineError as error:
        raise ModelError(
            f"{name}: does not say which size of input it takes, and refuses 320x320; write a card "
            f"beside it with input.size ({error})"
        ) from error
    try:
        _run_blank(engine, second)
    except EngineError:
        return first, first, outputs
    return None, first, outputs


def _run_blank(engine: Engine, size: tuple[int, int]) -> list[FloatArray]:
    return engine.run(np.zeros((1, 3, size[1], size[0]), np.float32))


def _by_names(names: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    for head, patterns in _NAMES.items():
        order = []
        for pattern in patterns:
            matches = [match for name in names if (match := re.fullmatch(pattern, name))]
            order += [m.string for m in sorted(matches, key=lambda m: int(m[1]))]
        if len(order) == len(names) and len(names) >= 6:
            return head, tuple(order)
    return None


def _by_shapes(
    names: Sequence[str], outputs: Sequence[FloatArray], size: tuple[int, int]
) -> tuple[str, tuple[str, ...]] | None:
    if any(output.ndim < 2 for output in outputs):
        return None
    planar = all(output.ndim == 4 for output in outputs)
    if len(outputs) == 1:
        widths = [min(outputs[0].shape[-2:])]
    else:
        widths = [output.shape[1] if planar else output.shape[-1] for output in outputs]
    for kinds, heads in (_PLANES if planar else _ROWS).items():
        if sorted(widths) != sorted(kinds):
            continue
        # Kind by kind; in each the finest stride, which has the most anchors, first.
        places = [
            (kinds.index(width), -output.size, "centerface" in heads and _in_a_cell(output))
            for width, output in zip(widths, outputs, strict=True)
        ]
        if len(set(places)) < len(places):
            return None  # MOS's three angles: nothing tells which is which
        order = sorted(range(len(names)), key=places.__getitem__)
        arrays = [outputs[i] for i in order]
        fitting = [head for head in heads if _fits(head, arrays, size)]
        if len(fitting) == 1:
            return fitting[0], tuple(names[i] for i in order)
    return None


def _in_a_cell(output: FloatArray) -> bool:
    # CenterFace's offset and scale have one shape. An offset is a part of a cell, within 0.6 of 0
    # for the published network; a scale the logarithm of a face's sides in cells, up to 5.
    return bool((np.abs(output) <= 1).all())


def _in_pixels(output: FloatArray) -> bool:
    # A YOLO of other things has as many numbers a row when it has 11 or 16 classes: behind the
    # score come probabilities then, where a face has the pixels of its points. Of one class there
    # is no telling what it finds, but for boxes that are parts of the input.
    rows = output.reshape(output.shape[-2:])
    rows = rows if rows.shape[0] > rows.shape[1] else rows.T
    behind = rows[:, 5:15]
    return bool((np.abs(behind if behind.size else rows[:, :4]) > 2).any())


def _fits(head: str, outputs: Sequence[FloatArray], size: tuple[int, int]) -> bool:
    # Ultra-Light's two forms have the same shapes, but only boxes that the network itself has
    # decoded begin where they end, or before, every one of them.
    shape_of = head.removesuffix("-decoded")
    try:
        decode(shape_of, outputs, size, 1.0, 0)
    except ArgumentError:
        return False
    if len(outputs) == 1:
        return _in_pixels(outputs[0])
    if shape_of == "ultralight":
        boxes = outputs[1].reshape(-1, 4)
        return bool((boxes[:, :2] <= boxes[:, 2:]).all()) == (head == "ultralight-decoded")
    return True
