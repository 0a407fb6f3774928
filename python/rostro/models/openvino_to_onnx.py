"""OpenVINO's intermediate representation -> ONNX, for the operators that networks for faces have.

What operators do is said by OpenVINO's "Operation Sets" document. Weights of float16 become
float32, and what is done to constants alone, once, is done here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.models.integrity import open_model_file
from rostro.models.openvino_file import IrError, Layer, read_ir

if TYPE_CHECKING:
    import onnx

__all__ = ["openvino_to_onnx"]

# The last set of operators with axes as attributes: pnnx loses those of a sum that are an input.
_OPSET, _IR = 12, 7
_LARGEST = 1 << 29

_Value = str | NDArray[Any]
"""What a layer gives: the name of a tensor in the ONNX graph, or a constant."""


def openvino_to_onnx(xml: Path, weights: Path | None = None) -> bytes:
    """The ONNX model of an OpenVINO network. Names of inputs and outputs are kept.

    Args:
        xml: the file of layers.
        weights: that of constants; by default the .bin beside it.

    Raises:
        FileMissingError: one of the files is missing.
        ModelError: they are damaged, or have an operator or an option that is not converted.
    """
    import onnx

    weights = xml.with_suffix(".bin") if weights is None else weights
    data = [_content(path) for path in (xml, weights)]
    try:
        conversion = _Conversion()
        for layer in read_ir(*data):
            conversion.add_layer(layer)
        model = conversion.model()
        onnx.checker.check_model(model, full_check=True)
    except (
        IrError,
        onnx.checker.ValidationError,
        onnx.shape_inference.InferenceError,
    ) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{xml}: not converted to ONNX: {reason}") from error
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


def _content(path: Path) -> bytes:
    with open_model_file(path) as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ModelError(f"{path}: got more than {_LARGEST} bytes")
    return data


class _Conversion:
    """The ONNX graph while it is made, layer by layer."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], _Value] = {}
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

    def add_layer(self, layer: Layer) -> None:
        """Adds what ONNX has for a layer."""
        convert = _OPERATORS.get(layer.kind)
        if convert is None:
            raise IrError(f"{layer}: an operator that is not known here")
        try:
            given = [self._values[source.id, port] for source, port in layer.sources]
            made = convert(self, layer, *given)
        except KeyError as error:
            raise IrError(f"{layer}: takes an output that is not made here") from error
        except IrError:
            raise
        except (ValueError, TypeError, IndexError) as error:  # parts that do not go together
            raise IrError(f"{layer}: is malformed ({error})") from error
        if made is not None:
            # The second output of MaxPool, where the largest were, nobody takes.
            self._values[layer.id, _first_port(layer)] = made

    def node(self, kind: str, inputs: Sequence[_Value], **options: Any) -> str:
        """A node; the name of what it gives."""
        from onnx import helper

        name = f"rostro_{len(self._nodes)}"
        names = [self._named(value) for value in inputs]
        self._nodes.append(helper.make_node(kind, names, [name], **options))
        return name

    def _named(self, value: _Value) -> str:
        from onnx import numpy_helper

        if isinstance(value, str):
            return value
        name = f"rostro_weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def parameter(self, layer: Layer) -> _Value:
        from onnx import TensorProto, helper

        if layer.options.get("element_type") not in ("f32", "f16"):
            raise IrError(f"{layer}: got an input that is not of f32 or f16")
        shape = [side if side > 0 else None for side in layer.whole_numbers("shape")]
        name = _tensor_name(layer, _first_port(layer))
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def result(self, layer: Layer, value: _Value) -> None:
        from onnx import TensorProto, helper

        ((source, port),) = layer.sources
        name = _tensor_name(source, port)
        shape = [side if side > 0 else None for side in source.outputs[port].shape]
        self._nodes.append(helper.make_node("Identity", [self._named(value)], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, layer: Layer) -> _Value:
        assert layer.constant is not None  # as `read_ir` promises
        kind = np.float32 if layer.constant.dtype.kind == "f" else np.int64
        return layer.constant.astype(kind)

    def convert(self, layer: Layer, value: _Value) -> _Value:
        if layer.options.get("destination_type") not in ("f32", "f16"):
            raise IrError(f"{layer}: a conversion to other types than f32 and f16")
        return value.astype(np.float32) if isinstance(value, np.ndarray) else value

    def convolution(self, layer: Layer, image: _Value, weights: _Value) -> _Value:
        if isinstance(weights, str):
            raise IrError(f"{layer}: its weights are computed; constants are wanted")
        groups = 1
        if layer.kind == "GroupConvolution":
            groups = len(weights)
            weights = weights.reshape(-1, *weights.shape[2:])
        window = weights.shape[2:]
        strides = layer.whole_numbers("strides")
        dilations = layer.whole_numbers("dilations")
        pads = _pads(layer, window, strides, dilations)
        return self.node(
            "Conv",
            [image, weights],
            kernel_shape=window,
            strides=strides,
            dilations=dilations,
            group=groups,
            **pads,
        )

    def pool(self, layer: Layer, image: _Value) -> _Value:
        window, strides = layer.whole_numbers("kernel"), layer.whole_numbers("strides")
        dilations = layer.whole_numbers("dilations", ",".join("1" for _ in window))
        options: dict[str, Any] = _pads(layer, window, strides, dilations)
        average = layer.kind == "AvgPool"
        if average and window == _shape(layer)[2:] and not any(options.get("pads", ())):
            return self.node("GlobalAveragePool", [image])
        rounding = layer.options.get("rounding_type", "floor")
        if rounding not in ("floor", "ceil"):
            raise IrError(f"{layer}: got rounding_type {rounding[:80]!r}; floor or ceil is wanted")
        options |= {"kernel_shape": window, "strides": strides, "ceil_mode": rounding == "ceil"}
        if average:
            options["count_include_pad"] = not layer.flag("exclude-pad", True)
        elif max(dilations) > 1:
            options["dilations"] = dilations
        return self.node("AveragePool" if average else "MaxPool", [image], **options)

    def elementwise(self, layer: Layer, kind: str, *values: _Value, **options: Any) -> _Value:
        if layer.options.get("auto_broadcast", "numpy") not in ("numpy", "none"):
            raise IrError(f"{layer}: got another auto_broadcast than numpy and none")
        return self.node(kind, values, **options)

    def clamp(self, layer: Layer, value: _Value) -> _Value:
        limits = [np.array(_number(layer, end), np.float32) for end in ("min", "max")]
        return self.node("Clip", [value, *limits])

    def prelu(self, layer: Layer, value: _Value, slopes: _Value) -> _Value:
        # One slope a channel, the second side, in OpenVINO; ONNX would lay them along the last.
        if isinstance(slopes, np.ndarray) and slopes.ndim == 1:
            slopes = slopes.reshape(-1, *(1 for _ in _shape(layer)[2:]))
        return self.node("PRelu", [value, slopes])

    def hswish(self, layer: Layer, value: _Value) -> _Value:
        # The product of x and of x + 3 clipped to 0-6, by 6.
        moved = self.node("Add", [value, np.array(3, np.float32)])
        limits = [np.array(end, np.float32) for end in (0, 6)]
        share = self.node("Mul", [self.node("Clip", [moved, *limits]), np.array(1 / 6, np.float32)])
        return self.node("Mul", [value, share])

    def softmax(self, layer: Layer, value: _Value) -> _Value:
        rank = len(_shape(layer))
        axis = layer.whole_numbers("axis", "1")[0] % rank
        # This ONNX takes it over all sides from its axis on: so the last one, and back.
        order = list(range(rank))
        order[axis], order[-1] = order[-1], order[axis]
        made = self.node("Softmax", [self._turned(value, order)], axis=rank - 1)
        return self._turned(made, order)

    def matmul(self, layer: Layer, *values: _Value) -> _Value:
        factors = []
        for value, side, shape in zip(values, "ab", _shapes(layer), strict=True):
            if layer.flag(f"transpose_{side}", False) and len(shape) > 1:
                order = [*range(len(shape) - 2), len(shape) - 1, len(shape) - 2]
                value = self._turned(value, order)
            factors.append(value)
        return self.node("MatMul", factors)

    def transpose(self, layer: Layer, value: _Value, order: _Value) -> _Value:
        return self._turned(value, _numbers(layer, order))

    def _turned(self, value: _Value, order: list[int]) -> _Value:
        if order == sorted(order):
            return value
        if isinstance(value, np.ndarray):
            return value.transpose(order)
        return self.node("Transpose", [value], perm=order)

    def reshape(self, layer: Layer, value: _Value, shape: _Value) -> _Value:
        sides = _numbers(layer, shape)
        if 0 in sides and not layer.flag("special_zero", False):
            raise IrError(f"{layer}: got shape {sides}; sides of 1 or more are wanted")
        if isinstance(value, np.ndarray):
            kept = [side or value.shape[i] for i, side in enumerate(sides)]
            return value.reshape(kept)
        return self.node("Reshape", [value, np.array(sides, np.int64)])

    def sides(self, layer: Layer, value: _Value, axes: _Value) -> _Value:
        """Squeeze and Unsqueeze."""
        places = _numbers(layer, axes)
        if isinstance(value, np.ndarray):
            change = np.squeeze if layer.kind == "Squeeze" else np.expand_dims
            return change(value, tuple(places))
        return self.node(layer.kind, [value], axes=places)

    def concatenate(self, layer: Layer, *values: _Value) -> _Value:
        return self.node("Concat", values, axis=layer.whole_numbers("axis")[0])

    def reduce(self, layer: Layer, value: _Value, axes: _Value) -> _Value:
        kept = layer.flag("keep_dims", False)
        return self.node(layer.kind, [value], axes=_numbers(layer, axes), keepdims=int(kept))


def _tensor_name(layer: Layer, port: str) -> str:
    """The name that users know: that of the port, or of the layer where it has none."""
    return layer.outputs[port].names.split(",")[0] or layer.name


def _first_port(layer: Layer) -> str:
    if not layer.outputs:
        raise IrError(f"{layer}: has no output")
    return next(iter(layer.outputs))


def _shapes(layer: Layer) -> list[list[int]]:
    return [port.shape for port in layer.inputs.values()]


def _shape(layer: Layer) -> list[int]:
    """The shape of the first input."""
    shape = _shapes(layer)[0]
    if not shape:
        raise IrError(f"{layer}: its input has no sides")
    return shape


def _numbers(layer: Layer, value: _Value) -> list[int]:
    """An input that says sides or their order."""
    if isinstance(value, str) or value.dtype.kind != "i" or value.size > 8:
        raise IrError(f"{layer}: got an input that is no constant of a few whole numbers")
    return [int(number) for number in value.ravel()]


def _number(layer: Layer, option: str) -> float:
    number = float(layer.options.get(option, "nan"))
    if math.isnan(number):
        raise IrError(f"{layer}: has no {option}")
    return number


def _pads(
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


def _as(kind: str) -> Callable[..., _Value]:
    return lambda conversion, layer, *values: conversion.elementwise(layer, kind, *values)


_OPERATORS: dict[str, Callable[..., _Value | None]] = {
    "Parameter": _Conversion.parameter,
    "Const": _Conversion.constant,
    "Result": _Conversion.result,
    "Convert": _Conversion.convert,
    "Convolution": _Conversion.convolution,
    "GroupConvolution": _Conversion.convolution,
    "MaxPool": _Conversion.pool,
    "AvgPool": _Conversion.pool,
    "Add": _as("Add"),
    "Subtract": _as("Sub"),
    "Multiply": _as("Mul"),
    "Divide": _as("Div"),
    "Maximum": _as("Max"),
    "Minimum": _as("Min"),
    "Power": _as("Pow"),
    "Sqrt": _as("Sqrt"),
    "Exp": _as("Exp"),
    "Abs": _as("Abs"),
    "Negative": _as("Neg"),
    "ReLU": _as("Relu"),
    "Sigmoid": _as("Sigmoid"),
    "Tanh": _as("Tanh"),
    "Clamp": _Conversion.clamp,
    "PReLU": _Conversion.prelu,
    "Elu": lambda conversion, layer, value: conversion.elementwise(
        layer, "Elu", value, alpha=_number(layer, "alpha")
    ),
    "HSwish": _Conversion.hswish,
    "SoftMax": _Conversion.softmax,
    "MatMul": _Conversion.matmul,
    "Transpose": _Conversion.transpose,
    "Reshape": _Conversion.reshape,
    "Squeeze": _Conversion.sides,
    "Unsqueeze": _Conversion.sides,
    "Concat": _Conversion.concatenate,
    "ReduceMean": _Conversion.reduce,
    "ReduceSum": _Conversion.reduce,
    "ReduceMax": _Conversion.reduce,
    "ReduceMin": _Conversion.reduce,
}
