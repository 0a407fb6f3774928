"""What every engine is: an image tensor in, with others where wanted, float32 arrays out."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError, EngineError
from rostro.support.forks import lock_around_forks
from rostro.types import FloatArray

__all__ = [
    "Engine",
    "InputShape",
    "NetworkFiles",
    "check_inputs",
    "check_outputs",
    "loading",
    "placed",
    "version_of",
]

loading = lock_around_forks()
"""Held by whoever imports a library for an engine or loads a network."""

InputShape = tuple[int | None, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class NetworkFiles:
    """The files of one network, in the formats it is there in, and the input that it takes.

    Attributes:
        onnx: ONNX file, for ONNX Runtime.
        param, bin: ncnn's two files.
        shape: (N, C, H, W) of the input; None where any number does.
        multiple: height and width are multiples of this.
        others: names of the inputs beside the image's, in the order in which they are given.
        half: whether ncnn may compute in float16.
        vouched: whether somebody says what the files are, and they were found to be that: a card
            by its hashes, or rostro, which made them. Others may be damaged in any way.
    """

    onnx: Path | None = None
    param: Path | None = None
    bin: Path | None = None
    shape: InputShape = (None, None, None, None)
    multiple: int = 1
    others: tuple[str, ...] = ()
    vouched: bool = False
    half: bool = False


class Engine(Protocol):
    """A loaded network. Any number of threads may call `run` at once.

    Attributes:
        input_shape: what is known of the shape that `run` takes; of N always None, for any does.
        output_names: of what `run` gives, in this order.
    """

    name: str
    threads: int
    input_shape: InputShape
    output_names: tuple[str, ...]

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        """Run the network.

        Args:
            tensor: (N, C, H, W) float32, C-contiguous; preprocessed as the model card says.
            others: (N, ...) float32, C-contiguous, one for each further input.

        Returns:
            One float32 array for each of ``output_names``, the first axis as in the ONNX model.

        Raises:
            ArgumentTypeError, ArgumentError: the tensor is not what this network takes.
            EngineError: the engine failed, or the network gave what is not finite.
        """
        ...


def version_of(library: str) -> str | None:
    """The version of an engine's library, which is not imported; None where it is missing."""
    with loading:
        from importlib.metadata import PackageNotFoundError, version

    if importlib.util.find_spec(library) is None:
        return None
    try:
        return version(library)
    except PackageNotFoundError:
        return "unknown"  # a variant of the library, such as onnxruntime-gpu


def placed(name: str, others: Sequence[str]) -> int:
    """Where the input of this name comes in `Engine.run`: 0 for the image, then the others."""
    return others.index(name) + 1 if name in others else 0


def check_inputs(
    tensor: FloatArray,
    others: Sequence[FloatArray],
    shape: InputShape,
    multiple: int,
    names: Sequence[str],
) -> None:
    """Refuse what the network does not take: an engine may crash on it."""
    _check_array("tensor", tensor)
    if tensor.ndim != 4 or 0 in tensor.shape:
        raise ArgumentError(f"tensor: got shape {tensor.shape}; (N, C, H, W), none 0, is wanted")
    if any(want not in (None, have) for want, have in zip(shape, tensor.shape, strict=True)):
        want = ", ".join("any" if side is None else str(side) for side in shape)
        raise ArgumentError(f"tensor: got shape {tensor.shape}; ({want}) is wanted")
    height, width = tensor.shape[2:]
    if height % multiple or width % multiple:
        raise ArgumentError(
            f"tensor: got height {height} and width {width}; multiples of {multiple} are wanted"
        )
    if len(others) != len(names):
        wanted = f"those of {', '.join(names)} are" if names else "none is"
        raise ArgumentError(
            f"others: got {len(others)} further inputs; {wanted} wanted by the network"
        )
    for name, other in zip(names, others, strict=True):
        _check_array(name, other)
        if other.ndim < 2 or len(other) != len(tensor):
            raise ArgumentError(
                f"{name}: got shape {other.shape}; ({len(tensor)}, ...) is wanted, as of tensor"
            )


def check_outputs(file: Path, names: Sequence[str], arrays: Sequence[FloatArray]) -> None:
    """Refuse what nobody can use.

    It takes 40 us for all outputs of YuNet at 640x640, which runs for 8 ms or more.
    """
    for name, array in zip(names, arrays, strict=True):
        if not np.isfinite(array).all():
            raise EngineError(
                f"{file}: its output {name} holds NaN or infinity; the weights are damaged, or too "
                "large for the precision that they are computed in"
            )


def _check_array(name: str, array: FloatArray) -> None:
    if not isinstance(array, np.ndarray):
        raise ArgumentTypeError(
            f"{name}: got {type(array).__name__}; a float32 NumPy array is wanted"
        )
    if array.dtype != np.float32:
        raise ArgumentTypeError(f"{name}: got {array.dtype}; float32 is wanted")
    if not array.flags.c_contiguous:
        raise ArgumentError(
            f"{name}: got strides {array.strides}; a C-contiguous array is wanted "
            "(numpy.ascontiguousarray makes one)"
        )
