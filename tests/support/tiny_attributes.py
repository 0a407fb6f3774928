"""A network of attributes that says how bright and how colored a crop is, with its card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 16

CARD = """
name = "tiny-attributes"
task = "attributes"
licence = "MIT"
[[file]]
name = "tiny-attributes.onnx"
[input]
name = "x"
channels = "rgb"
mean = 0.0
std = 255.0
size = [16, 16]
[outputs]
names = ["logits", "shares", "maps", "darkness"]
[crop]
scale = 1.5
"""

COLOR = """
[[attributes.head]]
kind = "classes"
name = "color"
output = "logits"
names = ["red", "green", "blue"]
"""

HEADS = (
    COLOR
    + """
[[attributes.head]]
kind = "classes"
name = "share"
output = "shares"
names = ["red", "green", "blue"]
logits = false
[[attributes.head]]
kind = "flags"
name = "colorful"
output = "logits"
first = 1
names = ["green", "blue"]
[[attributes.head]]
kind = "flags"
name = "sure"
output = "shares"
names = ["red", "green", "blue"]
logits = false
[[attributes.head]]
kind = "number"
name = "age"
output = "logits"
bins = 3
scale = 10.0
offset = 5.0
[[attributes.head]]
kind = "number"
name = "mean_bin"
output = "shares"
bins = 3
logits = false
[[attributes.head]]
kind = "number"
name = "darkness"
output = "darkness"
scale = -1.0
offset = 1.0
[[attributes.head]]
kind = "vector"
name = "mood"
output = "logits"
first = 0
names = ["valence", "arousal"]
scale = 0.5
offset = 0.25
[[attributes.head]]
kind = "vector"
name = "direction"
output = "logits"
names = ["right", "down", "forward"]
unit = true
direction = true
signs = [1, -1, 1]
[[attributes.head]]
kind = "mask"
name = "parts"
output = "maps"
names = ["red", "green", "blue"]
"""
)


def tiny_attributes(
    folder: Path,
    card: str = CARD + HEADS,
    batch: int | str = "n",
    maps: tuple[int, int] = (SIDE, SIDE),
) -> Path:
    """The network, and its card, whose path is given.

    ``logits``: (N, 3) the means of the channels, 0..1, times 4; ``shares``: the same divided by
    their sum; ``maps``: (N, 3, h, w) the crop itself, repeated or thinned out to ``maps``
    (height, width); ``darkness``: (N, 1) 1 less the mean of all.
    """
    height, width = maps
    constants = {
        "four": np.float32(4),
        "one": np.float32(1),
        "small": np.float32(1e-6),
        "axes": np.array([1], np.int64),
        "rows": np.arange(height) * SIDE // height,
        "columns": np.arange(width) * SIDE // width,
    }
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("Mul", ["means", "four"], ["logits"]),
        helper.make_node("Add", ["means", "small"], ["above"]),
        helper.make_node("ReduceSum", ["above", "axes"], ["sum"]),
        helper.make_node("Div", ["above", "sum"], ["shares"]),
        helper.make_node("Gather", ["x", "rows"], ["lines"], axis=2),
        helper.make_node("Gather", ["lines", "columns"], ["maps"], axis=3),
        helper.make_node("ReduceMean", ["means"], ["mean"], axes=[1]),
        helper.make_node("Sub", ["one", "mean"], ["darkness"]),
    ]

    def value(name: str, *shape: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, (batch, *shape))

    graph = helper.make_graph(
        nodes,
        "tiny-attributes",
        [value("x", 3, SIDE, SIDE)],
        [
            value("logits", 3),
            value("shares", 3),
            value("maps", 3, height, width),
            value("darkness", 1),
        ],
        [numpy_helper.from_array(np.asarray(each), name) for name, each in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.save(model, folder / "tiny-attributes.onnx")
    path = folder / "tiny-attributes.toml"
    path.write_text(card)
    return path
