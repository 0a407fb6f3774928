"""An ONNX graph that is made of a TensorFlow Lite one, value by value.

TensorFlow Lite keeps images as (N, H, W, C), ONNX's convolutions take (N, C, H, W). A value is kept
in the layout in which it was computed, and turned only for an operator that needs the other one: of
a convolutional network nothing is turned at all. Inputs and outputs of four sides are (N, C, H, W),
as everywhere in rostro.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro.models.tflite_file import Graph, Operator

if TYPE_CHECKING:
    import onnx

__all__ = ["CHANNELS_SECOND", "NotConvertedError", "OnnxGraph", "Value"]

# The last set of operators with axes as attributes: pnnx loses those of a sum that are an input.
_OPSET, _IR = 12, 7
CHANNELS_SECOND = (0, 3, 1, 2)
"""The order of sides that makes (N, C, H, W) of (N, H, W, C)."""
_CHANNELS_LAST = (0, 2, 3, 1)


class Value(NamedTuple):
    """What was computed: its name in the ONNX graph, and whether its channels are second."""

    name: str
    second: bool


class NotConvertedError(Exception):
    """The network has what is not converted."""


class OnnxGraph:
    """The graph while it is made; operators of the other one add to it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._values: dict[int, Value] = {}
        self._constants = {
            index: tensor.constant
            for index, tensor in enumerate(graph.tensors)
            if tensor.constant is not None
        }

    def model(self, inputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """The whole model, once every operator is there."""
        from onnx import helper

        outputs = [self._output(index) for index in self._graph.outputs]
        made = helper.make_graph(self._nodes, "tflite", inputs, outputs, self._weights)
        return helper.make_model(
            made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )

    def input(self, index: int) -> onnx.ValueInfoProto:
        """An input of the graph; one of fewer than four sides gets sides of 1 in front."""
        tensor = self._graph.tensors[index]
        shape = tensor.shape
        if len(shape) > 4:
            raise NotConvertedError(f"input {tensor.name} has {len(shape)} sides; 4 are the most")
        if len(shape) == 4:
            self._values[index] = Value(tensor.name, True)
            return _info(tensor.name, tuple(shape[side] for side in CHANNELS_SECOND))
        whole = (1,) * (4 - len(shape)) + shape
        self._values[index] = self.add("Reshape", [tensor.name, self.int64(shape)])
        return _info(tensor.name, whole)

    def _output(self, index: int) -> onnx.ValueInfoProto:
        tensor = self._graph.tensors[index]
        value = self._values.get(index)
        if value is None:
            raise NotConvertedError(f"output {tensor.name} is not computed")
        second = len(tensor.shape) == 4
        self._node("Identity", [self.in_layout(value, second).name], tensor.name)
        shape = tuple(tensor.shape[side] for side in CHANNELS_SECOND) if second else tensor.shape
        return _info(tensor.name, shape)

    def finish(self, operator: Operator, value: Value, fused: int | None = None) -> None:
        """What an operator gives, after the activation that its option ``fused`` names."""
        activation = 0 if fused is None else operator.option(fused, "b")
        if activation not in (0, 1):
            raise NotConvertedError(f"a fused activation {activation}; only 1, ReLU, is known")
        if activation == 1:
            value = self.add("Relu", [value.name], value.second)
        self._values[operator.outputs[0]] = value

    def constant(
        self, operator: Operator, place: int, kind: type[np.generic] | None = None
    ) -> NDArray[Any]:
        """An input of an operator that is a constant, in the layout of the file."""
        index = operator.inputs[place] if place < len(operator.inputs) else -1
        array = self._constants.get(index)
        if array is None or (kind is not None and array.dtype != kind):
            raise NotConvertedError(f"its input {place} is no constant of the type that is wanted")
        return array

    def computed(self, index: int) -> Value:
        """A tensor that was computed before."""
        value = self._values.get(index)
        if value is None:
            raise NotConvertedError(f"its input, tensor {index}, is not computed before it")
        return value

    def shape_of(self, index: int) -> tuple[int, ...]:
        """The shape of a tensor, with its channels last."""
        return self._graph.tensors[index].shape

    def rank_of(self, index: int) -> int:
        """How many sides it has."""
        return len(self.shape_of(index))

    def image(self, operator: Operator) -> str:
        """The name of an operator's first input, an image with its channels second."""
        index = operator.inputs[0]
        if self.rank_of(index) != 4:
            raise NotConvertedError(f"an input of {self.rank_of(index)} sides; 4 are wanted")
        return self.in_layout(self.computed(index), True).name

    def operand(self, index: int, second: bool) -> str:
        """An input, computed or constant, in the layout that is wanted."""
        array = self._constants.get(index)
        if array is None:
            return self.in_layout(self.computed(index), second).name
        if second:
            array = array.reshape((1,) * (4 - array.ndim) + array.shape).transpose(CHANNELS_SECOND)
            array = array[0] if array.shape[0] == 1 else array
        return self.weight(array)

    def in_layout(self, value: Value, second: bool) -> Value:
        """The value, turned where it is in the other layout."""
        if value.second == second:
            return value
        return self.add(
            "Transpose", [value.name], second, perm=CHANNELS_SECOND if second else _CHANNELS_LAST
        )

    def add(self, kind: str, inputs: list[str], second: bool = False, **options: Any) -> Value:
        """A node of the kind, and what it gives."""
        name = f"rostro_{len(self._nodes)}"
        self._node(kind, inputs, name, **options)
        return Value(name, second)

    def _node(self, kind: str, inputs: list[str], output: str, **options: Any) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [output], **options))

    def weight(self, array: NDArray[Any]) -> str:
        """The name of a constant."""
        from onnx import numpy_helper

        name = f"rostro_weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def int64(self, numbers: Sequence[int]) -> str:
        """The name of a constant of whole numbers."""
        return self.weight(np.array(numbers, np.int64))


def _info(name: str, shape: Sequence[int]) -> onnx.ValueInfoProto:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
