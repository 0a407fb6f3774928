"""A network that takes pure colors for what is on a face, and its card: masks of a known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 96
NAMES = ("face", "hand", "glasses")

CARD = """
name = "tiny-parts"
task = "attributes"
licence = "MIT"
[[file]]
name = "tiny-parts.onnx"
[input]
name = "x"
channels = "rgb"
mean = 0.0
std = 255.0
size = [96, 96]
[outputs]
names = ["maps"]
[crop]
scale = 1.3
[[attributes.head]]
kind = "mask"
name = "parts"
names = ["face", "hand", "glasses"]
covers = ["hand"]
"""


def tiny_parts(folder: Path, card: str = CARD, maps: int = SIDE) -> Path:
    """The card's path. What is purely green is a hand, what is purely blue glasses, all else face:
    (N, 3, maps, maps)."""
    weights = np.array([[0, 0, 0], [-1, 2, -1], [-1, -1, 2]], np.float32).reshape(3, 3, 1, 1)
    constants = {
        "weights": weights,
        "biases": np.array([0, -1.5, -1.5], np.float32),
        "places": np.arange(maps) * SIDE // maps,
    }
    nodes = [
        helper.make_node("Conv", ["x", "weights", "biases"], ["parts"]),
        helper.make_node("Gather", ["parts", "places"], ["lines"], axis=2),
        helper.make_node("Gather", ["lines", "places"], ["maps"], axis=3),
    ]

    def value(name: str, side: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ("n", 3, side, side))

    graph = helper.make_graph(
        nodes,
        "tiny-parts",
        [value("x", SIDE)],
        [value("maps", maps)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(
        helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "tiny-parts.onnx"
    )
    path = folder / "tiny-parts.toml"
    path.write_text(card)
    return path
