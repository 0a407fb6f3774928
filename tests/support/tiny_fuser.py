"""Networks that weigh embeddings, of random weights, with their cards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

CARD = """
name = "tiny-fuser"
task = "fuse"
licence = "MIT"
[[file]]
name = "tiny-fuser.onnx"
[input]
name = "x"
channels = "rgb"
mean = 0.0
std = 1.0
[outputs]
names = ["logit"]
[fuse]
"""
HIDDEN = 8


def weights(features: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    first = random.normal(size=(features, HIDDEN)).astype(np.float32)
    return first, random.normal(size=(HIDDEN, 1)).astype(np.float32)


def tiny_fuser(folder: Path, dim: int, statistics: list[str], outputs: int = 1) -> Path:
    """Two layers on (N, F), F numbers of an embedding and the set's statistics."""
    first, second = weights(dim * (1 + len(statistics)))
    second = np.repeat(second, outputs, axis=1)
    nodes = [
        helper.make_node("MatMul", ["x", "first"], ["a"]),
        helper.make_node("Tanh", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "second"], ["logit"]),
    ]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", side])
        for name, side in (("x", len(first)), ("logit", outputs))
    ]
    constants = [numpy_helper.from_array(a, n) for a, n in ((first, "first"), (second, "second"))]
    graph = helper.make_graph(nodes, "tiny-fuser", values[:1], values[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "tiny-fuser.onnx")
    path = folder / "tiny-fuser.toml"
    listed = ", ".join(f'"{name}"' for name in statistics)
    path.write_text(f"{CARD}dim = {dim}\nstatistics = [{listed}]\n")
    return path
