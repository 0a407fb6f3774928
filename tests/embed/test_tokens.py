"""Backbones of other worlds as embedders: tokens of a transformer, one of several outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

import rostro
from rostro.errors import ModelError
from rostro.faces import Faces
from rostro.types import Image
from tests.support.there import there

CARD = """
name = "tiny-vit"
task = "embed"
licence = "MIT"
[[file]]
name = "tiny-vit.onnx"
[input]
name = "pixels"
channels = "rgb"
mean = [123.675, 116.28, 103.53]
std = [58.395, 57.12, 57.375]
size = [224, 224]
[outputs]
names = ["tokens", "pooled"]
[embed]
dim = 24
template = "box"
output = "tokens"
token = "class"
"""
FACE = Faces(np.array([[20, 10, 244, 234]], np.float32), np.ones(1, np.float32))
RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(0, 0.05, (24, 3, 56, 56)).astype(np.float32)
CLASS = RNG.normal(size=(24, 24)).astype(np.float32)


def tiny_vit(folder: Path, old: str = "", new: str = "") -> Path:
    """Patches of 56 pixels as a ViT has them, 16 tokens, before them one made of their mean; and
    the mean of all as a second output."""
    nodes = [
        helper.make_node("Conv", ["pixels", "weights"], ["grid"], strides=[56, 56]),
        helper.make_node("Reshape", ["grid", "shape"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["patches"], perm=[0, 2, 1]),
        helper.make_node("ReduceMean", ["patches"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("MatMul", ["mean", "class"], ["cls"]),
        helper.make_node("Concat", ["cls", "patches"], ["tokens"], axis=1),
        helper.make_node("ReduceMean", ["tokens"], ["pooled"], axes=[1], keepdims=0),
    ]

    def value(name: str, *shape: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ("n", *shape))

    constants = {"weights": WEIGHTS, "class": CLASS, "shape": np.array([0, 24, 16])}
    graph = helper.make_graph(
        nodes,
        "tiny-vit",
        [value("pixels", 3, 224, 224)],
        [value("tokens", 17, 24), value("pooled", 24)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.save(model, folder / "tiny-vit.onnx")
    assert old in CARD
    path = folder / "tiny-vit.toml"
    path.write_text(CARD.replace(old, new))
    return path


def tokens(crop: NDArray[np.float64]) -> NDArray[np.float64]:
    """(17, 24) of an RGB crop."""
    mean, std = np.array([123.675, 116.28, 103.53]), np.array([58.395, 57.12, 57.375])
    blocks = ((crop - mean) / std).reshape(4, 56, 4, 56, 3).transpose(0, 2, 4, 1, 3)
    patches = blocks.reshape(16, -1) @ WEIGHTS.reshape(24, -1).T.astype(np.float64)
    return np.concatenate([patches.mean(axis=0, keepdims=True) @ CLASS, patches])


def unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))


@pytest.mark.parametrize("token", ["class", "mean", "patches"])
def test_a_token_or_the_mean_of_tokens(photo: Image, tmp_path: Path, token: str) -> None:
    path = tiny_vit(tmp_path, 'token = "class"', f'token = "{token}"')
    embedder = rostro.Embedder(path, threads=1)
    found = there(embedder(photo, FACE[[0] * 9]).embeddings)
    # The box is as large as the crop: its pixels are the network's.
    all_tokens = tokens(photo[10:234, 20:244, ::-1].astype(np.float64))
    expected = {
        "class": all_tokens[0],
        "mean": all_tokens.mean(0),
        "patches": all_tokens[1:].mean(0),
    }
    np.testing.assert_allclose(found[0], unit(expected[token]), atol=1e-4)
    np.testing.assert_allclose(found[8], found[0], atol=1e-5)


def test_one_of_several_outputs_and_flips(photo: Image, tmp_path: Path) -> None:
    path = tiny_vit(tmp_path, 'output = "tokens"\ntoken = "class"', 'output = "pooled"')
    crop = photo[10:234, 20:244, ::-1].astype(np.float64)
    found = there(rostro.Embedder(path, threads=1)(photo, FACE).embeddings)
    np.testing.assert_allclose(found[0], unit(tokens(crop).mean(0)), atol=1e-4)
    path = tiny_vit(tmp_path)
    flipped = there(rostro.Embedder(path, threads=1, flip=True)(photo, FACE).embeddings)
    both = tokens(crop)[0] + tokens(crop[:, ::-1])[0]
    np.testing.assert_allclose(flipped[0], unit(both), atol=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('output = "tokens"\n', "", "2 outputs; an embedder has one, or embed.output"),
        ('output = "tokens"', 'output = "y"', "embed.output: got 'y'; one of tokens, pooled"),
        ('output = "tokens"', 'output = "pooled"', r"gave \(1, 1, 24\).*card's dim and token"),
        ('token = "class"', "", r"gave \(17, 24\) numbers for 1 crops; \(1, 24\)"),
        ("dim = 24", "dim = 23", r"gave \(1, 17, 24\).*\(1, tokens, 23\) are wanted"),
        ('token = "class"', 'token = "last"', "embed.token: got 'last'; one of class, mean"),
    ],
)
def test_cards_that_make_no_sense(
    photo: Image, tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        rostro.Embedder(tiny_vit(tmp_path, old, new), threads=1)(photo, FACE)
