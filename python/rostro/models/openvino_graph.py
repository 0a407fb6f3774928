"""An ONNX graph that is made of OpenVINO's layers, and what these say of themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rostro.models.openvino_file import IrError, Layer

if TYPE_CHECKING:
    import onnx

__all__ = [
    "OnnxGraph",
    "Value",
    "first_port",
    "number_of",
    "numbers",
    "pads_of",
    "shape_of",
    "shapes_of",
]

# The last set of operators with axes as attributes: pnnx loses those of a sum that are an input.
_OPSET, _IR = 12, 7

Value = str | NDArray[Any]
"""What a layer gives: the name of a tensor in the ONNX graph, or a constant."""


class OnnxGraph:
    """The ONNX graph while it is made; layers add to it."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], Value] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def model(self) -> onnx.ModelProto:
        """The whole model, once every layer is there."""
        from onnx import helper

        if not self._inputs or not self._outputs:
            raise IrError("a network without inputs, or without outputs")
        graph = helper.make_graph(
            self._nodes, "openvino", self._inputs, self._outputs, self._weights
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )

    def node(self, kind: str, inputs: Sequence[Value], **options: Any) -> str:
        """A node; the name of what it gives."""
        from onnx import helper

        name = f"rostro_{len(self._nodes)}"
        names = [self._named(value) for value in inputs]
        self._nodes.append(helper.make_node(kind, names, [name], **options))
        return name

    def _named(self, value: Value) -> str:
        from onnx import numpy_helper

        if isinstance(value, str):
            return value
        name = f"rostro_weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def parameter(self, layer: Layer) -> Value:
        """An input of the network."""
        from onnx import TensorProto, helper

        if layer.options.get("element_type") not in ("f32", "f16"):
            raise IrError(f"{layer}: got an input that is not of f32 or f16")
        shape = [side if side > 0 else None for side in layer.whole_numbers("shape")]
        name = _tensor_name(layer, first_port(layer))
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def result(self, layer: Layer, value: Value) -> None:
        """An output of the network."""
        from onnx import TensorProto, helper

        ((source, port),) = layer.sources
        name = _tensor_name(source, port)
        shape = [side if side > 0 else None for side in source.outputs[port].shape]
        self._nodes.append(helper.make_node("Identity", [self._named(value)], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def _tensor_name(layer: Layer, port: str) -> str:
    """The name that users know: that of the port, or of the layer where it has none."""
    return layer.outputs[port].names.split(",")[0] or layer.name


def first_port(layer: Layer) -> str:
    """The id of the first output."""
    if not layer.outputs:
        raise IrError(f"{layer}: has no output")
    return next(iter(layer.outputs))


def shapes_of(layer: Layer) -> list[list[int]]:
    """The shapes of the inputs."""
    return [port.shape for port in layer.inputs.values()]


def shape_of(layer: Layer) -> list[int]:
    """The shape of the first input."""
    shape = shapes_of(layer)[0]
    if not shape:
        raise IrError(f"{layer}: its input has no sides")
    return shape


def numbers(layer: Layer, value: Value) -> list[int]:
    """An input that says sides or their order."""
    if isinstance(value, str) or value.dtype.kind != "i" or value.size > 8:
        raise IrError(f"{layer}: got an input that is no constant of a few whole numbers")
    return [int(number) for number in value.ravel()]


def number_of(layer: Layer, option: str) -> float:
    """An option that is a number."""
    number = float(layer.options.get(option, "nan"))
    if math.isnan(number):
        raise IrError(f"{layer}: has no {option}")
    return number


def pads_of(
    layer: Layer, window: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> dict[str, Any]:
    """ONNX's options for what a layer adds at the borders."""
    if not len(window) == len(strides) == len(dilations) or min(*strides, *dilations, *window) < 1:
        raise IrError(f"{layer}: its window, strides and dilations do not go together")
    auto = layer.options.get("auto_pad", "explicit")
    if auto in ("same_upper", "same_lower", "valid"):
        return {"auto_pad": auto.upper()}
    if auto not in ("explicit", "notset"):
        raise IrError(f"{layer}: got auto_pad {auto[:80]!r}, which is not known here")
    begin, end = layer.whole_numbers("pads_begin"), layer.whole_numbers("pads_end")
    if not len(begin) == len(end) == len(window) or min(*begin, *end) < 0:
        raise IrError(f"{layer}: got pads {begin} and {end}")
    return {"pads": begin + end}
