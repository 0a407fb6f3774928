"""Tiny networks for tests, made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from rostro.types import FloatArray

# y = 2x, in place for ncnn; the input has any size.
PARAM = "7767517\n2 2\nInput in0 0 1 in0\nBinaryOp mul 1 1 in0 out0 0=2 1=1 2=2.0\n"


def double_onnx(path: Path, shape: Sequence[int | str] = ("n", 3, "h", "w")) -> Path:
    return write_onnx(path, [helper.make_node("Add", ["x", "x"], ["y"])], shape, shape)


def write_onnx(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    shape: Sequence[int | str],
    shape_out: Sequence[int | str],
    types: tuple[int, int] = (TensorProto.FLOAT, TensorProto.FLOAT),
    constants: Sequence[onnx.TensorProto] = (),
) -> Path:
    """A network from x to y, of these shapes and types."""
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info("x", types[0], shape)],
        [helper.make_tensor_value_info("y", types[1], shape_out)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def noise(*shape: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


# For the network of double_onnx, as mine.onnx.
OWN_CARD = """
name = "mine"
task = "embed"
licence = "MIT"
[[file]]
name = "mine.onnx"
[input]
name = "x"
channels = "rgb"
mean = [127.5, 127, 127.5]
std = 128
size = [112, 96]
[outputs]
names = ["y"]
[embed]
dim = 512
template = "arcface"
[thresholds.cosine]
value = 0.3
how = "LFW"
"""
