"""A landmark network that sees every face where it is told, with its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# Shares of the crop: eyes, nose, corners of the mouth.
SHARES = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)

CARD = """
name = "tiny-points"
task = "landmarks"
licence = "MIT"
[[file]]
name = "tiny-points.onnx"
[input]
name = "x"
channels = "rgb"
mean = 0.0
std = 255.0
size = [16, 16]
[outputs]
names = ["means", "brightness", "y"]
[crop]
scale = 1.5
[landmarks]
kind = "coordinates"
scheme = "five"
output = "y"
presence = "brightness"
[[landmarks.attribute]]
name = "color"
output = "means"
names = ["red", "green", "blue"]
"""


def tiny_landmarker(folder: Path, batch: int | str = "n", card: str = CARD, more: int = 0) -> Path:
    """The network, and its card, whose path is given.

    ``y``: `SHARES`, then so many ``more`` halves; ``means``: of the channels, 0..1;
    ``brightness``: their sum less 1.5.
    """
    constants: dict[str, NDArray[Any]] = {
        "none": np.zeros((3, 10 + more), np.float32),
        "shares": np.append(SHARES, np.full(more, 0.5, np.float32))[None],
        "half": np.array([[1.5]], np.float32),
        "axes": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("ReduceSum", ["means", "axes"], ["sum"]),
        helper.make_node("Sub", ["sum", "half"], ["brightness"]),
        helper.make_node("MatMul", ["means", "none"], ["nothing"]),
        helper.make_node("Add", ["nothing", "shares"], ["y"]),
    ]

    def value(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes,
        "tiny-points",
        [value("x", [batch, 3, 16, 16])],
        [
            value("means", [batch, 3]),
            value("brightness", [batch, 1]),
            value("y", [batch, 10 + more]),
        ],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(
        helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "tiny-points.onnx"
    )
    path = folder / "tiny-points.toml"
    path.write_text(card)
    return path
