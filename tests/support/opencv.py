"""Pixels from OpenCV, whose stubs say of every result that it may hold any numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro.types import Image


def as_image(pixels: NDArray[Any]) -> Image:
    assert pixels.dtype == np.uint8
    return pixels.view(np.uint8)
