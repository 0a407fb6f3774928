"""Turn a block-quantised ONNX model into a float32 one that every engine reads.

OpenCV Zoo stores weights as int8 with a scale per block: constants -> DequantizeLinear(block_size)
-> Reshape -> Conv. ONNX Runtime does not run that; so the constants are worked out here, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.models.integrity import check

if TYPE_CHECKING:
    import onnx

__all__ = ["fold"]


def fold(path: Path, free: Collection[int] = ()) -> bytes:
    """The ONNX model at ``path`` with constant DequantizeLinear nodes replaced by float32 weights.

    Unused weights and inputs that are only weights are left out; the result has passed ONNX's
    checker with shape inference.

    Args:
        path: an ONNX file. Without such nodes it comes out as it is, cleaned up.
        free: sides of the (N, C, H, W) input to let vary: 0 for N, 2 for H, 3 for W.

    Raises:
        FileMissingError: there is no such file.
        ModelError: the file is no valid ONNX model, or has weights in other files.
    """
    import onnx

    check(path, size=None, sha256=None)
    try:
        model = onnx.load(path, load_external_data=False)
        _fold(model.graph)
        if free:
            _free(model.graph, free)
            model = onnx.shape_inference.infer_shapes(model)
        onnx.checker.check_model(model, full_check=True)
        data: bytes = model.SerializeToString(deterministic=True)
    except Exception as error:  # protobuf's, the checker's and NumPy's errors have no common base
        reason = " ".join(str(error).split())
        raise ModelError(f"{path}: not an ONNX model that can be used ({reason})") from error
    return data


def _fold(graph: onnx.GraphProto) -> None:
    from onnx import numpy_helper

    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        block_size = next((a.i for a in node.attribute if a.name == "block_size"), 0)
        if (
            node.op_type == "DequantizeLinear"
            and block_size > 0
            and all(name in constants for name in node.input)
        ):
            axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
            arrays = [numpy_helper.to_array(constants[name]) for name in node.input]
            weights = _dequantize(arrays, axis, block_size)
            constants[node.output[0]] = numpy_helper.from_array(weights, node.output[0])
        else:
            nodes.append(node)

    used = set(_names(nodes)) | {output.name for output in graph.output}
    inputs = [i for i in graph.input if i.name in used and i.name not in constants]
    weights_used = [tensor for name, tensor in constants.items() if name in used]
    for repeated, kept in (
        (graph.node, nodes),
        (graph.input, inputs),
        (graph.initializer, weights_used),
        (graph.value_info, []),
    ):
        copies = [type(item).FromString(item.SerializeToString()) for item in kept]
        del repeated[:]
        repeated.extend(copies)


def _dequantize(arrays: list[NDArray[np.generic]], axis: int, block: int) -> NDArray[np.float32]:
    quantised, *scales = (array.astype(np.float32) for array in arrays)
    index = np.arange(quantised.shape[axis]) // block
    scale, *zero = (np.take(array, index, axis) for array in scales)
    return np.ascontiguousarray((quantised - zero[0] if zero else quantised) * scale)


def _names(nodes: list[onnx.NodeProto]) -> Iterator[str]:
    """Every name that the nodes read, also those that only the graphs inside them do."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _names(list(graph.node))
                yield from (output.name for output in graph.output)


def _free(graph: onnx.GraphProto, sides: Collection[int]) -> None:
    dims = graph.input[0].type.tensor_type.shape.dim
    for side in sides:
        dims[side].dim_param = "NCHW"[side]
    # What that leaves of the shapes of the outputs is inferred anew, where it can be; their ranks
    # are kept, without which the checker refuses the model.
    for output in graph.output:
        for dim in output.type.tensor_type.shape.dim:
            dim.Clear()
