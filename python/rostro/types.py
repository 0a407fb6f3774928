"""The arrays that rostro takes and gives."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Image"]

FloatArray: TypeAlias = NDArray[np.float32]
Image: TypeAlias = NDArray[np.uint8]
