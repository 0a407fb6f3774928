"""Folding block-quantised models, and conversion to ncnn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from rostro import models
from rostro.cli.models import models as cli
from rostro.engines import NetworkFiles, open_network
from rostro.errors import (
    ArgumentError,
    DownloadError,
    EngineError,
    FileMissingError,
    ModelError,
)
from rostro.models.convert import convert, input_shape
from rostro.models.fold import fold
from tests.support.networks import OWN_CARD, double_onnx, noise, write_onnx


def quantised_onnx(path: Path, axis: int, block: int) -> NDArray[np.float32]:
    """A 1x1 convolution whose int8 weights have a scale per block; its weights as float32."""
    rng = np.random.default_rng(0)
    codes = rng.integers(-127, 128, (6, 5, 1, 1), dtype=np.int8)
    blocks = list(codes.shape)
    blocks[axis] = -(-blocks[axis] // block)
    scale = rng.uniform(0.01, 0.1, blocks).astype(np.float32)
    zero = rng.integers(-3, 4, blocks, dtype=np.int8)
    constants: dict[str, NDArray[Any]] = {
        "codes": codes,
        "scale": scale,
        "zero": zero,
        "unused": codes,
    }
    floats, ints = TensorProto.FLOAT, TensorProto.INT8
    graph = helper.make_graph(
        [
            helper.make_node(
                "DequantizeLinear", ["codes", "scale", "zero"], ["w"], axis=axis, block_size=block
            ),
            helper.make_node("Conv", ["x", "w"], ["y"]),
        ],
        "quantised",
        [
            helper.make_tensor_value_info("x", floats, (1, 5, 8, 8)),
            helper.make_tensor_value_info("codes", ints, codes.shape),
        ],
        [helper.make_tensor_value_info("y", floats, (1, 6, 8, 8))],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.save(model, path)
    weights = np.empty(codes.shape, np.float32)
    for index in np.ndindex(*codes.shape):
        of_block = tuple(i // block if k == axis else i for k, i in enumerate(index))
        weights[index] = (float(codes[index]) - float(zero[of_block])) * scale[of_block]
    return weights


@pytest.mark.parametrize(("axis", "block"), [(0, 2), (0, 4), (1, 5), (1, 2)])
def test_fold(tmp_path: Path, axis: int, block: int) -> None:
    weights = quantised_onnx(tmp_path / "q.onnx", axis, block)
    (tmp_path / "f.onnx").write_bytes(fold(tmp_path / "q.onnx", free=(2, 3)))
    model = onnx.load(tmp_path / "f.onnx")
    assert [node.op_type for node in model.graph.node] == ["Conv"]
    assert [tensor.name for tensor in model.graph.initializer] == ["w"]
    assert [value.name for value in model.graph.input] == ["x"]
    np.testing.assert_allclose(
        numpy_helper.to_array(model.graph.initializer[0]), weights, rtol=1e-6
    )
    engine = open_network(NetworkFiles(onnx=tmp_path / "f.onnx"), "onnxruntime", threads=1)
    for shape in ((1, 5, 8, 8), (1, 5, 4, 6)):
        tensor = noise(*shape)
        (out,) = engine.run(tensor)
        want = np.einsum("oc,nchw->nohw", weights[:, :, 0, 0], tensor)
        np.testing.assert_allclose(out, want, rtol=1e-4, atol=1e-2)


def test_fold_leaves_other_models_as_they_are(tmp_path: Path) -> None:
    file = double_onnx(tmp_path / "double.onnx")
    assert onnx.load_from_string(fold(file)) == onnx.load(file)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08\x07"])
def test_fold_of_no_model(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileMissingError, match=r"bad\.onnx"):
        fold(tmp_path / "bad.onnx")
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.onnx: not an ONNX model"):
        fold(tmp_path / "bad.onnx")


@pytest.mark.heavy
def test_convert(tmp_path: Path) -> None:
    weights = quantised_onnx(tmp_path / "q.onnx", axis=1, block=2)
    assert input_shape(tmp_path / "q.onnx") == (1, 5, 8, 8)
    shapes = [(1, 5, 8, 8), (1, 5, 12, 6)]
    param, weights_file = convert(tmp_path / "q.onnx", tmp_path / "out", shapes)
    made = {tmp_path / "out" / "q.ncnn.param", tmp_path / "out" / "q.ncnn.bin"}
    assert {param, weights_file} == made == set((tmp_path / "out").iterdir())
    engine = open_network(NetworkFiles(param=param, bin=weights_file), "ncnn", threads=1)
    tensor = noise(2, 5, 7, 9)
    (out,) = engine.run(tensor)
    want = np.einsum("oc,nchw->nohw", weights[:, :, 0, 0], tensor)
    np.testing.assert_allclose(out, want, rtol=1e-4, atol=1e-2)


@pytest.mark.heavy
def test_what_pnnx_cannot_do_leaves_nothing(tmp_path: Path) -> None:
    file = double_onnx(tmp_path / "double.onnx", (1, 3, 8, 8))
    model = onnx.load(file)
    model.graph.node[0].op_type = "BitShift"
    onnx.save(model, file)
    with pytest.raises(ModelError, match=r"double\.onnx"):
        convert(file, tmp_path / "out", [(1, 3, 8, 8)])
    with pytest.raises(ArgumentError, match="one or two of"):
        convert(file, tmp_path / "out", [])
    assert not (tmp_path / "out").exists()


@pytest.mark.heavy
def test_pad_of_channels_without_a_mode(tmp_path: Path) -> None:
    """As exporters from TensorFlow write it; pnnx leaves such a layer out."""
    pads = numpy_helper.from_array(np.array([0, 0, 1, 0, 0, 2, 0, 0], np.int64), "pads")
    file = write_onnx(
        tmp_path / "pad.onnx",
        [helper.make_node("Pad", ["x", "pads"], ["y"])],
        (1, 3, 8, 8),
        (1, 5, 9, 8),
        constants=[pads],
    )
    param, weights = convert(file, tmp_path, [(1, 3, 8, 8)])
    engine = open_network(NetworkFiles(param=param, bin=weights), "ncnn", threads=1)
    tensor = noise(1, 3, 8, 8)
    (out,) = engine.run(tensor)
    np.testing.assert_array_equal(out, np.pad(tensor, [(0, 0), (0, 2), (1, 0), (0, 0)]))


@pytest.mark.heavy
def test_the_check_stays_within_what_a_network_takes(tmp_path: Path) -> None:
    """exp of 255 is beyond float32, exp of 1 is not."""
    shape = (1, 3, 8, 8)
    file = write_onnx(tmp_path / "exp.onnx", [helper.make_node("Exp", ["x"], ["y"])], shape, shape)
    convert(file, tmp_path / "by_trial", [shape])
    with pytest.raises(EngineError, match="NaN or infinity"):
        convert(file, tmp_path / "raw", [shape], values=(0, 255))
    assert not (tmp_path / "raw").exists()
    card = tmp_path / "mine.toml"
    text = OWN_CARD.replace("mine.onnx", "exp.onnx").replace("[112, 96]", "[8, 8]")
    card.write_text(text)
    arguments = ["convert", str(card), "-o", str(tmp_path / "by_card")]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "by_card" / "exp.ncnn.param").is_file()
    card.write_text(text.replace("std = 128", "std = 1"))
    result = CliRunner().invoke(cli, [*arguments, "--overwrite"])
    assert isinstance(result.exception, EngineError)


@pytest.mark.heavy
def test_further_inputs(tmp_path: Path) -> None:
    """An image of any size, a vector, and an image of a fixed size."""
    shapes: dict[str, tuple[int | str, ...]] = {
        "x": (1, 3, 8, 8),
        "angles": (1, 3),
        "eye": (1, 3, 4, 6),
    }
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["of_x"]),
        helper.make_node("Flatten", ["of_x"], ["means"]),
        helper.make_node("GlobalAveragePool", ["eye"], ["of_eye"]),
        helper.make_node("Flatten", ["of_eye"], ["eyes"]),
        helper.make_node("Concat", ["means", "angles", "eyes"], ["y"], axis=1),
    ]

    def written(*names: str) -> Path:
        inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shapes[n]) for n in names]
        output = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 9))
        graph = helper.make_graph(nodes, "three", inputs, [output])
        opset = [helper.make_opsetid("", 17)]
        onnx.save(
            helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "three.onnx"
        )
        return tmp_path / "three.onnx"

    files = convert(written("x", "angles", "eye"), tmp_path, [(1, 3, 8, 8), (1, 3, 6, 10)])
    network = NetworkFiles(param=files[0], bin=files[1], others=("angles", "eye"))
    engine = open_network(network, "ncnn", threads=1)
    arrays = [noise(2, 3, 12, 4), np.ascontiguousarray(noise(2, 3)), noise(2, 3, 4, 6, seed=1)]
    (out,) = engine.run(*arrays)
    means = [array.reshape(2, 3, -1).mean(axis=2) for array in arrays]
    np.testing.assert_allclose(out, np.concatenate(means, axis=1), rtol=1e-4)
    with pytest.raises(ArgumentError, match="others: got 0 further inputs; those of angles, eye"):
        engine.run(arrays[0])
    with pytest.raises(ArgumentError, match=r"eye: got shape \(1, 3, 4, 6\); \(2, \.\.\.\)"):
        engine.run(arrays[0], arrays[1], arrays[2][:1])
    with pytest.raises(ModelError, match="got angles as the first input, which is no image"):
        convert(written("angles", "x", "eye"), tmp_path, [(1, 3, 8, 8)])


def test_altered_pnnx_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    for machine in ("x86_64", "aarch64"):
        fake = tmp_path / f"pnnx-20261020-{machine}"
        fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/was_run\n")
    file = double_onnx(tmp_path / "double.onnx", (1, 3, 8, 8))
    with pytest.raises(DownloadError, match="ROSTRO_MODELS names"):
        convert(file, tmp_path / "out", [(1, 3, 8, 8)], folders=[tmp_path])
    assert not (tmp_path / "was_run").exists() and not (tmp_path / "out").exists()


def test_convert_where_there_is_no_pnnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ModelError, match=r"no pinned pnnx for .* on riscv64"):
        convert(tmp_path / "any.onnx", tmp_path / "out", [(1, 3, 8, 8)])


def test_cli_convert(default_models: dict[str, models.Model], tmp_path: Path) -> None:
    model = default_models["detect"]
    assert model.card is not None
    file = tmp_path / "plain.onnx"  # as pnnx gets it when it is installed, of any size
    file.write_bytes(fold(model.folder / model.card.files[0].name, free=(2, 3)))
    arguments = ["convert", str(file), "-o", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert isinstance(result.exception, ModelError) and "--shape" in str(result.exception)
    result = CliRunner().invoke(cli, [*arguments, "--shape", "1,3,8"])
    assert result.exit_code == 2 and "four numbers" in result.output
    shapes = ["--shape", "1,3,640,640", "--shape2", "1,3,480,320"]
    result = CliRunner().invoke(cli, arguments + shapes)
    assert result.exit_code == 0, result.output
    assert (tmp_path / f"{file.stem}.ncnn.param").is_file()
    made = (tmp_path / f"{file.stem}.ncnn.bin").read_bytes()
    assert made == model.files["bin"].read_bytes()
