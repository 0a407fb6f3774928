"""TensorFlow Lite -> ONNX, for the operators that face-mesh networks have.

TensorFlow Lite keeps images as (N, H, W, C), ONNX's convolutions take (N, C, H, W). A value is kept
in the layout in which it was computed, and turned only for an operator that needs the other one: of
a convolutional network nothing is turned at all. Its inputs and outputs of four sides are
(N, C, H, W), as everywhere in rostro. Weights of float16 become float32.

What operators do is said by TensorFlow's reference kernels (``tensorflow/lite/kernels``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.models.tflite_file import Graph, Operator, read_tflite

if TYPE_CHECKING:
    import onnx

__all__ = ["tflite_to_onnx"]

# The last set of operators with axes as attributes: pnnx loses those of a sum that are an input.
_OPSET, _IR = 12, 7
_SECOND = (0, 3, 1, 2)  # from channels last to channels second
_LAST = (0, 2, 3, 1)


class _Value(NamedTuple):
    """What was computed: its name in the ONNX graph, and whether its channels are second."""

    name: str
    second: bool


class _NotReadError(Exception):
    """The network has what is not converted."""


def tflite_to_onnx(data: bytes, where: str) -> bytes:
    """The ONNX model of a TensorFlow Lite file.

    Names of inputs and outputs are kept. An input of fewer than four sides gets sides of 1 in
    front: engines take (N, C, H, W).

    Args:
        data: the file's bytes.
        where: names it in errors.

    Raises:
        ModelError: the file is damaged, or has an operator or an option that is not converted.
    """
    graph = read_tflite(data, where)
    try:
        model = _Conversion(graph).model()
    except _NotReadError as error:
        raise ModelError(f"{where}: not converted to ONNX: {error}") from error
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


class _Conversion:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._values: dict[int, _Value] = {}
        self._constants = {
            index: tensor.constant
            for index, tensor in enumerate(graph.tensors)
            if tensor.constant is not None
        }

    def model(self) -> onnx.ModelProto:
        from onnx import helper

        inputs = [self._input(index) for index in self._graph.inputs]
        for number, operator in enumerate(self._graph.operators):
            try:
                self._convert(operator)
            except _NotReadError as error:
                raise _NotReadError(
                    f"operator {number}, of code {operator.code}: {error}"
                ) from error
            except (ValueError, IndexError) as error:  # shapes that do not go together
                raise _NotReadError(
                    f"operator {number}, of code {operator.code}, is malformed ({error})"
                ) from error
        outputs = [self._output(index) for index in self._graph.outputs]
        made = helper.make_graph(self._nodes, "tflite", inputs, outputs, self._weights)
        return helper.make_model(
            made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )

    # Ends of the graph

    def _input(self, index: int) -> onnx.ValueInfoProto:
        tensor = self._graph.tensors[index]
        shape = tensor.shape
        if len(shape) > 4:
            raise _NotReadError(f"input {tensor.name} has {len(shape)} sides; 4 are the most")
        if len(shape) == 4:
            self._values[index] = _Value(tensor.name, True)
            return _info(tensor.name, tuple(shape[side] for side in _SECOND))
        whole = (1,) * (4 - len(shape)) + shape
        self._values[index] = self._add("Reshape", [tensor.name, self._int64(shape)])
        return _info(tensor.name, whole)

    def _output(self, index: int) -> onnx.ValueInfoProto:
        tensor = self._graph.tensors[index]
        value = self._values.get(index)
        if value is None:
            raise _NotReadError(f"output {tensor.name} is not computed")
        second = len(tensor.shape) == 4
        self._node("Identity", [self._as(value, second).name], tensor.name)
        shape = tuple(tensor.shape[side] for side in _SECOND) if second else tensor.shape
        return _info(tensor.name, shape)

    # Operators

    def _convert(self, operator: Operator) -> None:
        convert = _OPERATORS.get(operator.code)
        if convert is None:
            raise _NotReadError("an operator that is not known here")
        if not operator.inputs or len(operator.outputs) != 1:
            raise _NotReadError("inputs and one output are wanted")
        convert(self, operator)

    def dequantize(self, operator: Operator) -> None:
        self._constants[operator.outputs[0]] = self._constant(operator, 0).astype(np.float32)

    def elementwise(self, operator: Operator, *steps: str, fused: int | None = None) -> None:
        """The first of ``steps`` takes the inputs, each other one what came before it."""
        computed = [i for i in operator.inputs if i not in self._constants]
        second = bool(computed) and all(
            self._computed(i).second and self._rank(i) == 4 for i in computed
        )
        names = [self._operand(i, second) for i in operator.inputs]
        value = self._add(steps[0], names, second)
        for step in steps[1:]:
            # Squares are products with itself.
            value = self._add(step, [value.name] * (2 if step == "Mul" else 1), second)
        self._finish(operator, value, fused)

    def convolution(self, operator: Operator, depthwise: bool) -> None:
        fused, dilation = (4, 5) if depthwise else (3, 4)
        weights = self._constant(operator, 1, np.float32)
        if weights.ndim != 4:
            raise _NotReadError(f"weights of shape {weights.shape}")
        height, width = weights.shape[1:3]
        channels = self._shape(operator.inputs[0])[-1]
        if depthwise:
            if weights.shape[0] != 1 or weights.shape[3] % channels:
                raise _NotReadError(f"weights of shape {weights.shape} for {channels} channels")
            weights = weights.transpose(3, 0, 1, 2)
        else:
            weights = weights.transpose(0, 3, 1, 2)
        strides = [operator.option(field, "i") for field in (2, 1)]
        dilations = [operator.option(dilation + field, "i", 1) for field in (1, 0)]
        pads = self._pads(operator, (height, width), strides, dilations)
        inputs = [self._image(operator), self._weight(weights)]
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            inputs.append(self._weight(self._constant(operator, 2, np.float32)))
        value = self._add(
            "Conv",
            inputs,
            second=True,
            kernel_shape=[height, width],
            strides=strides,
            dilations=dilations,
            pads=pads,
            group=channels if depthwise else 1,
        )
        self._finish(operator, value, fused)

    def max_pool(self, operator: Operator) -> None:
        strides = [operator.option(field, "i") for field in (2, 1)]
        window = [operator.option(field, "i") for field in (4, 3)]
        pads = self._pads(operator, window, strides, (1, 1))
        value = self._add(
            "MaxPool",
            [self._image(operator)],
            second=True,
            kernel_shape=window,
            strides=strides,
            pads=pads,
        )
        self._finish(operator, value, 5)

    def pad(self, operator: Operator) -> None:
        value = self._computed(operator.inputs[0])
        before_after = self._constant(operator, 1, np.int32).reshape(-1, 2)
        if len(before_after) != self._rank(operator.inputs[0]) or before_after.min() < 0:
            raise _NotReadError(f"pads {before_after.tolist()}")
        order = _SECOND if value.second else range(len(before_after))
        pads = self._int64(before_after[list(order)].T.ravel().tolist())
        self._finish(operator, self._add("Pad", [value.name, pads], value.second))

    def concatenate(self, operator: Operator) -> None:
        names = [self._operand(index, False) for index in operator.inputs]
        self._finish(operator, self._add("Concat", names, axis=operator.option(0, "i")), 1)

    def reshape(self, operator: Operator) -> None:
        shape = self._constant(operator, 1, np.int32).ravel().tolist()
        name = self._operand(operator.inputs[0], False)
        self._finish(operator, self._add("Reshape", [name, self._int64(shape)]))

    def transpose(self, operator: Operator) -> None:
        order = self._constant(operator, 1, np.int32).tolist()
        name = self._operand(operator.inputs[0], False)
        self._finish(operator, self._add("Transpose", [name], perm=order))

    def reduce(self, operator: Operator, name: str) -> None:
        axes = self._constant(operator, 1, np.int32).ravel() % self._rank(operator.inputs[0])
        value = self._as(self._computed(operator.inputs[0]), False)
        kept = operator.option(0, "b")
        self._finish(operator, self._add(name, [value.name], axes=axes.tolist(), keepdims=kept))

    def strided_slice(self, operator: Operator) -> None:
        begin, end, step = (self._constant(operator, i, np.int32) for i in (1, 2, 3))
        shape = self._shape(operator.inputs[0])
        from_start, to_end, ellipsis, new, dropped = (operator.option(i, "i") for i in range(5))
        if ellipsis or new or operator.option(5, "B") or not len(begin) == len(end) == len(step):
            raise _NotReadError("an ellipsis, a new axis or an offset")
        if len(begin) > len(shape) or step.min() < 1 or begin.min() < 0 or end.min() < 0:
            raise _NotReadError("steps or bounds below 0")
        cuts, squeezed = [], []
        for axis, (first, last, stride) in enumerate(
            zip(begin.tolist(), end.tolist(), step.tolist(), strict=True)
        ):
            first = 0 if from_start >> axis & 1 else first
            last = shape[axis] if to_end >> axis & 1 else last
            if dropped >> axis & 1:
                last = first + 1
                squeezed.append(axis)
            # pnnx cannot cut the batch, not even from its start to its end.
            if (first, stride) != (0, 1) or last < shape[axis]:
                cuts.append((first, last, axis, stride))
        value = self._as(self._computed(operator.inputs[0]), False)
        if cuts:
            value = self._add("Slice", [value.name, *map(self._int64, zip(*cuts, strict=True))])
        if squeezed:
            value = self._add("Squeeze", [value.name], axes=squeezed)
        self._finish(operator, value)

    # What they share

    def _pads(
        self,
        operator: Operator,
        window: Sequence[int],
        strides: Sequence[int],
        dilations: Sequence[int],
    ) -> list[int]:
        """Begin and end of each side: what SAME, 0, adds for an output of size / stride."""
        if min(*window, *strides, *dilations) < 1:
            raise _NotReadError("a window, a stride or a dilation below 1")
        if operator.option(0, "b") == 1:
            return [0, 0, 0, 0]
        begin, end = [], []
        sides = self._shape(operator.inputs[0])[1:3]
        for side, size, stride, dilation in zip(sides, window, strides, dilations, strict=True):
            reach = (-(-side // stride) - 1) * stride + (size - 1) * dilation + 1
            missing = max(reach - side, 0)
            begin.append(missing // 2)
            end.append(missing - missing // 2)
        return begin + end

    def _finish(self, operator: Operator, value: _Value, fused: int | None = None) -> None:
        """What an operator gives, after the activation that its option ``fused`` names."""
        activation = 0 if fused is None else operator.option(fused, "b")
        if activation not in (0, 1):
            raise _NotReadError(f"a fused activation {activation}; only 1, ReLU, is known")
        if activation == 1:
            value = self._add("Relu", [value.name], value.second)
        self._values[operator.outputs[0]] = value

    def _constant(
        self, operator: Operator, place: int, kind: type[np.generic] | None = None
    ) -> NDArray[Any]:
        index = operator.inputs[place] if place < len(operator.inputs) else -1
        array = self._constants.get(index)
        if array is None or (kind is not None and array.dtype != kind):
            raise _NotReadError(f"its input {place} is no constant of the type that is wanted")
        return array

    def _computed(self, index: int) -> _Value:
        value = self._values.get(index)
        if value is None:
            raise _NotReadError(f"its input, tensor {index}, is not computed before it")
        return value

    def _shape(self, index: int) -> tuple[int, ...]:
        return self._graph.tensors[index].shape

    def _rank(self, index: int) -> int:
        return len(self._shape(index))

    def _image(self, operator: Operator) -> str:
        index = operator.inputs[0]
        if self._rank(index) != 4:
            raise _NotReadError(f"an input of {self._rank(index)} sides; 4 are wanted")
        return self._as(self._computed(index), True).name

    def _operand(self, index: int, second: bool) -> str:
        """An input, computed or constant, in the layout that is wanted."""
        array = self._constants.get(index)
        if array is None:
            return self._as(self._computed(index), second).name
        if second:
            array = array.reshape((1,) * (4 - array.ndim) + array.shape).transpose(_SECOND)
            array = array[0] if array.shape[0] == 1 else array
        return self._weight(array)

    def _as(self, value: _Value, second: bool) -> _Value:
        if value.second == second:
            return value
        return self._add("Transpose", [value.name], second, perm=_SECOND if second else _LAST)

    def _add(self, kind: str, inputs: list[str], second: bool = False, **options: Any) -> _Value:
        name = f"rostro_{len(self._nodes)}"
        self._node(kind, inputs, name, **options)
        return _Value(name, second)

    def _node(self, kind: str, inputs: list[str], output: str, **options: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [output], **options))

    def _weight(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"rostro_weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _int64(self, numbers: Sequence[int]) -> str:
        return self._weight(np.array(numbers, np.int64))


def _info(name: str, shape: Sequence[int]) -> onnx.ValueInfoProto:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _elementwise(*steps: str, fused: int | None = None) -> Callable[[_Conversion, Operator], None]:
    return lambda conversion, operator: conversion.elementwise(operator, *steps, fused=fused)


# By the numbers of BuiltinOperator in schema.fbs.
_OPERATORS: dict[int, Callable[[_Conversion, Operator], None]] = {
    0: _elementwise("Add", fused=0),
    2: _Conversion.concatenate,
    3: lambda conversion, operator: conversion.convolution(operator, depthwise=False),
    4: lambda conversion, operator: conversion.convolution(operator, depthwise=True),
    6: _Conversion.dequantize,
    14: _elementwise("Sigmoid"),
    17: _Conversion.max_pool,
    18: _elementwise("Mul", fused=0),
    22: _Conversion.reshape,
    34: _Conversion.pad,
    39: _Conversion.transpose,
    40: lambda conversion, operator: conversion.reduce(operator, "ReduceMean"),
    41: _elementwise("Sub", fused=0),
    42: _elementwise("Div", fused=0),
    45: _Conversion.strided_slice,
    54: _elementwise("PRelu"),
    59: _elementwise("Neg"),
    74: lambda conversion, operator: conversion.reduce(operator, "ReduceSum"),
    75: _elementwise("Sqrt"),
    76: _elementwise("Sqrt", "Reciprocal"),
    99: _elementwise("Sub", "Mul"),
}
