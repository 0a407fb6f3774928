"""Int8 sums at the largest values there are: no kernel of an engine may saturate or overflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from rostro import engines
from rostro.engines import NetworkFiles
from rostro.quantization.ncnn_int8 import quantize
from rostro.quantization.ncnn_network import read_network
from rostro.quantization.onnx_int8 import OnnxInt8
from rostro.types import FloatArray

CHANNELS, OUTPUTS = 64, 16
# Sums that saturate on the way, and such that would only on one side.
SIGNS = np.where(np.arange(OUTPUTS) % 2, 1, -1).astype(np.float32)


def onnx_network(path: Path, kind: str) -> FloatArray:
    """A layer whose weights are all 1 or all -1; its weights."""
    shape = {"1x1": (OUTPUTS, CHANNELS, 1, 1), "3x3": (OUTPUTS, CHANNELS, 3, 3)}.get(kind)
    group = 1
    if kind == "depth-wise":
        shape, group = (CHANNELS, 1, 3, 3), CHANNELS
    if shape is None:
        weights = np.tile(SIGNS[:, np.newaxis], (1, CHANNELS))
        nodes = [
            helper.make_node("Flatten", ["x"], ["flat"]),
            helper.make_node("Gemm", ["flat", "w"], ["y"], name="layer", transB=1),
        ]
        taken: tuple[int, ...] = (1, CHANNELS, 1, 1)
        given: tuple[int, ...] = (1, OUTPUTS)
    else:
        signs = np.resize(SIGNS, shape[0])
        weights = np.broadcast_to(signs.reshape(-1, 1, 1, 1), shape).copy()
        nodes = [helper.make_node("Conv", ["x", "w"], ["y"], name="layer", group=group)]
        taken = (1, CHANNELS, 8, 8)
        side = 8 - shape[2] + 1
        given = (1, shape[0], side, side)
    graph = helper.make_graph(
        nodes,
        "extreme",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, taken)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, given)],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path
    )
    return weights


@pytest.mark.parametrize("kind", ["1x1", "3x3", "depth-wise", "dense"])
def test_onnx_sums_do_not_saturate(kind: str, tmp_path: Path) -> None:
    weights = onnx_network(tmp_path / "float.onnx", kind)
    shape = (1, CHANNELS, 1, 1) if kind == "dense" else (1, CHANNELS, 8, 8)
    quantizer = OnnxInt8(tmp_path / "float.onnx", "minmax")
    # Ones alone, with the zero that belongs to every range: all codes are 0 or 255.
    quantizer.calibrate([np.ones(shape, np.float32)])
    made = quantizer.build([layer.name for layer in quantizer.layers], tmp_path)
    assert made.onnx is not None
    codes = [
        numpy_helper.to_array(tensor)
        for tensor in onnx.load(made.onnx).graph.initializer
        if tensor.data_type == TensorProto.INT8 and tensor.dims[:1] == [len(weights)]
    ]
    largest = [np.abs(array.astype(int)).max() for array in codes if array.size == weights.size]
    assert largest == [64]
    (have,) = engines.open_network(made, "onnxruntime", threads=1).run(np.ones(shape, np.float32))
    want = weights.reshape(len(weights), -1).sum(axis=1)
    # The outputs are uint8 over a range of twice the largest.
    got = have.reshape(len(weights), -1)
    np.testing.assert_allclose(got, np.tile(want[:, None], got.shape[1]), atol=0.02 * want.max())


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        (f"Convolution l 1 1 in0 out0 0={OUTPUTS} 1=1 5=1 6={OUTPUTS * CHANNELS}", CHANNELS),
        (
            f"Convolution l 1 1 in0 out0 0={OUTPUTS} 1=3 5=1 6={OUTPUTS * CHANNELS * 9}",
            CHANNELS * 9,
        ),
        (f"ConvolutionDepthWise l 1 1 in0 out0 0={OUTPUTS} 1=3 5=1 6={OUTPUTS * 9} 7={OUTPUTS}", 9),
        (f"InnerProduct l 1 1 in0 out0 0={OUTPUTS} 1=1 2={OUTPUTS * CHANNELS}", CHANNELS),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_ncnn_sums_do_not_overflow(layer: str, size: int, sign: int, tmp_path: Path) -> None:
    """Codes are -127..127 on both sides: two such products fit int16."""
    weights = np.repeat(SIGNS, size).astype(np.float32)
    (tmp_path / "x.param").write_text(f"7767517\n2 2\nInput in0 0 1 in0\n{layer}\n")
    bias = np.zeros(OUTPUTS, np.float32)
    (tmp_path / "x.bin").write_bytes(bytes(4) + weights.tobytes() + bias.tobytes())
    made = quantize(read_network(tmp_path / "x.param", tmp_path / "x.bin"), {"l": 1.0}, {"l"})
    assert np.abs(made.layers[1].weights["weight"].astype(int)).max() == 127
    files = NetworkFiles(param=tmp_path / "y.param", bin=tmp_path / "y.bin")
    (tmp_path / "y.param").write_bytes(made.param())
    (tmp_path / "y.bin").write_bytes(made.bin())
    channels = OUTPUTS if "DepthWise" in layer else CHANNELS
    side = 1 if "InnerProduct" in layer else 8
    x = np.full((1, channels, side, side), sign, np.float32)
    (have,) = engines.open_network(files, "ncnn", threads=1).run(x)
    got = have.reshape(OUTPUTS, -1)
    want = np.tile(SIGNS[:, np.newaxis] * size * sign, (1, got.shape[1]))
    # Its scales are rounded; a sum that overflowed would be off by a third or more.
    np.testing.assert_allclose(got, want, rtol=1e-3)
