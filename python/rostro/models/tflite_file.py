"""Reading TensorFlow Lite files: one graph of tensors and operators.

The places of fields are those of TensorFlow's ``schema.fbs``, version 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.models.flatbuffer import FlatbufferError, Table, root

__all__ = ["Graph", "Operator", "Tensor", "read_tflite"]

_MAGIC = b"TFL3"
_TYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.float16, 2: np.int32}
# Far above what networks for faces have, so that a hostile file cannot exhaust memory.
_MOST, _MOST_ENDS, _MOST_SIDES, _LONGEST_NAME = 1 << 16, 64, 8, 1000
_MOST_ELEMENTS = 1 << 26


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the graph.

    Attributes:
        name: as the file has it.
        shape: channels last, N being 1.
        constant: the weights; ``None`` for what is computed.
    """

    name: str
    shape: tuple[int, ...]
    constant: NDArray[np.generic] | None


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the graph.

    Attributes:
        code: the builtin operator's number.
        inputs, outputs: indices of tensors; an input of -1 is left out.
        options: the operator's own table, ``None`` where it has none.
    """

    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Table | None

    def option(self, field: int, format: str, default: int = 0) -> int:
        """An option; a missing one has its default."""
        return self.options.number(field, format, default) if self.options else default


@dataclass(frozen=True, slots=True)
class Graph:
    """The network: its operators in the order in which they run."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_tflite(data: bytes, where: str) -> Graph:
    """Read a file's bytes; ``where`` names it in errors.

    Raises:
        ModelError: no such file, damaged, or with what is not read: several graphs, tensors that
            are quantised, sparse or of other types than float32, float16 and int32.
    """
    if data[4:8] != _MAGIC:
        raise ModelError(f"{where}: not a TensorFlow Lite file of version 3")
    try:
        return _graph(data)
    except FlatbufferError as error:
        raise ModelError(f"{where}: a damaged TensorFlow Lite file: {error}") from error


def _graph(data: bytes) -> Graph:
    model = root(data)
    graphs = list(model.tables(2, _MOST))
    if len(graphs) != 1:
        raise FlatbufferError(f"{len(graphs)} graphs; one is wanted")
    (graph,) = graphs
    codes = [max(code.number(0, "b"), code.number(3, "i")) for code in model.tables(1, _MOST)]
    buffers = list(model.tables(4, _MOST))
    tensors = tuple(_tensor(table, buffers) for table in graph.tables(0, _MOST))
    if sum(t.constant.size for t in tensors if t.constant is not None) > _MOST_ELEMENTS:
        raise FlatbufferError(f"more than {_MOST_ELEMENTS} weights")
    return Graph(
        tensors,
        tuple(_operator(table, codes, len(tensors)) for table in graph.tables(3, _MOST)),
        _indices(graph, 1, 0, len(tensors)),
        _indices(graph, 2, 0, len(tensors)),
    )


def _tensor(table: Table, buffers: list[Table]) -> Tensor:
    name = table.text(3, _LONGEST_NAME)
    shape = tuple(table.numbers(0, _MOST_SIDES))
    if min(shape, default=1) < 1 or math.prod(shape) > _MOST_ELEMENTS:
        raise FlatbufferError(f"tensor {name!r}: got shape {list(shape)}")
    kind, buffer = table.number(1, "B"), table.number(2, "I")
    if kind not in _TYPES or table.table(6) is not None:
        raise FlatbufferError(f"tensor {name!r}: its type, {kind}, or its sparsity is not read")
    if buffer >= len(buffers):
        raise FlatbufferError(f"tensor {name!r}: there is no buffer {buffer}")
    content = buffers[buffer].block(0)
    if not content:
        return Tensor(name, shape, None)
    dtype = np.dtype(_TYPES[kind]).newbyteorder("<")
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise FlatbufferError(f"tensor {name!r}: {len(content)} bytes for shape {list(shape)}")
    return Tensor(name, shape, np.frombuffer(content, dtype).reshape(shape))


def _operator(table: Table, codes: list[int], tensors: int) -> Operator:
    code = table.number(0, "I")
    if code >= len(codes):
        raise FlatbufferError(f"there is no operator code {code}")
    inputs, outputs = _indices(table, 1, -1, tensors), _indices(table, 2, 0, tensors)
    return Operator(codes[code], inputs, outputs, table.table(4))


def _indices(table: Table, field: int, least: int, tensors: int) -> tuple[int, ...]:
    indices = tuple(table.numbers(field, _MOST_ENDS))
    if min(indices, default=least) < least or max(indices, default=-1) >= tensors:
        raise FlatbufferError(f"one of the tensors {list(indices[:8])} is not there")
    return indices
