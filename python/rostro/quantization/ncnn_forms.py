"""ncnn networks in int8, calibrated by ncnn itself, and with weights stored as float16."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from rostro.engines import NetworkFiles
from rostro.engines.openmp import import_ncnn
from rostro.errors import EngineError, ModelError
from rostro.quantization import Method
from rostro.quantization.ncnn_int8 import fold_batch_norm, quantizable, quantize
from rostro.quantization.ncnn_network import NcnnNetwork, read_network
from rostro.quantization.network import LayerFacts
from rostro.quantization.ranges import KnownRanges, Ranges, Spans
from rostro.support.files import replacing
from rostro.support.temporary import temporary_folder
from rostro.types import FloatArray

__all__ = ["NcnnFloat16", "NcnnInt8"]


class NcnnInt8:
    """Makes int8 forms of an ncnn network; see `rostro.quantization.network.Quantizer`.

    What stays in float is stored as float16, as ncnn's own tool does.

    Args:
        ranges: how they are to be learnt; or known ones, then nothing is to be calibrated.

    Raises:
        FileMissingError, ModelError: not such files, or a layer that is not known.
    """

    def __init__(self, param: Path, weights: Path, ranges: Method | KnownRanges) -> None:
        self._network = fold_batch_norm(read_network(param, weights))
        self._param = param
        self._learnt = Ranges(ranges) if isinstance(ranges, str) else None
        self._spans: Spans = self._learnt or cast(KnownRanges, ranges)
        self._layers = quantizable(self._network)
        if not self._layers:
            raise ModelError(f"{param}: int8 is there for none of its layers")
        self.names = tuple(layer.name for layer in self._layers)
        self.layers: tuple[LayerFacts, ...] = ()

    def calibrate(self, tensors: Iterable[FloatArray]) -> None:
        if self._learnt is None:
            raise ValueError("its ranges are known")
        net = self._float_net()
        blobs = [layer.inputs[0] for layer in self._layers]
        outputs = [layer.outputs[0] for layer in self._layers]
        sizes: dict[str, int] = {}
        for tensor in tensors:
            for image in tensor:
                if not sizes:
                    sizes = {name: array.size for name, array in _extract(net, image, outputs)}
                self._learnt.add(dict(_extract(net, image, blobs)))
        self.layers = tuple(self._facts(sizes))

    def build(self, names: Collection[str], folder: Path) -> NetworkFiles:
        limits = {layer.name: self._spans.limit(layer.inputs[0]) for layer in self._layers}
        return _write(with_float16(quantize(self._network, limits, names)), folder)

    def spans(self) -> dict[str, tuple[float, float]]:
        """The range of every layer's input."""
        return {layer.inputs[0]: self._spans[layer.inputs[0]] for layer in self._layers}

    def _float_net(self) -> Any:
        net = import_ncnn().Net()
        net.opt.num_threads = 1
        net.opt.lightmode = False  # keeps every blob until it is asked for
        net.opt.use_fp16_packed = False
        net.opt.use_fp16_storage = False
        net.opt.use_fp16_arithmetic = False
        with temporary_folder() as folder:
            files = _write(self._network, folder)
            if net.load_param(str(files.param)) != 0 or net.load_model(str(files.bin)) != 0:
                raise EngineError(f"ncnn cannot load {self._param}")
        return net

    def _facts(self, sizes: dict[str, int]) -> Iterator[LayerFacts]:
        names = {layer.name for layer in self._layers}

        def leads_on(blob: str) -> bool:
            return any(
                layer.name in names or any(leads_on(output) for output in layer.outputs)
                for layer in self._network.consumers(blob)
            )

        for i, layer in enumerate(self._layers):
            weights = layer.weights["weight"].size
            work = weights // layer.get(0) * sizes[layer.outputs[0]]
            at_end = i == 0 or not leads_on(layer.outputs[0])
            yield LayerFacts(layer.name, layer.type == "ConvolutionDepthWise", work, at_end)


class NcnnFloat16:
    """Stores the weights of an ncnn network in half the bytes; nothing to calibrate or to choose.

    Raises:
        FileMissingError, ModelError: not such files, or a layer that is not known.
    """

    names: tuple[str, ...] = ()
    layers: tuple[LayerFacts, ...] = ()

    def __init__(self, param: Path, weights: Path) -> None:
        self._network = read_network(param, weights)

    def calibrate(self, tensors: Iterable[FloatArray]) -> None:
        del tensors

    def build(self, names: Collection[str], folder: Path) -> NetworkFiles:
        del names
        return _write(with_float16(self._network), folder)

    def spans(self) -> dict[str, tuple[float, float]]:
        return {}


def with_float16(network: NcnnNetwork) -> NcnnNetwork:
    """The network with its float32 weights of convolutions and inner products as float16."""
    layers = []
    for layer in network.layers:
        weight = layer.weights.get("weight")
        if weight is not None and weight.dtype == np.float32:
            with np.errstate(over="ignore"):
                half = weight.astype(np.float16)
            if not np.isfinite(half).all():
                raise ModelError(f"layer {layer.name}: a weight is beyond float16's ±65504")
            layer = replace(layer, weights={**layer.weights, "weight": half})
        layers.append(layer)
    return NcnnNetwork(layers)


def _write(network: NcnnNetwork, folder: Path) -> NetworkFiles:
    param, weights = folder / "network.param", folder / "network.bin"
    for path, content in ((weights, network.bin()), (param, network.param())):
        with replacing(path) as file:
            file.write(content)
    return NetworkFiles(param=param, bin=weights)


def _extract(net: Any, image: FloatArray, blobs: list[str]) -> Iterator[tuple[str, FloatArray]]:
    mat = import_ncnn().Mat(image.shape[2], image.shape[1], image.shape[0])
    np.copyto(np.array(mat, copy=False), image)
    extractor = net.create_extractor()
    extractor.input(net.input_names()[0], mat)
    for blob in blobs:
        status, out = extractor.extract(blob)
        if status != 0:
            raise EngineError(f"ncnn cannot run the network: no {blob} (status {status})")
        yield blob, np.array(out, dtype=np.float32)
