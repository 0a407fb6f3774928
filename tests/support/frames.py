"""Frames as cameras give them, of a photo."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.kernels.arguments import Color
from rostro.types import Image

_CONVERSIONS = {
    "bgr": "BGR", "bgra": "BGRA", "rgba": "RGBA", "gray": "GRAY", "i420": "YUV_I420",
}  # fmt: skip


def frame_of(photo: Image, color: Color) -> Image:
    """The photo, (H, W, 3) of RGB, in another format; OpenCV converts it."""
    cv2 = pytest.importorskip("cv2")
    if color in _CONVERSIONS:
        return np.asarray(cv2.cvtColor(photo, getattr(cv2, f"COLOR_RGB2{_CONVERSIONS[color]}")))
    height, width = photo.shape[:2]
    i420 = cv2.cvtColor(photo, cv2.COLOR_RGB2YUV_I420)
    luma, chroma = i420[:height], i420[height:].reshape(2, height // 2, width // 2)
    if color in ("nv12", "nv21"):
        pairs = chroma if color == "nv12" else chroma[::-1]
        return np.concatenate([luma, pairs.transpose(1, 2, 0).reshape(-1, width)])
    u, v = chroma.repeat(2, axis=1)
    parts = [luma[:, ::2], u, luma[:, 1::2], v]
    if color == "uyvy":
        parts = [u, luma[:, ::2], v, luma[:, 1::2]]
    return np.stack(parts, 2).reshape(height, width, 2)
