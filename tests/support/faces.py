"""Faces on test pictures: how their boxes overlap, and photos scaled to a face."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from rostro import _core
from rostro.faces import Faces
from rostro.types import FloatArray, Image
from tests.support.opencv import as_image


def scaled(photo: Image, face_height: float, face: Faces) -> Image:
    """The photo so large that its face is so many pixels high."""
    _, top, _, bottom = face.boxes[0]
    scale = face_height / float(bottom - top)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return as_image(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how))


def overlaps(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Intersection over union of all pairs, (N, M)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    inter = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(b[:, 2:] - b[:, :2], axis=1) for b in (boxes, others)]
    return np.asarray(inter / (areas[0][:, None] + areas[1][None] - inter))


def overlap(box: FloatArray, other: FloatArray) -> float:
    """Intersection over union of two boxes."""
    return float(overlaps(box[None], other[None])[0, 0])


def yunet_task(**settings: Any) -> _core.DetectorTask:
    """The core's task for a detector of YuNet's head, with these settings besides."""
    names = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]
    return _core.DetectorTask(
        name="yunet", head="yunet", network_outputs=names, outputs=[], channels="bgr",
        mean=(0, 0, 0), std=(1, 1, 1), pad=0, score_threshold=0.5, nms_threshold=0.3, top_k=5000,
        weighted=False, step=1, **settings,
    )  # fmt: skip
