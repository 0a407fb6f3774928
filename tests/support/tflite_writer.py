"""TensorFlow Lite files for tests, written with the package that TensorFlow writes them with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import flatbuffers
import numpy as np
from numpy.typing import NDArray

_TYPES = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3}


class Step(NamedTuple):
    """An operator.

    Attributes:
        options: of its table, by field: the `struct` format, b or i, and the value.
    """

    code: int
    inputs: Sequence[int]
    outputs: Sequence[int]
    options: dict[int, tuple[str, int]] = {}  # noqa: RUF012


def tflite(
    tensors: Sequence[tuple[str, Sequence[int], NDArray[Any] | None]],
    steps: Sequence[Step],
    inputs: Sequence[int],
    outputs: Sequence[int],
    graphs: int = 1,
) -> bytes:
    """The file of a network: tensors are their names, shapes, and what they hold if constant."""
    builder = flatbuffers.Builder(1024)
    buffers, made = [_table(builder, [])], []
    for name, shape, array in tensors:
        buffer = 0
        if array is not None:
            data = builder.CreateByteVector(np.ascontiguousarray(array).tobytes())
            buffer = len(buffers)
            buffers.append(_table(builder, [(0, "offset", data)]))
        kind = _TYPES["float32" if array is None else array.dtype.name]
        parts = [(0, "offset", _ints(builder, shape)), (1, "b", kind), (2, "i", buffer)]
        made.append(_table(builder, [*parts, (3, "offset", builder.CreateString(name))]))
    codes = sorted({step.code for step in steps})
    operators = [_operator(builder, step, codes) for step in steps]
    known = [_table(builder, [(0, "b", min(code, 127)), (3, "i", code)]) for code in codes]
    graph = [
        (0, "offset", _tables(builder, made)),
        (1, "offset", _ints(builder, inputs)),
        (2, "offset", _ints(builder, outputs)),
        (3, "offset", _tables(builder, operators)),
    ]
    model = [
        (0, "i", 3),
        (1, "offset", _tables(builder, known)),
        (2, "offset", _tables(builder, [_table(builder, graph) for _ in range(graphs)])),
        (4, "offset", _tables(builder, buffers)),
    ]
    builder.Finish(_table(builder, model), b"TFL3")
    return bytes(builder.Output())


def _operator(builder: Any, step: Step, codes: list[int]) -> int:
    options = _table(builder, [(field, *value) for field, value in step.options.items()])
    parts = [
        (0, "i", codes.index(step.code)),
        (1, "offset", _ints(builder, step.inputs)),
        (2, "offset", _ints(builder, step.outputs)),
        (4, "offset", options),
    ]
    return _table(builder, parts)


def _table(builder: Any, fields: Sequence[tuple[int, str, int]]) -> int:
    builder.StartObject(16)
    for slot, kind, value in fields:
        if kind == "offset":
            builder.PrependUOffsetTRelativeSlot(slot, value, 0)
        elif kind == "i":
            builder.PrependInt32Slot(slot, value, None)
        else:
            builder.PrependInt8Slot(slot, value, None)
    return int(builder.EndObject())


def _ints(builder: Any, numbers: Sequence[int]) -> int:
    return int(builder.CreateNumpyVector(np.array(numbers, np.int32)))


def _tables(builder: Any, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
