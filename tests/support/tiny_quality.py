"""Quality networks of a few numbers, with their cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

CARD = """
name = "tiny-quality"
task = "quality"
licence = "MIT"
[[file]]
name = "tiny-quality.onnx"
[input]
name = "x"
channels = "rgb"
mean = 0.0
std = 1.0
"""


def brightness_network(folder: Path, settings: str, crop: str = "") -> Path:
    """The mean of all numbers of a crop of 20x16, as output ``y`` beside another one, ``z``."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["z"]),
        helper.make_node("ReduceMean", ["z"], ["y"], axes=[1]),
    ]
    values: dict[str, list[int | str]] = {"x": ["n", 3, 16, 20], "z": ["n", 3], "y": ["n", 1]}
    _save(folder, nodes, values, ["z", "y"])
    card = CARD + 'size = [20, 16]\n[outputs]\nnames = ["z", "y"]\n'
    return _write(folder, card + crop + "[quality]\n" + settings)


def forest_network(folder: Path, settings: str, features: int, four_sides: bool = False) -> Path:
    """Two trees as an ensemble of ai.onnx.ml, whose sum `forest` gives, of rows of ``features``."""
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["rows" if four_sides else "x"],
        ["y"],
        domain="ai.onnx.ml",
        nodes_treeids=[0, 0, 0, 1, 1, 1],
        nodes_nodeids=[0, 1, 2, 0, 1, 2],
        nodes_featureids=[features - 1, 0, 0, 5, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * 2,
        nodes_values=[25.0, 0, 0, 0.3, 0, 0],
        nodes_truenodeids=[1, 0, 0, 1, 0, 0],
        nodes_falsenodeids=[2, 0, 0, 2, 0, 0],
        target_treeids=[0, 0, 1, 1],
        target_nodeids=[1, 2, 1, 2],
        target_ids=[0, 0, 0, 0],
        target_weights=[0.1, 0.5, 0.4, 0.2],
        n_targets=1,
    )
    flatten = [helper.make_node("Flatten", ["x"], ["rows"])] if four_sides else []
    shape: list[int | str] = ["n", features, 1, 1] if four_sides else ["n", features]
    _save(folder, [*flatten, ensemble], {"x": shape, "y": ["n", 1]}, ["y"])
    return _write(folder, CARD + '[outputs]\nnames = ["y"]\n[quality]\n' + settings)


def forest(features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """What `forest_network` is to give."""
    size: NDArray[np.float64] = np.where(features[:, -1] <= 25, 0.1, 0.5)
    place: NDArray[np.float64] = np.where(features[:, 5] <= 0.3, 0.4, 0.2)
    return size + place


def _save(
    folder: Path, nodes: list[onnx.NodeProto], values: dict[str, list[int | str]], out: list[str]
) -> None:
    infos = {
        name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in values.items()
    }
    graph = helper.make_graph(nodes, "tiny-quality", [infos["x"]], [infos[name] for name in out])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.save(model, folder / "tiny-quality.onnx")


def _write(folder: Path, text: str) -> Path:
    path = folder / "tiny-quality.toml"
    path.write_text(text)
    return path
