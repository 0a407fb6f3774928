"""OpenVINO networks as ONNX: operators against plain NumPy, a whole network, and bad files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from rostro.errors import FileMissingError, ModelError
from rostro.models.openvino_to_onnx import openvino_to_onnx
from tests.support.openvino_writer import Ir, ir_of_onnx
from tests.support.shared import shared_models

Array = NDArray[Any]
RNG = np.random.default_rng(0)


def floats(*shape: int) -> Array:
    return RNG.standard_normal(shape).astype(np.float32)


def whole(*numbers: int) -> Array:
    return np.array(numbers, np.int64)


def one_layer(
    folder: Path, kind: str, x: Array, shape: Sequence[int], *constants: Array, **options: object
) -> Array:
    """What the converted network of one layer gives; ``first`` puts the constants before x."""
    first = options.pop("first", False)
    ir = Ir()
    taken = ir.parameter(x.shape)
    others = [ir.constant(array) for array in constants]
    inputs = [*others, taken] if first else [taken, *others]
    ir.result(ir.layer(kind, inputs, shape, "y", **options))
    model = onnx.load_from_string(openvino_to_onnx(ir.save(folder)))
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    out: Array = session.run(["y"], {"x": x})[0]
    return out


def windows(x: Array, size: int, stride: int, dilation: int, pad: int, fill: float) -> Array:
    """(N, C, H', W', size, size): what each place of the output sees."""
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], constant_values=fill)
    reach = (size - 1) * dilation + 1
    seen: Array = np.lib.stride_tricks.sliding_window_view(x, (1, 1, reach, reach))[..., 0, 0, :, :]
    return seen[:, :, ::stride, ::stride, ::dilation, ::dilation]


@pytest.mark.parametrize("weights_of", [np.float32, np.float16])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_convolutions(
    tmp_path: Path, weights_of: type[np.floating[Any]], stride: int, dilation: int, groups: int
) -> None:
    x = floats(1, 4, 9, 8)
    weights = floats(groups, 8 // groups, 4 // groups, 3, 3).astype(weights_of)
    seen = windows(x, 3, stride, dilation, 1, 0)
    parts = np.split(seen, groups, axis=1)
    want = np.concatenate(
        [
            np.einsum("nchwij,ocij->nohw", part, own.astype(np.float32))
            for part, own in zip(parts, weights, strict=True)
        ],
        axis=1,
    )
    got = one_layer(
        tmp_path, "Convolution" if groups == 1 else "GroupConvolution", x, want.shape,
        weights[0] if groups == 1 else weights,
        strides=(stride, stride), dilations=(dilation, dilation),
        pads_begin=(1, 1), pads_end=(1, 1), auto_pad="explicit",
    )  # fmt: skip
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("pad", [0, 1])
def test_pools(tmp_path: Path, stride: int, pad: int) -> None:
    x = floats(1, 3, 7, 9)
    options = {
        "kernel": (3, 3), "strides": (stride, stride), "pads_begin": (pad, pad),
        "pads_end": (pad, pad), "rounding_type": "floor",
    }  # fmt: skip
    want = windows(x, 3, stride, 1, pad, -np.inf).max((4, 5))
    got = one_layer(tmp_path, "MaxPool", x, want.shape, **options)
    np.testing.assert_array_equal(got, want)
    seen = windows(x, 3, stride, 1, pad, np.nan)
    for without, mean in (("true", np.nanmean(seen, (4, 5))), ("0", None)):
        mean = np.nan_to_num(seen).mean((4, 5)) if mean is None else mean
        got = one_layer(tmp_path, "AvgPool", x, mean.shape, **options, **{"exclude-pad": without})
        np.testing.assert_allclose(got, mean, rtol=0, atol=1e-6)


def test_a_pool_over_the_whole_image_is_a_global_one(tmp_path: Path) -> None:
    """Which ncnn and ONNX Runtime run at once."""
    ir = Ir()
    pool = ir.layer(
        "AvgPool", [ir.parameter((1, 2, 4, 5))], (1, 2, 1, 1), "y",
        kernel=(4, 5), strides=(4, 5), pads_begin=(0, 0), pads_end=(0, 0),
    )  # fmt: skip
    ir.result(pool)
    model = onnx.load_from_string(openvino_to_onnx(ir.save(tmp_path)))
    assert [node.op_type for node in model.graph.node] == ["GlobalAveragePool", "Identity"]


X = floats(2, 3, 4, 5)
ROW, CHANNELS = floats(5), floats(1, 3, 1, 1)
HALF, SLOPES = CHANNELS.astype(np.float16), np.array([0.1, -2, 3], np.float32)
SHARE = np.exp(X) / np.exp(X).sum(1, keepdims=True)
# What a layer of this kind and with these constants and options gives for X.
LAYERS: dict[str, tuple[str, Sequence[Array], dict[str, object], Array]] = {
    "add": ("Add", [ROW], {"auto_broadcast": "numpy"}, X + ROW),
    "subtract": ("Subtract", [CHANNELS], {"first": True}, CHANNELS - X),
    "multiply": ("Multiply", [HALF], {}, X * HALF),
    "divide": ("Divide", [CHANNELS], {}, X / CHANNELS),
    "maximum": ("Maximum", [ROW], {}, np.maximum(X, ROW)),
    "minimum": ("Minimum", [ROW], {}, np.minimum(X, ROW)),
    "power": ("Power", [np.full(1, 2, np.float32)], {}, X**2),
    "exp": ("Exp", [], {}, np.exp(X)),
    "abs": ("Abs", [], {}, np.abs(X)),
    "negative": ("Negative", [], {}, -X),
    "relu": ("ReLU", [], {}, np.maximum(X, 0)),
    "sigmoid": ("Sigmoid", [], {}, 1 / (1 + np.exp(-X))),
    "tanh": ("Tanh", [], {}, np.tanh(X)),
    "elu": ("Elu", [], {"alpha": 0.5}, np.where(X > 0, X, 0.5 * np.expm1(X))),
    "clamp": ("Clamp", [], {"min": -0.5, "max": 1}, X.clip(-0.5, 1)),
    "hswish": ("HSwish", [], {}, X * (X + 3).clip(0, 6) / 6),
    "prelu": ("PReLU", [SLOPES], {}, np.where(X > 0, X, X * SLOPES.reshape(3, 1, 1))),
    "one slope": ("PReLU", [SLOPES[:1]], {}, np.where(X > 0, X, X * SLOPES[0])),
    "softmax": ("SoftMax", [], {"axis": 1}, SHARE),
    "convert": ("Convert", [], {"destination_type": "f32"}, X),
    "matmul": ("MatMul", [floats(5, 2)], {}, np.empty(0)),
    "matmul turned": ("MatMul", [floats(2, 5)], {"transpose_b": "True"}, np.empty(0)),
    "matmul both": (
        "MatMul", [floats(6, 4)], {"transpose_a": "true", "transpose_b": "true"}, np.empty(0)
    ),
    "transpose": ("Transpose", [whole(0, 2, 3, 1)], {}, X.transpose(0, 2, 3, 1)),
    "reshape": ("Reshape", [whole(0, -1, 5)], {"special_zero": "true"}, X.reshape(2, -1, 5)),
    "unsqueeze": ("Unsqueeze", [whole(0)], {}, X[None]),
    "squeeze": ("Squeeze", [whole(0)], {}, X),
    "concat": ("Concat", [floats(2, 2, 4, 5)], {"axis": 1}, np.empty(0)),
    "mean": ("ReduceMean", [whole(2, 3)], {"keep_dims": "True"}, X.mean((2, 3), keepdims=True)),
    "sum": ("ReduceSum", [whole(-1)], {"keep_dims": "false"}, X.sum(-1)),
    "max": ("ReduceMax", [whole(1)], {}, X.max(1)),
    "min": ("ReduceMin", [whole(1)], {}, X.min(1)),
}  # fmt: skip
# Those whose result is said with their own constants.
FROM_CONSTANTS: dict[str, Callable[[Array], Array]] = {
    "matmul": lambda c: X @ c,
    "matmul turned": lambda c: X @ c.T,
    "matmul both": lambda c: X.swapaxes(2, 3) @ c.T,
    "concat": lambda c: np.concatenate([X, c], 1),
}


@pytest.mark.parametrize("case", LAYERS)
def test_layers(tmp_path: Path, case: str) -> None:
    kind, constants, options, want = LAYERS[case]
    if case in FROM_CONSTANTS:
        want = FROM_CONSTANTS[case](constants[0])
    x = X[None, 0] if case == "squeeze" else X
    want = X[0] if case == "squeeze" else want
    got = one_layer(tmp_path, kind, x, want.shape, *constants, **options)
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def test_what_is_done_to_weights_is_done_once(tmp_path: Path) -> None:
    """Files with weights of float16 reshape those of grouped convolutions when they run."""
    x, weights = floats(1, 4, 6, 6), floats(4, 1, 3, 3)
    ir = Ir()
    taken, stored = ir.parameter(x.shape), ir.constant(weights.astype(np.float16))
    shape = (4, 1, 1, 3, 3)
    grouped = ir.layer("Reshape", [stored, ir.constant(whole(*shape))], shape, special_zero="false")
    ir.result(
        ir.layer(
            "GroupConvolution", [taken, grouped], (1, 4, 4, 4), "y",
            strides=(1, 1), dilations=(1, 1), pads_begin=(0, 0), pads_end=(0, 0),
        )
    )  # fmt: skip
    model = onnx.load_from_string(openvino_to_onnx(ir.save(tmp_path)))
    assert [node.op_type for node in model.graph.node] == ["Conv", "Identity"]
    got = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
    want = np.einsum("nchwij,cij->nchw", windows(x, 3, 1, 1, 0, 0), weights[:, 0])
    np.testing.assert_allclose(got, want, rtol=0, atol=0.01)


@pytest.mark.heavy
@pytest.mark.parametrize("half", [True, False])
def test_a_whole_network(tmp_path: Path, half: bool) -> None:
    """Written as Open Model Zoo publishes it, and read back; its weights fit into float16."""
    path = shared_models("embed") / "face_reidentification_retail_0095_f16.onnx"
    xml = ir_of_onnx(path, half).save(tmp_path, "reid")
    made, again = openvino_to_onnx(xml), openvino_to_onnx(xml, tmp_path / "reid.bin")
    assert made == again
    x = (RNG.random((1, 3, 128, 128)) * 255).astype(np.float32)
    (want,) = onnxruntime.InferenceSession(path).run(["658"], {"0": x})
    (got,) = onnxruntime.InferenceSession(made).run(["658"], {"0": x})
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5 * np.abs(want).max())


def small() -> Ir:
    """x -> Convolution -> ReLU."""
    ir = Ir()
    made = ir.layer(
        "Convolution", [ir.parameter((1, 3, 6, 6)), ir.constant(floats(2, 3, 3, 3))], (1, 2, 4, 4),
        "features", strides=(1, 1), dilations=(1, 1), pads_begin=(0, 0), pads_end=(0, 0),
    )  # fmt: skip
    ir.result(ir.layer("ReLU", [made], (1, 2, 4, 4), "y"))
    return ir


def refused(folder: Path, xml: bytes, weights: bytes, *parts: str) -> None:
    """It is an error in one sentence that names the file and says these things."""
    (folder / "bad.xml").write_bytes(xml)
    (folder / "bad.bin").write_bytes(weights)
    with pytest.raises(ModelError) as caught:
        openvino_to_onnx(folder / "bad.xml")
    message = str(caught.value)
    assert message.startswith(str(folder / "bad.xml")) and "\n" not in message
    assert len(message) < 500
    for part in parts:
        assert part in message, message


BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE net [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(20))
    + b"]><net version='11'>&u;</net>"
)
OUTSIDE = b"<!DOCTYPE net SYSTEM 'file:///etc/passwd'><net version='11'></net>"


@pytest.mark.parametrize(
    ("xml", "part"),
    [
        (b"", "no XML"),
        (b"<net", "no XML"),
        (b"\xff\xfe\x00", "no XML"),
        (b"<html></html>", "<html>"),
        (b"<net version='5'></net>", "version 5"),
        (b"<net version='11'></net>", "without inputs"),
        (b"<net version='11'>" + b"<a>" * 100_000, "no XML"),
        (BOMB, "DOCTYPE"),
        (OUTSIDE, "DOCTYPE"),
    ],
    ids=["empty", "cut", "no text", "a page", "old", "nothing", "deep", "bomb", "outside"],
)
def test_no_network(tmp_path: Path, xml: bytes, part: str) -> None:
    refused(tmp_path, xml, b"", part)


# Of the file of `small`: what is replaced by what, and what the error says.
CHANGES: dict[str, tuple[str, str, str]] = {
    "an unknown operator": ('type="ReLU"', 'type="NonMaxSuppression"', "layer 'y' of type 'NonMax"),
    "a cycle": ('from-layer="0" from-port="0"', 'from-layer="3" from-port="1"', "computed of it"),
    "an edge from nowhere": ('from-layer="0"', 'from-layer="99"', "not there"),
    "an edge from no port": ('from-layer="0" from-port="0"', 'from-layer="0" from-port="7"', "'7'"),
    "no edge": ('to-layer="3" to-port="0"', 'to-layer="3" to-port="9"', "'y' of type 'ReLU'"),
    "one id twice": ('id="1"', 'id="0"', "there already"),
    "beyond the end": ('offset="0"', 'offset="8"', "ends at byte 224 of a .bin of 216"),
    "before the start": ('offset="0"', 'offset="-8"', "ends at byte 208"),
    "far away": ('offset="0"', f'offset="{2**62}"', "whole numbers are wanted"),
    "another size": ('size="216"', 'size="9"', "9 bytes for shape"),
    "a huge shape": ('shape="2,3,3,3"', 'shape="99999999,99999999,3,3"', "got shape"),
    "no shape": ('shape="2,3,3,3"', 'shape="2,-3,-3,3"', "got shape"),
    "an odd type": ('element_type="f32" shape="2', 'element_type="u1" shape="2', "'u1'"),
    "an odd input": ('element_type="f32" shape="1', 'element_type="u8" shape="1', "f32 or f16"),
    "no number": ('strides="1,1"', 'strides="1,x"', "strides"),
    "no stride": ('strides="1,1"', 'strides="0,1"', "do not go together"),
    "three strides": ('strides="1,1"', 'strides="1,1,1"', "do not go together"),
    "missing": ('strides="1,1"', "", "has no strides"),
    "a pad below 0": ('pads_end="0,0"', 'pads_end="0,-1"', "pads"),
    "an odd side": ("<dim>6</dim>", "<dim>six</dim>", "'six'"),
    "flat weights": ('shape="2,3,3,3"', 'shape="54"', "do not go together"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_refusals(tmp_path: Path, case: str) -> None:
    old, new, part = CHANGES[case]
    ir = small()
    text = ir.xml.decode()
    assert old in text
    refused(tmp_path, text.replace(old, new, 1).encode(), ir.weights, part)


def test_files_that_are_cut_or_missing(tmp_path: Path) -> None:
    ir = small()
    refused(tmp_path, ir.xml, ir.weights[:-1], "layer 'layer_1' of type 'Const'", "of 215")
    refused(tmp_path, ir.xml[: len(ir.xml) // 2], ir.weights, "no XML")
    path = ir.save(tmp_path)
    path.with_suffix(".bin").unlink()
    with pytest.raises(FileMissingError, match=re.escape(str(path.with_suffix(".bin")))):
        openvino_to_onnx(path)


def test_damaged_files_give_errors_or_networks(tmp_path: Path) -> None:
    """Whatever the bytes say: never another exception, and no endless work."""
    ir = small()
    path = ir.save(tmp_path)
    good = ir.xml
    for _ in range(500):
        changed = bytearray(good)
        for at in RNG.integers(len(good), size=RNG.integers(1, 4)):
            changed[at] = RNG.choice(bytearray(b'0123456789<>"/-,ax '))
        path.write_bytes(changed)
        try:
            openvino_to_onnx(path)
        except ModelError as error:
            assert str(path) in str(error)
