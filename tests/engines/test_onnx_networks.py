"""ONNX networks as exporters write them: batches, layouts, types, weights in other files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from rostro.engines import Engine, NetworkFiles, open_network
from rostro.errors import ArgumentError, EngineError, ModelError
from rostro.types import FloatArray
from tests.support.networks import double_onnx, noise, write_onnx


def load(path: Path) -> Engine:
    return open_network(NetworkFiles(onnx=path), "onnxruntime", threads=1)


def mean_network(path: Path, shape: list[int | str], out: list[int | str], to: list[int]) -> Path:
    """The means of an image's channels, reshaped ``to``."""
    return write_onnx(
        path,
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Reshape", ["mean", "to"], ["y"]),
        ],
        shape,
        out,
        constants=[numpy_helper.from_array(np.array(to), "to")],
    )


def means(tensor: FloatArray) -> FloatArray:
    mean: FloatArray = tensor.mean(axis=(2, 3))
    return mean


@pytest.mark.parametrize(
    ("shape", "out", "to"),
    [
        (["n", 3, 4, 4], ["n", 3], [-1, 3]),
        (["n", 3, 4, 4], ["n", 3], [1, 3]),  # fails for two
        (["n", 3, 4, 4], ["n", "d"], [1, -1]),  # gives (1, 6) for two
        ([1, 3, 4, 4], [1, 3], [1, 3]),
        ([4, 3, 4, 4], [4, 3], [4, 3]),
        ([-1, 3, 4, 4], [-1, 3], [-1, 3]),
    ],
)
def test_any_number_of_images(
    tmp_path: Path, shape: list[int | str], out: list[int | str], to: list[int]
) -> None:
    network = load(mean_network(tmp_path / "m.onnx", shape, out, to))
    assert network.input_shape == (None, 3, 4, 4)
    for count in (2, 1, 5, 4, 9, 2):
        tensor = noise(count, 3, 4, 4, seed=count)
        (have,) = network.run(tensor)
        assert have.shape == (count, 3)
        np.testing.assert_allclose(have, means(tensor), rtol=1e-5)


def test_images_that_a_network_mixes_run_one_by_one(tmp_path: Path) -> None:
    """A softmax over the batch: shapes tell nothing."""
    nodes = [helper.make_node("Softmax", ["x"], ["y"], axis=0)]
    shape: list[int | str] = ["n", 3, 2, 2]
    network = load(write_onnx(tmp_path / "m.onnx", nodes, shape, shape))
    for count in (2, 3):
        (have,) = network.run(noise(count, 3, 2, 2))
        np.testing.assert_array_equal(have, np.ones((count, 3, 2, 2)))


def test_a_number_alone_is_one_an_image(tmp_path: Path) -> None:
    nodes = [helper.make_node("ReduceMax", ["x"], ["y"], keepdims=0)]
    network = load(write_onnx(tmp_path / "m.onnx", nodes, [1, 3, 2, 2], []))
    tensor = noise(3, 3, 2, 2)
    np.testing.assert_array_equal(network.run(tensor)[0], tensor.max(axis=(1, 2, 3)))


def test_what_cannot_be_given_is_refused_at_load(tmp_path: Path) -> None:
    add = [helper.make_node("Add", ["x", "x"], ["y"])]
    image = [1, 3, 4, 4]
    for shape, out, types, message in (
        ([0, 3, 4, 4], [0, 3, 4, 4], (1, 1), r"input x: got shape .* which nothing has"),
        (image, image, (TensorProto.INT8, TensorProto.INT8), r"input x: got type tensor\(int8\)"),
        (image, image, (TensorProto.UINT8, TensorProto.UINT8), "output y: got type tensor.uint8"),
        ([1, 3, 4], [1, 3, 4], (1, 1), r"\(N, C, H, W\) or \(N, H, W, C\)"),
    ):
        with pytest.raises(ModelError, match=message) as caught:
            load(write_onnx(tmp_path / "r.onnx", add, shape, out, types))
        assert "r.onnx" in str(caught.value)


def test_a_batch_whose_outputs_are_not_its_images(tmp_path: Path) -> None:
    mean = [helper.make_node("ReduceMean", ["x"], ["y"], axes=[0])]
    with pytest.raises(ModelError, match=r"r\.onnx: its output y: got shape .* begins with 4"):
        load(write_onnx(tmp_path / "r.onnx", mean, [4, 3, 4, 4], [1, 3, 4, 4]))


def test_channels_last(tmp_path: Path) -> None:
    add = [helper.make_node("ReduceMean", ["x"], ["y"], axes=[1, 2], keepdims=0)]
    network = load(write_onnx(tmp_path / "n.onnx", add, ["n", "h", "w", 3], ["n", 3]))
    assert network.input_shape == (None, 3, None, None)
    tensor = noise(2, 3, 4, 6)
    np.testing.assert_allclose(network.run(tensor)[0], means(tensor), rtol=1e-5)
    with pytest.raises(ArgumentError, match=r"\(any, 3, any, any\)"):
        network.run(noise(1, 4, 6, 3))


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(TensorProto.FLOAT16, np.float16), (TensorProto.DOUBLE, np.float64)],
)
def test_other_floats(tmp_path: Path, kind: int, dtype: type) -> None:
    shape: list[int | str] = ["n", 3, 2, 2]
    add = [helper.make_node("Add", ["x", "x"], ["y"])]
    network = load(write_onnx(tmp_path / "f.onnx", add, shape, shape, (kind, kind)))
    tensor = noise(2, 3, 2, 2)
    (have,) = network.run(tensor)
    assert have.dtype == np.float32
    np.testing.assert_array_equal(have, (2 * tensor.astype(dtype)).astype(np.float32))


def test_bytes(tmp_path: Path) -> None:
    shape: list[int | str] = ["n", 3, 2, 2]
    cast = [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)]
    types = (TensorProto.UINT8, TensorProto.FLOAT)
    network = load(write_onnx(tmp_path / "b.onnx", cast, shape, shape, types))
    tensor = np.array([0, 0.4, 0.6, 254.5, 254.6, 255, 1, 2, 3, 4, 5, 6], np.float32)
    (have,) = network.run(tensor.reshape(1, 3, 2, 2))
    np.testing.assert_array_equal(have.ravel(), [0, 0, 1, 254, 255, 255, 1, 2, 3, 4, 5, 6])
    for wrong in (-1.0, 256.0):
        with pytest.raises(ArgumentError, match=r"tensor: got values from .* takes uint8"):
            network.run(np.full((1, 3, 2, 2), wrong, np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_an_error(tmp_path: Path, value: float) -> None:
    constants = [numpy_helper.from_array(np.array([0, 0, value], np.float32), "k")]
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3], keepdims=0),
        helper.make_node("Add", ["m", "k"], ["y"]),
    ]
    network = load(
        write_onnx(tmp_path / "i.onnx", nodes, ["n", 3, 2, 2], ["n", 3], constants=constants)
    )
    with pytest.raises(EngineError, match=r"i\.onnx: its output y holds NaN or infinity"):
        network.run(noise(1, 3, 2, 2))


def in_initializer(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    model.graph.initializer.append(tensor)


def in_constant(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    model.graph.node.append(helper.make_node("Constant", [], ["unused"], value=tensor))


def in_branch(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    inner = helper.make_graph([], "inner", [], [], [tensor])
    model.graph.node.append(
        helper.make_node("If", ["c"], ["z"], then_branch=inner, else_branch=inner)
    )


def in_function(model: onnx.ModelProto, tensor: onnx.TensorProto) -> None:
    node = helper.make_node("Constant", [], ["b"], value=tensor)
    model.functions.append(
        helper.make_function("f", "F", [], ["b"], [node], [helper.make_opsetid("", 17)])
    )


@pytest.mark.parametrize("put", [in_initializer, in_constant, in_branch, in_function])
@pytest.mark.parametrize("location", ["w.data", "../w.data", "/etc/passwd"])
def test_weights_in_other_files_are_refused(
    tmp_path: Path, put: Callable[[onnx.ModelProto, onnx.TensorProto], None], location: str
) -> None:
    path = double_onnx(tmp_path / "d.onnx")
    model = onnx.load(path)
    tensor = onnx.TensorProto(name="k", data_type=TensorProto.FLOAT, dims=[3])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    put(model, tensor)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"d\.onnx: got weights in other files .*onnx\.save"):
        load(path)


def test_a_node_may_be_called_location(tmp_path: Path) -> None:
    nodes = [helper.make_node("Add", ["x", "x"], ["y"], name="location")]
    network = load(write_onnx(tmp_path / "l.onnx", nodes, ["n", 3, 2, 2], ["n", 3, 2, 2]))
    tensor = noise(1, 3, 2, 2)
    np.testing.assert_array_equal(network.run(tensor)[0], 2 * tensor)
