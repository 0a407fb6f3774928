"""OpenVINO's intermediate representation -> ONNX, for the operators that networks for faces have.

What operators do is said by OpenVINO's "Operation Sets" document. Weights of float16 become
float32, and what is done to constants alone, once, is done here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rostro.errors import ModelError
from rostro.models.integrity import open_model_file
from rostro.models.openvino_file import IrError, Layer, read_ir
from rostro.models.openvino_graph import (
    OnnxGraph,
    Value,
    first_port,
    number_of,
    numbers,
    pads_of,
    shape_of,
    shapes_of,
)

__all__ = ["openvino_to_onnx"]

_LARGEST = 1 << 29


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


class _Conversion(OnnxGraph):
    """The operators, each of which adds what ONNX has for it."""

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
            self._values[layer.id, first_port(layer)] = made

    def constant(self, layer: Layer) -> Value:
        assert layer.constant is not None  # as `read_ir` promises
        kind = np.float32 if layer.constant.dtype.kind == "f" else np.int64
        return layer.constant.astype(kind)

    def convert(self, layer: Layer, value: Value) -> Value:
        if layer.options.get("destination_type") not in ("f32", "f16"):
            raise IrError(f"{layer}: a conversion to other types than f32 and f16")
        return value.astype(np.float32) if isinstance(value, np.ndarray) else value

    def convolution(self, layer: Layer, image: Value, weights: Value) -> Value:
        if isinstance(weights, str):
            raise IrError(f"{layer}: its weights are computed; constants are wanted")
        groups = 1
        if layer.kind == "GroupConvolution":
            groups = len(weights)
            weights = weights.reshape(-1, *weights.shape[2:])
        window = weights.shape[2:]
        strides = layer.whole_numbers("strides")
        dilations = layer.whole_numbers("dilations")
        return self.node(
            "Conv",
            [image, weights],
            kernel_shape=window,
            strides=strides,
            dilations=dilations,
            group=groups,
            **pads_of(layer, window, strides, dilations),
        )

    def pool(self, layer: Layer, image: Value) -> Value:
        window, strides = layer.whole_numbers("kernel"), layer.whole_numbers("strides")
        dilations = layer.whole_numbers("dilations", ",".join("1" for _ in window))
        options: dict[str, Any] = pads_of(layer, window, strides, dilations)
        average = layer.kind == "AvgPool"
        if average and window == shape_of(layer)[2:] and not any(options.get("pads", ())):
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

    def elementwise(self, layer: Layer, kind: str, *values: Value, **options: Any) -> Value:
        if layer.options.get("auto_broadcast", "numpy") not in ("numpy", "none"):
            raise IrError(f"{layer}: got another auto_broadcast than numpy and none")
        return self.node(kind, values, **options)

    def clamp(self, layer: Layer, value: Value) -> Value:
        limits = [np.array(number_of(layer, end), np.float32) for end in ("min", "max")]
        return self.node("Clip", [value, *limits])

    def prelu(self, layer: Layer, value: Value, slopes: Value) -> Value:
        # One slope a channel, the second side, in OpenVINO; ONNX would lay them along the last.
        if isinstance(slopes, np.ndarray) and slopes.ndim == 1:
            slopes = slopes.reshape(-1, *(1 for _ in shape_of(layer)[2:]))
        return self.node("PRelu", [value, slopes])

    def hswish(self, layer: Layer, value: Value) -> Value:
        # The product of x and of x + 3 clipped to 0-6, by 6.
        moved = self.node("Add", [value, np.array(3, np.float32)])
        limits = [np.array(end, np.float32) for end in (0, 6)]
        share = self.node("Mul", [self.node("Clip", [moved, *limits]), np.array(1 / 6, np.float32)])
        return self.node("Mul", [value, share])

    def softmax(self, layer: Layer, value: Value) -> Value:
        rank = len(shape_of(layer))
        axis = layer.whole_numbers("axis", "1")[0] % rank
        # This ONNX takes it over all sides from its axis on: so the last one, and back.
        order = list(range(rank))
        order[axis], order[-1] = order[-1], order[axis]
        made = self.node("Softmax", [self._turned(value, order)], axis=rank - 1)
        return self._turned(made, order)

    def matmul(self, layer: Layer, *values: Value) -> Value:
        factors = []
        for value, side, shape in zip(values, "ab", shapes_of(layer), strict=True):
            if layer.flag(f"transpose_{side}", False) and len(shape) > 1:
                order = [*range(len(shape) - 2), len(shape) - 1, len(shape) - 2]
                value = self._turned(value, order)
            factors.append(value)
        return self.node("MatMul", factors)

    def transpose(self, layer: Layer, value: Value, order: Value) -> Value:
        return self._turned(value, numbers(layer, order))

    def _turned(self, value: Value, order: list[int]) -> Value:
        if order == sorted(order):
            return value
        if isinstance(value, np.ndarray):
            return value.transpose(order)
        return self.node("Transpose", [value], perm=order)

    def reshape(self, layer: Layer, value: Value, shape: Value) -> Value:
        sides = numbers(layer, shape)
        if 0 in sides and not layer.flag("special_zero", False):
            raise IrError(f"{layer}: got shape {sides}; sides of 1 or more are wanted")
        if isinstance(value, np.ndarray):
            kept = [side or value.shape[i] for i, side in enumerate(sides)]
            return value.reshape(kept)
        return self.node("Reshape", [value, np.array(sides, np.int64)])

    def sides(self, layer: Layer, value: Value, axes: Value) -> Value:
        """Squeeze and Unsqueeze."""
        places = numbers(layer, axes)
        if isinstance(value, np.ndarray):
            change = np.squeeze if layer.kind == "Squeeze" else np.expand_dims
            return change(value, tuple(places))
        return self.node(layer.kind, [value], axes=places)

    def concatenate(self, layer: Layer, *values: Value) -> Value:
        return self.node("Concat", values, axis=layer.whole_numbers("axis")[0])

    def reduce(self, layer: Layer, value: Value, axes: Value) -> Value:
        kept = layer.flag("keep_dims", False)
        return self.node(layer.kind, [value], axes=numbers(layer, axes), keepdims=int(kept))


def _as(kind: str) -> Callable[..., Value]:
    return lambda conversion, layer, *values: conversion.elementwise(layer, kind, *values)


_OPERATORS: dict[str, Callable[..., Value | None]] = {
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
        layer, "Elu", value, alpha=number_of(layer, "alpha")
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
