"""A detector's outputs to faces: decoding, and non-maximum suppression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import check_count, check_size
from rostro.support.arguments import check_number, check_several, check_text
from rostro.types import FloatArray

__all__ = ["decode", "nms", "nms_weighted"]

_ALL = 2**31 - 1

NmsMethod = Literal["hard", "soft-linear", "soft-gaussian", "weighted"]


def decode(
    head: str,
    outputs: Sequence[FloatArray],
    input_size: tuple[int, int],
    score_threshold: float,
    top_k: int = 5000,
    *,
    pose_mean: Sequence[float] = (0.0,) * 6,
    pose_std: Sequence[float] = (1.0,) * 6,
) -> Faces:
    """Decode a detector's outputs to boxes and landmarks, before non-maximum suppression.

    Args:
        head: how the network puts it; docs/reference/heads.md lists all. For example ``"yunet"``
            (12 outputs: cls, obj, bbox, kps, each for strides 8, 16, 32), ``"scrfd"`` (9: scores,
            boxes, points, each for strides 8, 16, 32; 6 without points), ``"retinaface"`` (boxes,
            scores, points).
        outputs: float32; each (n, c) or (1, n, c), a row an anchor, where the network gives an
            array for all strides also (c, n) or (1, c, n); where it gives one for each stride,
            also the planes that it computes, (c, h, w) or (1, c, h, w).
        input_size: (width, height) of the network's input; for ``"img2pose"`` of the picture in it.
        score_threshold: 0..1; anchors whose score reaches it are decoded. NaN never does.
        top_k: at most so many, the best ones.
        pose_mean, pose_std: of ``"img2pose"``: by which the six numbers of a pose were normalised.

    Returns:
        The faces, best first (ties: the earlier anchor), in pixels of the network's input, not
        clipped to it; with landmarks, poses and translations where the head has them.
    """
    width, height = check_size(input_size, "input_size")
    limit = check_count(top_k, "top_k")
    arrays = check_several("outputs", outputs, "float32 arrays")
    threshold = check_number("score_threshold", score_threshold)
    mean, std = _six("pose_mean", pose_mean), _six("pose_std", pose_std)
    return Faces.of_checked(
        _core.decode(check_text("head", head), arrays, width, height, threshold, limit, mean, std)
    )


def _six(what: str, values: Sequence[float]) -> list[float]:
    numbers = [check_number(what, value) for value in check_several(what, values, "six numbers")]
    if len(numbers) != 6:
        raise ArgumentError(f"{what}: got {len(numbers)} numbers; six are wanted")
    return numbers


def nms(
    boxes: FloatArray,
    scores: FloatArray,
    iou_threshold: float,
    top_k: int | None = None,
    method: NmsMethod = "hard",
    *,
    sigma: float = 0.5,
    score_threshold: float = 0.001,
) -> NDArray[np.int64]:
    """Non-maximum suppression.

    A box goes when its intersection over union with a better, kept one is above ``iou_threshold``.
    Boxes without area overlap nothing; entries whose score is NaN are dropped.

    Args:
        boxes: (N, 4) float32, ``x1, y1, x2, y2``.
        scores: (N,) float32.
        iou_threshold: 0..1.
        top_k: keep at most so many.
        method: ``"hard"`` as above. The soft ones (Bodla et al., 2017) lower the scores of boxes
            that a better one overlaps instead: ``"soft-linear"`` by 1 - iou where it is above the
            threshold, ``"soft-gaussian"`` by exp(-iou^2 / sigma) everywhere. ``"weighted"`` keeps
            the boxes that ``"hard"`` keeps; `nms_weighted` gives their merged coordinates.
        sigma: of the Gaussian, above 0.
        score_threshold: soft methods drop a box whose lowered score is below it.

    Returns:
        Indices of the kept boxes, int64, best first (by the lowered scores for soft methods); ties:
        lower index first.
    """
    return _core.nms(
        boxes,
        scores,
        check_number("iou_threshold", iou_threshold),
        _ALL if top_k is None else check_count(top_k, "top_k"),
        check_text("method", method),
        check_number("sigma", sigma),
        check_number("score_threshold", score_threshold),
    )


def nms_weighted(found: Faces, iou_threshold: float, top_k: int | None = None) -> Faces:
    """Non-maximum suppression that merges faces instead of dropping them, as BlazeFace does.

    The faces that `nms` keeps, with all that is known of them; but what lies in the image, boxes
    and points, is the mean of theirs and of the faces that they suppressed, weighted by the scores.

    Args:
        found: such as `decode` gives.
        iou_threshold: 0..1.
        top_k: keep at most so many.

    Returns:
        The faces, best first.
    """
    columns = check_faces("found", found).for_core()
    threshold = check_number("iou_threshold", iou_threshold)
    limit = _ALL if top_k is None else check_count(top_k, "top_k")
    return Faces.of_checked(_core.nms_weighted(columns, threshold, limit), found.scheme)
