"""Makes an ONNX network ready for int8: batch norms folded, PReLU in operators that run quickly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rostro.errors import ModelError
from rostro.models.fold import fold
from rostro.support.temporary import temporary_folder

if TYPE_CHECKING:
    import onnx

__all__ = ["OWN_NODES", "prepare"]

_OPSET = 17  # from 13 on weights may have a scale for each channel
OWN_NODES = "rostro_prelu_"
"""Names of nodes made here begin so: element-wise, and quicker in float32."""


def prepare(path: Path) -> onnx.ModelProto:
    """The network as ONNX Runtime simplifies it (constants, batch norms), in opset 17 or later.

    PReLU becomes multiplications and maxima: ONNX Runtime's own takes longer than the convolutions
    around it, and has no int8 form.

    Raises:
        FileMissingError, ModelError: not such a file, or it cannot be simplified.
    """
    import onnx
    from onnx import version_converter

    data = fold(path)
    try:
        model = onnx.load_from_string(data)
        opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        if opset < _OPSET:
            model = version_converter.convert_version(model, _OPSET)
        model = _simplified(model)
        _split_prelu(model.graph)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf's, the converter's and the engine's have no common base
        raise ModelError(
            f"{path}: cannot be made ready for int8 ({' '.join(str(error).split())})"
        ) from error
    _name_nodes(model.graph)
    return model


def _simplified(model: onnx.ModelProto) -> onnx.ModelProto:
    import onnx

    from rostro.engines.onnxruntime_session import import_onnxruntime

    ort = import_onnxruntime()
    with temporary_folder() as folder:
        target = folder / "simple.onnx"
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(target)
        options.log_severity_level = 4
        ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        return onnx.load(target)


def _split_prelu(graph: onnx.GraphProto) -> None:
    import onnx
    from onnx import helper, numpy_helper

    slopes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type != "PRelu" or node.input[1] not in slopes:
            nodes.append(node)
            continue
        x, slope = node.input
        y = node.output[0]
        below, scaled, zero = (f"{y}_{part}" for part in ("below", "scaled", "zero"))
        if slopes[slope].max() <= 1:  # max(x, slope * x)
            parts = [("Mul", [x, slope], scaled), ("Max", [x, scaled], y)]
        else:  # x + (slope - 1) * min(x, 0)
            less = f"{slope}_less_1"
            graph.initializer.extend(
                [
                    numpy_helper.from_array(slopes[slope] - slopes[slope].dtype.type(1), less),
                    helper.make_tensor(zero, onnx.TensorProto.FLOAT, [], [0.0]),
                ]
            )
            parts = [
                ("Min", [x, zero], below),
                ("Mul", [below, less], scaled),
                ("Add", [x, scaled], y),
            ]
        nodes += [
            helper.make_node(kind, inputs, [output], name=f"{OWN_NODES}{kind}_{output}")
            for kind, inputs, output in parts
        ]
    del graph.node[:]
    graph.node.extend(nodes)


def _name_nodes(graph: onnx.GraphProto) -> None:
    """Every node needs a name of its own to be chosen by."""
    taken: set[str] = set()
    for node in graph.node:
        if not node.name or node.name in taken:
            node.name = f"{node.op_type}_{node.output[0]}"
        taken.add(node.name)
