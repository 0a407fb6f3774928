"""Reads and writes ncnn networks: the ``.param`` text and the ``.bin`` of weights.

The formats are those of ncnn's documentation ("param and model file structure") and of its
``ModelBin``: an array of weights either has four bytes before it that say how it is stored, or is
bare float32. Which arrays a layer has stands nowhere in the files; `_ARRAYS` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostro.errors import FileMissingError, ModelError
from rostro.types import FloatArray

__all__ = ["ACTIVATION", "INT8_TERM", "Layer", "NcnnNetwork", "read_network"]

_MAGIC = "7767517"
_RAW, _FLOAT16, _INT8, _RAW_SCALED = 0, 0x01306B47, 0x000D4B38, 0x0002C056

# Keys of parameters that quantisation reads or writes.
ACTIVATION = 9
INT8_TERM = 8

Array = NDArray[np.float32] | NDArray[np.int8] | NDArray[np.float16]


@dataclass(slots=True)
class Layer:
    """A line of the ``.param`` file, and the arrays that the ``.bin`` has for it.

    Attributes:
        params: by key, as the text has them.
        weights: by name, in the order of the file.
    """

    type: str
    name: str
    inputs: list[str]
    outputs: list[str]
    params: dict[int, str]
    weights: dict[str, Array] = field(default_factory=dict)

    def get(self, key: int, default: int = 0) -> int:
        return int(self.params.get(key, default))

    @property
    def line(self) -> str:
        counts = f"{len(self.inputs)} {len(self.outputs)}"
        params = [f"{key}={value}" for key, value in self.params.items()]
        blobs = [*self.inputs, *self.outputs, *params]
        return f"{self.type:24} {self.name:24} {counts} {' '.join(blobs)}"


# The arrays of each type: name, number of values, and whether four bytes tell how it is stored.
_Spec = list[tuple[str, int, bool]]


def _convolution(layer: Layer) -> _Spec:
    if layer.get(19):
        raise ModelError(f"layer {layer.name}: weights that the network computes are not supported")
    bias = [("bias", layer.get(0), False)] if layer.get(5) else []
    return [("weight", layer.get(6), True), *bias]


def _inner_product(layer: Layer) -> _Spec:
    bias = [("bias", layer.get(0), False)] if layer.get(1) else []
    return [("weight", layer.get(2), True), *bias]


def _scale(layer: Layer) -> _Spec:
    size = max(layer.get(0), 0)
    bias = [("bias", size, False)] if layer.get(1) else []
    return [*([("scale", size, False)] if size else []), *bias]


def _norm(count_key: int, affine_key: int) -> Callable[[Layer], _Spec]:
    def arrays(layer: Layer) -> _Spec:
        count = layer.get(count_key) if layer.get(affine_key, 1) else 0
        return [("gamma", count, False), ("beta", count, False)] if count else []

    return arrays


def _memory(layer: Layer) -> _Spec:
    sides = [layer.get(key) for key in (0, 1, 11, 2)]
    return [("data", int(np.prod([side for side in sides if side])), layer.get(21, 1) == 0)]


def _batch_norm(layer: Layer) -> _Spec:
    return [(name, layer.get(0), False) for name in ("slope", "mean", "variance", "bias")]


_ARRAYS: dict[str, Callable[[Layer], _Spec]] = {
    "BatchNorm": _batch_norm,
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "Deconvolution": _convolution,
    "DeconvolutionDepthWise": _convolution,
    "GroupNorm": _norm(1, 3),
    "InnerProduct": _inner_product,
    "InstanceNorm": _norm(0, 2),
    "LayerNorm": _norm(0, 2),
    "MemoryData": _memory,
    "PReLU": lambda layer: [("slope", layer.get(0), False)],
    "Scale": _scale,
}
_WITHOUT = frozenset(
    """
    AbsVal BinaryOp Clip Concat Crop Dropout ELU Eltwise ExpandDims Flatten HardSigmoid HardSwish
    Input Interp Mish Noop Permute PixelShuffle Pooling Power ReLU Reduction Reorg Reshape SELU
    ShuffleChannel Sigmoid Slice Softmax Split Squeeze Swish TanH Tile UnaryOp
    """.split()  # noqa: SIM905 (a column of forty strings is harder to read)
)


@dataclass(slots=True)
class NcnnNetwork:
    """The layers of a network, in the order of its files."""

    layers: list[Layer]

    def consumers(self, blob: str) -> list[Layer]:
        """The layers that read ``blob``: one, or none for an output."""
        return [layer for layer in self.layers if blob in layer.inputs]

    def param(self) -> bytes:
        """The content of the ``.param`` file."""
        blobs = {blob for layer in self.layers for blob in layer.outputs}
        lines = [_MAGIC, f"{len(self.layers)} {len(blobs)}"]
        return ("\n".join([*lines, *(layer.line for layer in self.layers)]) + "\n").encode()

    def bin(self) -> bytes:
        """The content of the ``.bin`` file."""
        parts = []
        for layer in self.layers:
            tagged = {name for name, _, has_tag in _arrays(layer) if has_tag}
            for name, array in layer.weights.items():
                if name in tagged:
                    tag = {1: _INT8, 2: _FLOAT16, 4: _RAW}[array.itemsize]
                    parts.append(np.uint32(tag).tobytes())
                parts.append(array.tobytes() + bytes(-array.nbytes % 4))
        return b"".join(parts)


def read_network(param: Path, weights: Path) -> NcnnNetwork:
    """Read a float network; weights that are stored as float16 come out as float32.

    Raises:
        FileMissingError: a file cannot be read.
        ModelError: not such files, a layer that is not known here, or quantised already.
    """
    try:
        text, data = param.read_text(encoding="utf-8"), weights.read_bytes()
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(f"{param}, {weights.name}: {error}") from error
    try:
        magic, _counts, *lines = [line for line in text.splitlines() if line.strip()]
        layers = [_layer(line) for line in lines]
    except (ValueError, IndexError) as error:
        raise ModelError(f"{param}: not an ncnn .param file ({error})") from error
    if magic.strip() != _MAGIC:
        raise ModelError(f"{param}: not an ncnn .param file")
    offset = 0
    try:
        for layer in layers:
            for name, count, tagged in _arrays(layer):
                layer.weights[name], offset = _read(data, offset, count, tagged)
    except ModelError as error:
        raise ModelError(f"{param}: {error}") from error
    if offset != len(data):
        raise ModelError(f"{weights}: {len(data)} bytes where {param.name} asks for {offset}")
    return NcnnNetwork(layers)


def _layer(line: str) -> Layer:
    kind, name, inputs, outputs, *rest = line.split()
    first, last = int(inputs), int(inputs) + int(outputs)
    params = dict(token.split("=", 1) for token in rest[last:])
    return Layer(
        kind, name, rest[:first], rest[first:last], {int(key): v for key, v in params.items()}
    )


def _arrays(layer: Layer) -> Sequence[tuple[str, int, bool]]:
    if layer.type in _WITHOUT:
        return []
    if layer.type not in _ARRAYS:
        raise ModelError(f"layer {layer.name}: of type {layer.type}, which is not supported")
    return _ARRAYS[layer.type](layer)


def _read(data: bytes, offset: int, count: int, tagged: bool) -> tuple[FloatArray, int]:
    tag = _RAW
    if tagged:
        tag = int.from_bytes(data[offset : offset + 4], "little")
        offset += 4
    if tag == _INT8:
        raise ModelError("its weights are int8 already; give the float network")
    if tag not in (_RAW, _RAW_SCALED, _FLOAT16):
        raise ModelError(f"weights are stored in a way that is not supported (tag {tag:#x})")
    kind = np.dtype(np.float16 if tag == _FLOAT16 else np.float32)
    end = offset + count * kind.itemsize
    if end > len(data):
        raise ModelError("its .bin file is cut short")
    array = np.frombuffer(data[offset:end], kind).astype(np.float32)
    return array, end + -end % 4
