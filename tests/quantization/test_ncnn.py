"""The int8 and float16 forms of ncnn networks, checked by ncnn itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rostro import engines, models
from rostro.engines import NetworkFiles
from rostro.errors import ModelError
from rostro.quantization.ncnn_forms import NcnnFloat16, NcnnInt8
from rostro.quantization.ncnn_int8 import fold_batch_norm, quantize
from rostro.quantization.ncnn_network import NcnnNetwork, read_network
from rostro.types import FloatArray
from tests.support.networks import noise
from tests.support.shared import shared_models

# Convolution (bias, ReLU), depth-wise convolution, batch norm, two convolutions of one blob.
PARAM = """7767517
8 9
Input            in0   0 1 in0
Convolution      a     1 1 in0 a 0=8 1=3 4=1 5=1 6=216 9=1
ConvolutionDepthWise b 1 1 a b 0=8 1=3 4=1 5=0 6=72 7=8
BatchNorm        n     1 1 b n 0=8
Split            s     1 2 n n0 n1
Convolution      c     1 1 n0 c 0=4 1=1 5=1 6=32
Convolution      d     1 1 n1 d 0=4 1=1 5=1 6=32
BinaryOp         out0  2 1 c d out0 0=0
"""


@pytest.fixture
def small(tmp_path: Path) -> NcnnNetwork:
    """A network with random weights."""
    random = np.random.default_rng(1)

    def array(count: int) -> bytes:
        return random.uniform(0.1, 1, count).astype(np.float32).tobytes()

    def tagged(count: int) -> bytes:
        return bytes(4) + random.normal(0, 0.2, count).astype(np.float32).tobytes()

    parts = [tagged(216), array(8), tagged(72), array(8), array(8), array(8), array(8)]
    parts += [tagged(32), array(4), tagged(32), array(4)]
    (tmp_path / "x.param").write_text(PARAM)
    (tmp_path / "x.bin").write_bytes(b"".join(parts))
    return read_network(tmp_path / "x.param", tmp_path / "x.bin")


def run(network: NcnnNetwork, folder: Path, tensor: FloatArray) -> FloatArray:
    files = NetworkFiles(param=folder / "y.param", bin=folder / "y.bin")
    (folder / "y.param").write_bytes(network.param())
    (folder / "y.bin").write_bytes(network.bin())
    (out,) = engines.open_network(files, "ncnn", threads=1).run(tensor)
    return out


def reference_conv(
    x: FloatArray, weight: FloatArray, bias: FloatArray, groups: int = 1
) -> FloatArray:
    """A convolution in double precision, one input (C, H, W), padded to keep its size."""
    outputs, _, k, _ = weight.shape
    padded = np.pad(x.astype(np.float64), ((0, 0), (k // 2, k // 2), (k // 2, k // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (1, k, k))[:, :, :, 0]
    if groups == 1:
        made = np.einsum("chwij,ocij->ohw", windows, weight)
    else:
        made = np.einsum("chwij,cij->chw", windows, weight[:, 0])
    return np.asarray(made + bias.reshape(outputs, 1, 1), np.float32)


def test_what_is_read_is_written_again(tmp_path: Path) -> None:
    model = models.install("yunet-2023mar")
    network = read_network(model.files["param"], model.files["bin"])
    assert network.bin() == model.files["bin"].read_bytes()
    tensor = noise(1, 3, 64, 96)
    (tmp_path / "y.param").write_bytes(network.param())
    (tmp_path / "y.bin").write_bytes(network.bin())
    again = engines.open_network(
        NetworkFiles(param=tmp_path / "y.param", bin=tmp_path / "y.bin"), "ncnn", threads=1
    )
    original = model.open("ncnn", threads=1)
    for have, want in zip(again.run(tensor), original.run(tensor), strict=True):
        np.testing.assert_array_equal(have, want)


def test_batch_norm_becomes_part_of_the_convolution(small: NcnnNetwork, tmp_path: Path) -> None:
    folded = fold_batch_norm(small)
    assert [layer.type for layer in folded.layers].count("BatchNorm") == 0
    x = noise(1, 3, 12, 9) / np.float32(255)
    np.testing.assert_allclose(run(folded, tmp_path, x), run(small, tmp_path, x), atol=1e-5)


def test_int8_is_what_its_definition_says(small: NcnnNetwork, tmp_path: Path) -> None:
    """Layers in int8 against the arithmetic of the format, worked out in NumPy."""
    network = fold_batch_norm(small)
    x = noise(1, 3, 12, 9) / np.float32(255)
    layers = {layer.name: layer for layer in network.layers}

    def codes(values: FloatArray, scale: FloatArray | np.float32) -> FloatArray:
        return np.asarray(np.rint(values * scale).clip(-127, 127), np.float32)

    def convolved(values: FloatArray, name: str, limit: float, groups: int = 1) -> FloatArray:
        layer = layers[name]
        bias = layer.weights["bias"].astype(np.float32)
        weight = layer.weights["weight"].reshape(len(bias), -1).astype(np.float32)
        scales = (127 / np.abs(weight).max(axis=1)).astype(np.float32)
        side = layer.get(1)
        whole = codes(weight, scales[:, np.newaxis]).reshape(len(bias), -1, side, side)
        scale = np.float32(127 / limit)
        sums = reference_conv(codes(values, scale), whole, np.zeros(len(bias), np.float32), groups)
        weighted = sums / (scales * scale)[:, np.newaxis, np.newaxis]
        return np.asarray(weighted + bias[:, np.newaxis, np.newaxis], np.float32)

    limits = {"a": 1.0, "b": 4.0, "c": 3.0, "d": 3.0}
    a = np.maximum(convolved(x[0], "a", limits["a"]), 0)
    n = convolved(a, "b", limits["b"], groups=8)
    want = convolved(n, "c", limits["c"]) + convolved(n, "d", limits["d"])

    made = quantize(network, limits, {"a", "b", "c", "d"})
    terms = {layer.name: layer.get(8) for layer in made.layers if layer.name in limits}
    assert terms == {"a": 102, "b": 101, "c": 2, "d": 2}
    have = run(made, tmp_path, x)[0]
    # Where a value lies between two codes, float32 sums in another order may round the other way.
    step = float(np.abs(want).max()) / 127
    assert np.abs(have - want).max() < 2 * step
    assert np.median(np.abs(have - want)) < 0.05 * step


def test_layers_left_in_float_pass_float(small: NcnnNetwork, tmp_path: Path) -> None:
    made = quantize(fold_batch_norm(small), {"a": 1.0, "b": 4.0, "c": 3.0, "d": 3.0}, {"b", "c"})
    terms = {layer.name: layer.get(8) for layer in made.layers}
    assert (terms["a"], terms["b"], terms["c"], terms["d"]) == (0, 1, 2, 0)
    x = noise(1, 3, 12, 9) / np.float32(255)
    want = run(small, tmp_path, x)
    assert np.abs(run(made, tmp_path, x) - want).max() < 0.05 * np.abs(want).max()


@pytest.mark.heavy
def test_an_embedder_in_int8_gives_nearly_the_same(tmp_path: Path) -> None:
    folder = shared_models("embed")
    param = folder / "mobilefacenet_128.param"
    quantizer = NcnnInt8(param, param.with_suffix(".bin"), "minmax")
    tensors = [noise(1, 3, 112, 112, seed=seed) for seed in range(3)]
    quantizer.calibrate(tensors[:2])
    assert sum(layer.at_end for layer in quantizer.layers) == 2
    dense = [layer.name for layer in quantizer.layers if not layer.depthwise and not layer.at_end]
    made = quantizer.build(dense, tmp_path)
    assert made.bin is not None
    assert made.bin.stat().st_size < 0.45 * param.with_suffix(".bin").stat().st_size
    (have,) = engines.open_network(made, "ncnn", threads=1).run(tensors[2])
    source = NetworkFiles(param=param, bin=param.with_suffix(".bin"))
    (want,) = engines.open_network(source, "ncnn", threads=1).run(tensors[2])
    cosine = float((have @ want.T).item() / np.linalg.norm(have) / np.linalg.norm(want))
    assert 0.97 < cosine < 0.999999


def test_float16_halves_the_weights(tmp_path: Path) -> None:
    files = models.install("yunet-2023mar").files
    made = NcnnFloat16(files["param"], files["bin"]).build((), tmp_path)
    assert made.bin is not None
    assert made.bin.stat().st_size < 0.6 * files["bin"].stat().st_size
    tensor = noise(1, 3, 64, 96)
    source = NetworkFiles(param=files["param"], bin=files["bin"])
    for have, want in zip(
        engines.open_network(made, "ncnn").run(tensor),
        engines.open_network(source, "ncnn").run(tensor),
        strict=True,
    ):
        np.testing.assert_allclose(have, want, atol=0.02 * np.abs(want).max())


@pytest.mark.parametrize(
    ("param", "weights", "problem"),
    [
        ("not a network", b"", "not an ncnn .param file"),
        ("7767517\n1 1\nLSTM l 0 1 x 0=4\n", b"", "layer l: of type LSTM, which is not supported"),
        ("7767517\n1 1\nPReLU p 0 1 x 0=4\n", b"12", "cut short"),
        ("7767517\n1 1\nPReLU p 0 1 x 0=1\n", b"12345678", "8 bytes where"),
        (
            "7767517\n1 1\nConvolution c 0 1 x 0=1 6=4\n",
            b"\x38\x4b\x0d\x00" + bytes(4),
            "int8 already",
        ),
    ],
)
def test_files_that_cannot_be_used(
    param: str, weights: bytes, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "x.param").write_text(param)
    (tmp_path / "x.bin").write_bytes(weights)
    with pytest.raises(ModelError, match=problem):
        read_network(tmp_path / "x.param", tmp_path / "x.bin")
