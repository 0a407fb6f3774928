"""Float networks prepared for ONNX Runtime: the same numbers, from a form in the cache."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper

from rostro import models
from rostro.cli import cli
from rostro.errors import ModelError
from rostro.models import own_prepared
from rostro.models.prepare import prepared
from tests.support.networks import noise


def prelu_onnx(path: Path, slopes: Sequence[float]) -> Path:
    """A convolution, then PReLU."""
    weights = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1) / 7
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"]),
            helper.make_node("PRelu", ["c", "slope"], ["y"]),
        ],
        "prelu",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", 3, 8, 8))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ("n", 3, 8, 8))],
        [
            numpy_helper.from_array(weights, "w"),
            numpy_helper.from_array(np.array(slopes, np.float32).reshape(3, 1, 1), "slope"),
        ],
    )
    opset = [helper.make_opsetid("", 11)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=7), path)
    return path


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def operators(path: Path) -> set[str]:
    return {node.op_type for node in onnx.load(path).graph.node}


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("slopes", [(0.2, -0.3, 1.0), (0.0, 1.5, -4.0), (-2.3, -2.3, -2.3)])
def test_an_own_network_is_prepared_when_asked(
    slopes: Sequence[float], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = prelu_onnx(tmp_path / "mine.onnx", slopes)
    before, x = file.read_bytes(), noise(2, 3, 8, 8) - 128
    want = np.where(x > 0, x, x * np.array(slopes, np.float32).reshape(3, 1, 1)) / 7
    (plain,) = models.resolve(file).open().run(x)
    assert not own_prepared._folder().exists()  # opening makes nothing

    told = CliRunner().invoke(cli, ["models", "install", str(file)])
    assert told.exit_code == 0 and "prepared for onnxruntime" in told.output
    (card_file,) = models.resolve(file).own_files
    made = own_prepared.prepared_of(tmp_path, card_file)
    assert made is not None and "PRelu" not in operators(made)
    (have,) = models.resolve(file).open().run(x)
    np.testing.assert_allclose(have, want, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(plain, want, rtol=1e-5, atol=1e-5)
    assert file.read_bytes() == before

    # What was damaged since does not count, nor what was made of another file.
    made.write_bytes(made.read_bytes()[:-1])
    caplog.set_level(logging.WARNING)
    assert own_prepared.prepared_of(tmp_path, card_file) is None
    assert "the network runs unprepared" in caplog.text
    models.resolve(file).open().run(x)
    prelu_onnx(file, (0.5, 0.5, 0.5))
    assert own_prepared.prepared_of(tmp_path, card_file) is None


def test_one_slope_is_part_of_the_convolution(tmp_path: Path) -> None:
    """ONNX Runtime runs a convolution with LeakyReLU as one operator."""
    for slopes, wanted in (
        ((3.5, 3.5, 3.5), {"Conv", "LeakyRelu"}),
        ((0.1, 0.2, 0.3), {"Conv", "Relu", "Mul", "Add"}),
    ):
        file = prelu_onnx(tmp_path / "x.onnx", slopes)
        (tmp_path / "made.onnx").write_bytes(prepared(file, None))
        assert operators(tmp_path / "made.onnx") == wanted


@pytest.mark.usefixtures("empty_cache")
def test_what_would_give_something_else_is_refused(tmp_path: Path) -> None:
    """The sum of two large products has not the digits of a small one."""
    file = prelu_onnx(tmp_path / "steep.onnx", (1e6, -1e6, 1e6))
    with pytest.raises(ModelError, match=r"output y: got values off by .* 1e-05 is wanted"):
        models.install(file)
    assert not own_prepared._folder().exists()
    with pytest.raises(ModelError, match=r"without an \.onnx file"):
        (tmp_path / "x.bin").touch()
        (tmp_path / "x.param").touch()
        models.install(tmp_path / "x.param")


def test_built_in_networks_are_prepared(
    default_models: dict[str, models.Model], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cache / "models" / "sface-2021dec"
    file = folder / "sface-2021dec.onnx"
    assert "PRelu" not in operators(file)
    made = json.loads((folder / "installed.json").read_text())["files"]["onnx"]["made_by"]
    assert made.startswith("rostro's prepared form")
    # The same every time; and what fails the check serves as it was published, with the reason.
    before = file.read_bytes()
    file.unlink()
    models.install("sface-2021dec")
    assert file.read_bytes() == before

    def refuse(*_: object, **__: object) -> bytes:
        raise ModelError("got values off by 1; at most 1e-05 is wanted")

    file.unlink()
    monkeypatch.setattr("rostro.models.prepare.prepared", refuse)
    model = models.install("sface-2021dec")
    assert "PRelu" in operators(file)
    made = json.loads((folder / "installed.json").read_text())["files"]["onnx"]["made_by"]
    assert "not prepared: got values off by 1" in made
    x = noise(1, 3, 112, 112)
    (want,), (have,) = model.open("onnxruntime").run(x), model.open("ncnn").run(x)
    np.testing.assert_allclose(have, want, atol=1e-3 * np.abs(want).max())


@pytest.mark.usefixtures("empty_cache")
def test_what_onnxruntime_does_not_load_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"garbage")
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        prepared(tmp_path / "bad.onnx", None)
