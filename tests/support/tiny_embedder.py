"""Embedders of a few numbers that say where a pixel went, with their cards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

import rostro
from rostro.faces import Faces
from rostro.types import Image

ARCFACE = rostro.kernels.template_points("arcface", 112)


def tiny_network(folder: Path, size: tuple[int, int], batch: int | str = "n") -> None:
    """The means of the quarters of each channel: 12 numbers, by where they are in the crop."""
    width, height = size
    half = [height // 2, width // 2]
    nodes = [
        helper.make_node("AveragePool", ["x"], ["pooled"], kernel_shape=half, strides=half),
        helper.make_node("Flatten", ["pooled"], ["y"]),
    ]
    save(folder / "tiny.onnx", nodes, [("x", [batch, 3, height, width])], [batch, 12])


def landmark_network(folder: Path) -> None:
    """The means of the channels and the landmarks as they come: 13 numbers."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("Flatten", ["points"], ["flat"]),
        helper.make_node("Concat", ["means", "flat"], ["y"], axis=1),
    ]
    inputs: list[tuple[str, list[int | str]]] = [("points", ["n", 5, 2]), ("x", ["n", 3, 112, 112])]
    save(folder / "tiny.onnx", nodes, inputs, ["n", 13])
    (folder / "tiny.ncnn.param").write_text(
        "7767517\n5 5\nInput in0 0 1 in0\nInput in1 0 1 in1\n"
        "Pooling gap 1 1 in0 means 0=1 4=1\nFlatten flat 1 1 in1 points\n"
        "Concat cat 2 1 means points out0 0=0\n"
    )
    (folder / "tiny.ncnn.bin").write_bytes(b"")


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[tuple[str, list[int | str]]],
    output: list[int | str],
) -> None:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)


def write_card(
    folder: Path,
    *,
    channels: str = "rgb",
    mean: float = 127.5,
    std: float = 127.5,
    size: tuple[int, int] = (112, 112),
    dim: int = 12,
    template: str | list[list[float]] = "arcface",
    more: str = "",
) -> Path:
    card = folder / "tiny.toml"
    card.write_text(f"""
name = "tiny"
task = "embed"
licence = "MIT"
[[file]]
name = "tiny.onnx"
[input]
name = "x"
channels = "{channels}"
mean = {mean}
std = {std}
size = {list(size)}
[outputs]
names = ["y"]
[embed]
dim = {dim}
template = {json.dumps(template)}
{more}
""")
    return card


def a_face(photo: Image, shift: float = 0.0) -> Faces:
    """A face somewhere in the photo, slightly turned."""
    turn = np.array([[0.9, -0.2], [0.2, 0.9]], np.float32)
    points = (ARCFACE @ turn.T + np.array([70 + shift, 50], np.float32)).astype(np.float32)
    box = [60 + shift, 40, 190 + shift, 200]
    return Faces(np.array([box], np.float32), np.ones(1, np.float32), points[None])
