"""ncnn's int8 format: convolutions and inner products with int8 weights and known input ranges.

A value is ``round(v * scale)`` in -127..127: one scale for the weights of each output channel, one
for the layer's input. Where one int8 layer feeds only others, directly or through a Split, it hands
them int8 (ncnn's "requantise"); elsewhere it gives float32.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from rostro.quantization.ncnn_network import ACTIVATION, INT8_TERM, Layer, NcnnNetwork
from rostro.types import FloatArray

__all__ = ["fold_batch_norm", "quantizable", "quantize"]

_LARGEST = 127
# Each layer can switch off ways of ncnn to compute it. Of an int8 convolution the Winograd form is
# slower than the plain one where the CPU has int8 dot products, and its sums overflow unless the
# weights have 6 bits.
_SWITCHED_OFF = 31
_WINOGRAD = 1 << 6
# The int8 term of each type says how many scales there are: one for each output channel, or group.
_TERM = {"Convolution": 2, "ConvolutionDepthWise": 1, "InnerProduct": 2}
_REQUANTISED = 100
_BIAS_KEY = {"Convolution": 5, "ConvolutionDepthWise": 5, "InnerProduct": 1}


def quantizable(network: NcnnNetwork) -> list[Layer]:
    """The layers that int8 is there for, in the order of the network."""
    return [layer for layer in network.layers if layer.type in _TERM]


def fold_batch_norm(network: NcnnNetwork) -> NcnnNetwork:
    """The same network with each BatchNorm that follows a convolution alone made part of it."""
    folded: dict[str, Layer] = {}
    gone = set()
    for layer in quantizable(network):
        readers = network.consumers(layer.outputs[0])
        if [reader.type for reader in readers] != ["BatchNorm"] or ACTIVATION in layer.params:
            continue
        norm = readers[0]
        slope, mean, variance, shift = norm.weights.values()
        gain = slope / np.sqrt(variance + np.float32(norm.params.get(1, "0")))
        bias = layer.weights.get("bias", np.float32(0))
        weight = (_rows(layer, "weight", len(gain)) * gain[:, np.newaxis]).ravel()
        folded[layer.name] = replace(
            layer,
            outputs=norm.outputs,
            params={**layer.params, _BIAS_KEY[layer.type]: "1"},
            weights={"weight": weight, "bias": (bias - mean) * gain + shift},
        )
        gone.add(norm.name)
    layers = [folded.get(layer.name, layer) for layer in network.layers if layer.name not in gone]
    return NcnnNetwork(layers)


def quantize(
    network: NcnnNetwork, input_limits: Mapping[str, float], names: Collection[str]
) -> NcnnNetwork:
    """The network with the layers of these names in int8.

    Args:
        network: a float network.
        input_limits: for each of them, the largest absolute value of its input that int8 can tell.
        names: of `quantizable` layers.
    """
    layers = [
        _quantize(layer, input_limits[layer.name]) if layer.name in names else layer
        for layer in network.layers
    ]
    made = NcnnNetwork(layers)
    for layer in layers:
        if layer.name in names and layer.type != "InnerProduct":
            followers = _followers(made, layer.outputs[0])
            limits = {input_limits.get(f.name) for f in followers if INT8_TERM in f.params}
            if len(limits) == 1 and all(
                INT8_TERM in f.params and f.type != "InnerProduct" for f in followers
            ):
                layer.params[INT8_TERM] = str(layer.get(INT8_TERM) + _REQUANTISED)
                layer.weights["output_scale"] = followers[0].weights["input_scale"]
    return made


def _quantize(layer: Layer, limit: float) -> Layer:
    rows = _rows(layer, "weight", layer.get(7, 1) if _TERM[layer.type] == 1 else layer.get(0))
    largest = np.abs(rows).max(axis=1)
    scales = np.where(largest > 0, _LARGEST / np.maximum(largest, 1e-30), 1).astype(np.float32)
    codes = np.rint(rows * scales[:, np.newaxis]).clip(-_LARGEST, _LARGEST).astype(np.int8)
    weights = {
        **layer.weights,
        "weight": codes.ravel(),
        "weight_scales": scales,
        "input_scale": np.array([_LARGEST / limit if limit > 0 else 1], np.float32),
    }
    params = {**layer.params, INT8_TERM: str(_TERM[layer.type])}
    if layer.type == "Convolution":
        params[_SWITCHED_OFF] = str(layer.get(_SWITCHED_OFF) | _WINOGRAD)
    return replace(layer, params=params, weights=weights)


def _rows(layer: Layer, name: str, count: int) -> FloatArray:
    array: FloatArray = layer.weights[name].reshape(count, -1).astype(np.float32)
    return array


def _followers(network: NcnnNetwork, blob: str) -> list[Layer]:
    found = []
    for layer in network.consumers(blob):
        if layer.type == "Split":
            for output in layer.outputs:
                found += _followers(network, output) or [layer]
        else:
            found.append(layer)
    return found
