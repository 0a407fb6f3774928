"""How an ONNX network takes what rostro makes: float32, (N, C, H, W)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError, ModelError
from rostro.types import FloatArray

__all__ = ["OUTPUT_TYPES", "OnnxInput"]

_TYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
}

OUTPUT_TYPES = frozenset(
    f"tensor({kind})" for kind in ("float", "float16", "double", "int32", "int64", "bool")
)
"""Those that are the same numbers in float32; of 8-bit outputs nothing says the scale."""


@dataclass(frozen=True, slots=True)
class OnnxInput:
    """An input as the network declares it.

    Attributes:
        name: of the input.
        type: of its elements.
        shape: as rostro's tensors have it, channels second; None where any number does.
        channels_last: whether the network's own shape has the channels last.
        row: whether it has no height and width: (N, C).
    """

    name: str
    type: type[np.generic]
    shape: tuple[int | None, ...]
    channels_last: bool
    row: bool = False

    @classmethod
    def of(cls, node: Any, rows: bool = False) -> OnnxInput:
        """From what ONNX Runtime says of an input; with ``rows`` one of (N, C) is (N, C, 1, 1).

        Raises:
            ModelError: nothing can be given to it.
        """
        if node.type not in _TYPES:
            raise ModelError(
                f"its input {node.name}: got type {node.type}; {', '.join(_TYPES)} are wanted"
            )
        shape = tuple(side if isinstance(side, int) else None for side in node.shape)
        if len(shape) == 2 and rows:
            return cls(node.name, _TYPES[node.type], (*shape, 1, 1), False, True)
        if 0 in shape:
            raise ModelError(
                f"its input {node.name}: got shape {node.shape}, which nothing has; export it with "
                "sizes, or with names where any will do"
            )
        # Nobody's image is so narrow: (N, 64, 1, 1) are 64 channels of one pixel.
        last = len(shape) == 4 and shape[3] in (1, 3) and not {shape[1], shape[2]} & {1, 3}
        if last:
            shape = (shape[0], shape[3], shape[1], shape[2])
        return cls(node.name, _TYPES[node.type], shape, last)

    def convert(self, array: FloatArray) -> NDArray[Any]:
        """The array as the network takes it; itself where it is so already.

        Raises:
            ArgumentError: a network that takes bytes gets numbers that are none.
        """
        if self.channels_last:
            array = np.ascontiguousarray(array.transpose(0, 2, 3, 1))
        if self.row:
            array = array.reshape(array.shape[:2])
        if self.type is np.float32:
            return array
        if self.type is np.uint8:
            array = np.rint(array)
            low, high = array.min(), array.max()
            if low < 0 or high > 255:
                raise ArgumentError(
                    f"tensor: got values from {low:g} to {high:g}; this network takes uint8, 0 to "
                    "255 (mean = 0 and std = 1 on its card)"
                )
        return array.astype(self.type)
