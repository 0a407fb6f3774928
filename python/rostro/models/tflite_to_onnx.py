"""TensorFlow Lite -> ONNX, for the operators that face-mesh networks have.

What operators do is said by TensorFlow's reference kernels (``tensorflow/lite/kernels``). Weights
of float16 become float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rostro.errors import ModelError
from rostro.models.tflite_file import Operator, read_tflite
from rostro.models.tflite_graph import CHANNELS_SECOND, NotConvertedError, OnnxGraph

__all__ = ["tflite_to_onnx"]


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
        conversion = _Conversion(graph)
        inputs = [conversion.input(index) for index in graph.inputs]
        conversion.run()
        model = conversion.model(inputs)
    except NotConvertedError as error:
        raise ModelError(f"{where}: not converted to ONNX: {error}") from error
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


class _Conversion(OnnxGraph):
    """The operators, each of which adds what ONNX has for it."""

    def run(self) -> None:
        """Converts them all, in their order."""
        for number, operator in enumerate(self._graph.operators):
            name = f"operator {number}, of code {operator.code}"
            try:
                self._convert(operator)
            except NotConvertedError as error:
                raise NotConvertedError(f"{name}: {error}") from error
            except (ValueError, IndexError) as error:  # shapes that do not go together
                raise NotConvertedError(f"{name}, is malformed ({error})") from error

    def _convert(self, operator: Operator) -> None:
        convert = _OPERATORS.get(operator.code)
        if convert is None:
            raise NotConvertedError("an operator that is not known here")
        if not operator.inputs or len(operator.outputs) != 1:
            raise NotConvertedError("inputs and one output are wanted")
        convert(self, operator)

    def dequantize(self, operator: Operator) -> None:
        self._constants[operator.outputs[0]] = self.constant(operator, 0).astype(np.float32)

    def elementwise(self, operator: Operator, *steps: str, fused: int | None = None) -> None:
        """The first of ``steps`` takes the inputs, each other one what came before it."""
        computed = [i for i in operator.inputs if i not in self._constants]
        second = bool(computed) and all(
            self.computed(i).second and self.rank_of(i) == 4 for i in computed
        )
        names = [self.operand(i, second) for i in operator.inputs]
        value = self.add(steps[0], names, second)
        for step in steps[1:]:
            # Squares are products with itself.
            value = self.add(step, [value.name] * (2 if step == "Mul" else 1), second)
        self.finish(operator, value, fused)

    def convolution(self, operator: Operator, depthwise: bool) -> None:
        fused, dilation = (4, 5) if depthwise else (3, 4)
        weights = self.constant(operator, 1, np.float32)
        if weights.ndim != 4:
            raise NotConvertedError(f"weights of shape {weights.shape}")
        height, width = weights.shape[1:3]
        channels = self.shape_of(operator.inputs[0])[-1]
        if depthwise:
            if weights.shape[0] != 1 or weights.shape[3] % channels:
                raise NotConvertedError(f"weights of shape {weights.shape} for {channels} channels")
            weights = weights.transpose(3, 0, 1, 2)
        else:
            weights = weights.transpose(0, 3, 1, 2)
        strides = [operator.option(field, "i") for field in (2, 1)]
        dilations = [operator.option(dilation + field, "i", 1) for field in (1, 0)]
        pads = self._pads(operator, (height, width), strides, dilations)
        inputs = [self.image(operator), self.weight(weights)]
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            inputs.append(self.weight(self.constant(operator, 2, np.float32)))
        value = self.add(
            "Conv",
            inputs,
            second=True,
            kernel_shape=[height, width],
            strides=strides,
            dilations=dilations,
            pads=pads,
            group=channels if depthwise else 1,
        )
        self.finish(operator, value, fused)

    def max_pool(self, operator: Operator) -> None:
        strides = [operator.option(field, "i") for field in (2, 1)]
        window = [operator.option(field, "i") for field in (4, 3)]
        pads = self._pads(operator, window, strides, (1, 1))
        value = self.add(
            "MaxPool",
            [self.image(operator)],
            second=True,
            kernel_shape=window,
            strides=strides,
            pads=pads,
        )
        self.finish(operator, value, 5)

    def pad(self, operator: Operator) -> None:
        value = self.computed(operator.inputs[0])
        before_after = self.constant(operator, 1, np.int32).reshape(-1, 2)
        if len(before_after) != self.rank_of(operator.inputs[0]) or before_after.min() < 0:
            raise NotConvertedError(f"pads {before_after.tolist()}")
        order = CHANNELS_SECOND if value.second else range(len(before_after))
        pads = self.int64(before_after[list(order)].T.ravel().tolist())
        self.finish(operator, self.add("Pad", [value.name, pads], value.second))

    def concatenate(self, operator: Operator) -> None:
        names = [self.operand(index, False) for index in operator.inputs]
        self.finish(operator, self.add("Concat", names, axis=operator.option(0, "i")), 1)

    def reshape(self, operator: Operator) -> None:
        shape = self.constant(operator, 1, np.int32).ravel().tolist()
        name = self.operand(operator.inputs[0], False)
        self.finish(operator, self.add("Reshape", [name, self.int64(shape)]))

    def transpose(self, operator: Operator) -> None:
        order = self.constant(operator, 1, np.int32).tolist()
        name = self.operand(operator.inputs[0], False)
        self.finish(operator, self.add("Transpose", [name], perm=order))

    def reduce(self, operator: Operator, name: str) -> None:
        axes = self.constant(operator, 1, np.int32).ravel() % self.rank_of(operator.inputs[0])
        value = self.in_layout(self.computed(operator.inputs[0]), False)
        kept = operator.option(0, "b")
        self.finish(operator, self.add(name, [value.name], axes=axes.tolist(), keepdims=kept))

    def strided_slice(self, operator: Operator) -> None:
        begin, end, step = (self.constant(operator, i, np.int32) for i in (1, 2, 3))
        shape = self.shape_of(operator.inputs[0])
        from_start, to_end, ellipsis, new, dropped = (operator.option(i, "i") for i in range(5))
        if ellipsis or new or operator.option(5, "B") or not len(begin) == len(end) == len(step):
            raise NotConvertedError("an ellipsis, a new axis or an offset")
        if len(begin) > len(shape) or step.min() < 1 or begin.min() < 0 or end.min() < 0:
            raise NotConvertedError("steps or bounds below 0")
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
        value = self.in_layout(self.computed(operator.inputs[0]), False)
        if cuts:
            value = self.add("Slice", [value.name, *map(self.int64, zip(*cuts, strict=True))])
        if squeezed:
            value = self.add("Squeeze", [value.name], axes=squeezed)
        self.finish(operator, value)

    def _pads(
        self,
        operator: Operator,
        window: Sequence[int],
        strides: Sequence[int],
        dilations: Sequence[int],
    ) -> list[int]:
        """Begin and end of each side: what SAME, 0, adds for an output of size / stride."""
        if min(*window, *strides, *dilations) < 1:
            raise NotConvertedError("a window, a stride or a dilation below 1")
        if operator.option(0, "b") == 1:
            return [0, 0, 0, 0]
        begin, end = [], []
        sides = self.shape_of(operator.inputs[0])[1:3]
        for side, size, stride, dilation in zip(sides, window, strides, dilations, strict=True):
            reach = (-(-side // stride) - 1) * stride + (size - 1) * dilation + 1
            missing = max(reach - side, 0)
            begin.append(missing // 2)
            end.append(missing - missing // 2)
        return begin + end


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
