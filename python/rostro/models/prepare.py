"""Float ONNX networks in operators that ONNX Runtime runs quickly, checked to give the same.

Batch norms become part of the convolutions before them, constants are worked out, and PReLU becomes
``slope * x + (1 - slope) * relu(x)``, or LeakyReLU if it has one slope. ONNX Runtime's own PReLU is
not there in the layout of its convolutions and takes longer than these: SFace and omz-reid-0095
take half the time without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rostro import engines
from rostro.engines import NetworkFiles
from rostro.engines.base import InputShape
from rostro.errors import EngineError, ModelError
from rostro.models.card import Card
from rostro.models.convert import further_inputs
from rostro.models.recorded import recorded_input
from rostro.support.temporary import temporary_folder
from rostro.types import FloatArray

if TYPE_CHECKING:
    import onnx

__all__ = ["OWN_NODES", "inputs_for", "prepared", "simplified", "split_prelu"]

OWN_NODES = "rostro_prelu_"
"""Names of nodes made here begin so: element-wise, and quicker in float32."""

# Of the largest of an output's numbers. Sums of float32 in another order differ by about 1e-6.
_TOLERANCE = 1e-5


def prepared(path: Path, card: Card | None, *, vouched: bool = False) -> bytes:
    """The network in operators that run quickly, which gives what it gave for a recorded input.

    Args:
        path: a float network that `rostro.models.fold` has gone over, if it needs that.
        card: of the network; ``None``: it takes one image, and is checked with pixels of 0 to 255.
        vouched: see `NetworkFiles`.

    Raises:
        ModelError: it cannot be rewritten, or gives something else afterwards.
        EngineNotInstalledError, EngineError: ONNX Runtime is missing, or does not run it.
    """
    import onnx

    try:
        model = simplified(onnx.load(path))
        split_prelu(model.graph)
        onnx.checker.check_model(model)
        data: bytes = model.SerializeToString(deterministic=True)
    except (EngineError, ModelError):
        raise
    except Exception as error:  # protobuf's, the checker's and the engine's have no common base
        raise ModelError(f"{path}: {' '.join(str(error).split())}") from error
    with temporary_folder() as folder:
        made = folder / "prepared.onnx"
        made.write_bytes(data)
        _compare(path, made, card, vouched)
    return data


def _compare(path: Path, made: Path, card: Card | None, vouched: bool) -> None:
    others = () if card is None else card.further_inputs
    before, after = (
        engines.open_network(NetworkFiles(onnx=file, others=others, vouched=safe), "onnxruntime", 1)
        for file, safe in ((path, vouched), (made, True))
    )
    inputs = inputs_for(path, before.input_shape, card)
    for name, want, have in zip(
        before.output_names, before.run(*inputs), after.run(*inputs), strict=True
    ):
        largest = float(np.abs(want).max(initial=1e-30))
        error = float(np.abs(have - want).max(initial=0)) / largest
        if not error <= _TOLERANCE:
            raise ModelError(
                f"{path}: output {name}: got values off by {error:.2g} of the largest once it was "
                f"prepared; at most {_TOLERANCE:g} is wanted"
            )


def inputs_for(path: Path, shape: InputShape, card: Card | None) -> list[FloatArray]:
    """What a network of such a first input is checked with, and what it takes beside."""
    return [_image(shape, card), *map(_rows, further_inputs(path).values())]


def _image(shape: InputShape, card: Card | None) -> FloatArray:
    if card is not None:
        return recorded_input(card)
    _, channels, height, width = shape
    noise = np.random.default_rng(0).random((1, channels or 3, height or 64, width or 64))
    return (noise * 255).astype(np.float32)


def _rows(shape: tuple[int, ...]) -> FloatArray:
    return np.random.default_rng(0).random(shape).astype(np.float32)


def simplified(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model as ONNX Runtime simplifies it: constants worked out, batch norms folded."""
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


def split_prelu(graph: onnx.GraphProto) -> None:
    """Make every PReLU of constant slopes a LeakyReLU, if it has one slope, or a sum of products.

    ONNX Runtime lets the convolution before it do a ReLU or a LeakyReLU.
    """
    from onnx import helper, numpy_helper

    slopes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type != "PRelu" or node.input[1] not in slopes:
            nodes.append(node)
            continue
        x, slope = node.input
        y = node.output[0]
        if np.ptp(slopes[slope]) == 0:
            alpha = float(slopes[slope].flat[0])
            nodes.append(helper.make_node("LeakyRelu", [x], [y], name=node.name, alpha=alpha))
            continue
        above, gain, gained, scaled = (
            f"{y}_{part}" for part in ("above", "gain", "gained", "scaled")
        )
        gains = slopes[slope].dtype.type(1) - slopes[slope]
        graph.initializer.append(numpy_helper.from_array(gains, gain))
        # The product, a convolution to ONNX Runtime, does the ReLU; a gain below 0 comes after it.
        rising = [("Mul", [x, gain], [above]), ("Relu", [above], [gained])]
        if gains.min() < 0:
            rising = [("Relu", [x], [above]), ("Mul", [above, gain], [gained])]
        nodes += [
            helper.make_node(kind, inputs, outputs, name=f"{OWN_NODES}{kind}_{outputs[0]}")
            for kind, inputs, outputs in (
                *rising,
                ("Mul", [x, slope], [scaled]),
                ("Add", [gained, scaled], [y]),
            )
        ]
    del graph.node[:]
    graph.node.extend(nodes)
