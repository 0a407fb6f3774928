"""The arrays that rostro takes and gives."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Image", "ImageLike", "SupportsDLPack"]

FloatArray: TypeAlias = NDArray[np.float32]
Image: TypeAlias = NDArray[np.uint8]


class SupportsDLPack(Protocol):
    """A tensor of another library, in the memory of the CPU."""

    def __dlpack__(self) -> Any: ...
    def __dlpack_device__(self) -> tuple[Any, int]: ...


#: An image that is read where it lies: an array, the memory of another library, or its planes.
ImageLike: TypeAlias = (
    Image | memoryview | SupportsDLPack | tuple[Image | memoryview | SupportsDLPack, ...]
)
