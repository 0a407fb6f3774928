"""ONNX networks in int8: quantise-dequantise pairs, put in by ONNX Runtime's own quantiser.

Weights are int8 of 7 bits with a scale for each output channel, activations uint8 with one scale
and a zero point: the form that ONNX Runtime has quick kernels for on x86 and ARM, and that gives
the same on every CPU.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from rostro.engines import NetworkFiles
from rostro.errors import EngineError, ModelError
from rostro.models.prepare import OWN_NODES
from rostro.quantization import Method
from rostro.quantization.network import LayerFacts
from rostro.quantization.onnx_prepare import prepare
from rostro.quantization.ranges import KnownRanges, Ranges, Spans
from rostro.support.files import replacing
from rostro.types import FloatArray

if TYPE_CHECKING:
    import onnx

__all__ = ["OnnxInt8"]

_LAYERS = ("Conv", "Gemm")
# Stay in int8 between layers that are: no weights, nothing to choose.
_BETWEEN = ("Relu", "LeakyRelu", "Clip", "MaxPool", "Add")


class OnnxInt8:
    """Makes int8 forms of an ONNX network; see `rostro.quantization.network.Quantizer`.

    Args:
        ranges: how they are to be learnt; or known ones, then nothing is to be calibrated.

    Raises:
        ModelError: the network cannot be made ready, or int8 is there for none of its layers.
    """

    def __init__(self, path: Path, ranges: Method | KnownRanges) -> None:
        self._model = prepare(path)
        self._path = path
        self._learnt = Ranges(ranges) if isinstance(ranges, str) else None
        self._spans: Spans = self._learnt or cast(KnownRanges, ranges)
        self._weights = {i.name: tuple(i.dims) for i in self._model.graph.initializer}
        self._nodes = [
            node
            for node in self._model.graph.node
            if node.op_type in _LAYERS and node.input[1] in self._weights
        ]
        if not self._nodes:
            raise ModelError(f"{path}: int8 is there for none of its layers (Conv, Gemm)")
        self.names = tuple(node.name for node in self._nodes)
        self.layers: tuple[LayerFacts, ...] = ()

    def calibrate(self, tensors: Iterable[FloatArray]) -> None:
        if self._learnt is None:
            raise ValueError("its ranges are known")
        names = self._float_tensors()
        session = self._session(names)
        input_name = session.get_inputs()[0].name
        sizes: dict[str, int] = {}
        for tensor in tensors:
            try:
                arrays = dict(zip(names, session.run(names, {input_name: tensor}), strict=True))
            except Exception as error:  # its errors have no common base but this
                raise EngineError(f"onnxruntime cannot run {self._path}: {error}") from error
            arrays[input_name] = tensor
            self._learnt.add(arrays)
            sizes = sizes or {name: array.size for name, array in arrays.items()}
        self.layers = tuple(self._facts(sizes))

    def build(self, names: Collection[str], folder: Path) -> NetworkFiles:
        import onnx
        from onnxruntime.quantization import CalibrationMethod, QuantType
        from onnxruntime.quantization.calibrate import TensorsData
        from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

        model = onnx.ModelProto()
        model.CopyFrom(self._model)
        ranges = {
            name: tuple(np.float32(value) for value in span) for name, span in self.spans().items()
        }
        quantizer = QDQQuantizer(
            model,
            per_channel=True,
            # Without VNNI, ONNX Runtime sums the products of two uint8 and two int8 in int16, which
            # saturates: with weights in -64..64 even 2 * 255 * 64 fits. YuNet with 8 bits all in
            # int8 found no face on a CPU with AVX2 alone.
            reduce_range=True,
            weight_qType=QuantType.QInt8,
            activation_qType=QuantType.QUInt8,
            tensors_range=TensorsData(CalibrationMethod.MinMax, ranges),
            nodes_to_quantize=self._with_between(names),
            nodes_to_exclude=[],
            op_types_to_quantize=[*_LAYERS, *_BETWEEN],
            extra_options={},
        )
        quantizer.quantize_model()
        path = folder / "network.onnx"
        with replacing(path) as file:
            file.write(quantizer.model.model.SerializeToString(deterministic=True))
        return NetworkFiles(onnx=path)

    def spans(self) -> dict[str, tuple[float, float]]:
        """The range of every tensor that a form may have in int8."""
        names = [*self._float_tensors(), self._model.graph.input[0].name]
        return {name: self._spans[name] for name in names}

    def _float_tensors(self) -> list[str]:
        """What the layers and all that lies between them read and give, but for the input."""
        given = {output for node in self._model.graph.node for output in node.output}
        names: dict[str, None] = {}  # a set that keeps the order
        for node in self._model.graph.node:
            if node.op_type in (*_LAYERS, *_BETWEEN) and not node.name.startswith(OWN_NODES):
                names.update(dict.fromkeys([*node.input[:2], *node.output]))
        return [name for name in names if name in given]

    def _session(self, outputs: list[str]) -> Any:
        import onnx

        from rostro.engines.onnxruntime_session import import_onnxruntime

        model = onnx.ModelProto()
        model.CopyFrom(self._model)
        there = {output.name for output in model.graph.output}
        model.graph.output.extend(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            for name in outputs
            if name not in there
        )
        ort = import_onnxruntime()
        options = ort.SessionOptions()
        options.log_severity_level = 4
        try:
            return ort.InferenceSession(
                model.SerializeToString(), options, ["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(f"{self._path}: cannot be calibrated ({error})") from error

    def _facts(self, sizes: dict[str, int]) -> Iterator[LayerFacts]:
        readers: dict[str, list[onnx.NodeProto]] = {}
        for node in self._model.graph.node:
            for name in node.input:
                readers.setdefault(name, []).append(node)
        layers = {node.name for node in self._nodes}

        def leads_on(output: str) -> bool:
            return any(
                node.name in layers or any(leads_on(after) for after in node.output)
                for node in readers.get(output, [])
            )

        for i, node in enumerate(self._nodes):
            shape = self._weights[node.input[1]]
            group = next((a.i for a in node.attribute if a.name == "group"), 1)
            per_value = int(np.prod(shape[1:])) if node.op_type == "Conv" else int(np.prod(shape))
            outputs = sizes[node.output[0]] if node.op_type == "Conv" else 1
            yield LayerFacts(
                node.name, group > 1, per_value * outputs, i == 0 or not leads_on(node.output[0])
            )

    def _with_between(self, names: Collection[str]) -> list[str]:
        """These layers, and what lies between them and can take and give int8 as well."""
        chosen, in_int8 = [], set[str]()
        for node in self._model.graph.node:
            wanted = node.name in names
            if node.op_type in _BETWEEN and not node.name.startswith(OWN_NODES):
                # The other inputs of Clip are its limits.
                read = node.input if node.op_type == "Add" else node.input[:1]
                wanted = in_int8.issuperset(read)
            if wanted:
                chosen.append(node.name)
                in_int8.update(node.output)
        return chosen
