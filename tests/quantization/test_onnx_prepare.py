"""ONNX networks prepared for int8: in other operators, with the same results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from rostro import models
from rostro.quantization.onnx_prepare import prepare
from tests.support.networks import noise


@pytest.mark.parametrize("slopes", [[0.2, -0.3, 1.0], [0.2, 1.5, -0.1]])
def test_prelu_in_other_operators_gives_the_same(slopes: list[float], tmp_path: Path) -> None:
    slope = np.array(slopes, np.float32).reshape(3, 1, 1)
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "slope"], ["y"])],
        "prelu",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 3, 5, 5))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 3, 5, 5))],
        [numpy_helper.from_array(slope, "slope")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    onnx.save(model, tmp_path / "x.onnx")
    made = prepare(tmp_path / "x.onnx")
    assert "PRelu" not in {node.op_type for node in made.graph.node}
    x = noise(1, 3, 5, 5) - 128
    (have,) = onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"x": x})
    np.testing.assert_allclose(have, np.where(x > 0, x, x * slope), rtol=1e-6, atol=1e-4)


@pytest.mark.usefixtures("default_models")
def test_a_prepared_network_gives_the_same() -> None:
    model = models.resolve("sface-2021dec")
    tensor = noise(1, 3, 112, 112)
    want = model.open("onnxruntime").run(tensor)[0]
    made = prepare(model.files["onnx"]).SerializeToString()
    session = onnxruntime.InferenceSession(made, providers=["CPUExecutionProvider"])
    (have,) = session.run(None, {"data": tensor})
    np.testing.assert_allclose(have, want, atol=1e-3 * np.abs(want).max())
