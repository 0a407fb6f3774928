"""TensorFlow Lite networks as ONNX: operators against plain NumPy, refusals and damaged files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.models.tflite_to_onnx import tflite_to_onnx
from tests.support.tflite_writer import Step, tflite

Array = NDArray[Any]
Tensors = list[tuple[str, Sequence[int], Array | None]]
RNG = np.random.default_rng(0)
SAME, VALID = 0, 1
ADD, CONCAT, CONV, DEPTHWISE, DEQUANTIZE, LOGISTIC, MAX_POOL = 0, 2, 3, 4, 6, 14, 17
MUL, RESHAPE, PAD, TRANSPOSE, MEAN, SUB, DIV, SLICE = 18, 22, 34, 39, 40, 41, 42, 45
PRELU, NEG, SUM, SQRT, RSQRT, SQUARED_DIFFERENCE = 54, 59, 74, 75, 76, 99


def floats(*shape: int) -> Array:
    return RNG.standard_normal(shape).astype(np.float32)


def run(data: bytes, x: Array) -> Array:
    """What the converted network gives; images go in and come out with their channels last."""
    model = onnx.load_from_string(tflite_to_onnx(data, "test.tflite"))
    onnx.checker.check_model(model, full_check=True)
    whole = x.transpose(0, 3, 1, 2) if x.ndim == 4 else x.reshape((1,) * (4 - x.ndim) + x.shape)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    out: Array = session.run(None, {"x": whole})[0]
    return out.transpose(0, 2, 3, 1) if out.ndim == 4 else out


def one_step(
    code: int,
    x: Array,
    out: Sequence[int],
    *constants: Array,
    options: dict[int, Any] | None = None,
) -> Array:
    """The result of one operator on x and constants."""
    tensors: Tensors = [("x", x.shape, None), ("y", out, None)]
    tensors += [(f"c{i}", array.shape, array) for i, array in enumerate(constants)]
    inputs = [0, *range(2, len(tensors))]
    return run(tflite(tensors, [Step(code, inputs, [1], options or {})], [0], [1]), x)


def plain_windows(x: Array, size: int, stride: int, padding: int, fill: float) -> Array:
    """(N, H', W', size, size, C): what each place of the output sees; SAME as TensorFlow has it."""
    pads = []
    for side in x.shape[1:3]:
        count = -(-side // stride)
        missing = max((count - 1) * stride + size - side, 0) if padding == SAME else 0
        pads.append((missing // 2, missing - missing // 2))
    x = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    windows: Array = np.lib.stride_tricks.sliding_window_view(x, (1, size, size, 1))
    return windows[:, ::stride, ::stride, :, 0, :, :, 0].transpose(0, 1, 2, 4, 5, 3)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [SAME, VALID])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_convolutions_and_pools(stride: int, padding: int, size: int) -> None:
    x = floats(1, 7, 6, 4)
    bias = floats(5)
    weights = floats(5, size, size, 4)
    strides = {0: ("b", padding), 1: ("i", stride), 2: ("i", stride)}
    seen = plain_windows(x, size, stride, padding, 0)
    want = np.einsum("nhwijc,oijc->nhwo", seen, weights) + bias
    got = one_step(CONV, x, want.shape, weights, bias, options=strides | {3: ("b", 1)})
    np.testing.assert_allclose(got, np.maximum(want, 0), atol=1e-5)

    weights = floats(1, size, size, 8)  # each channel twice
    want = np.einsum("nhwijc,ijcm->nhwcm", seen, weights.reshape(size, size, 4, 2))
    want = want.reshape(*want.shape[:3], 8)
    got = one_step(DEPTHWISE, x, want.shape, weights, options=strides | {3: ("i", 2)})
    np.testing.assert_allclose(got, want, atol=1e-5)

    want = plain_windows(x, size, stride, padding, -np.inf).max((3, 4))
    windows = {3: ("i", size), 4: ("i", size)}
    np.testing.assert_array_equal(
        one_step(MAX_POOL, x, want.shape, options=strides | windows), want
    )


ELEMENTWISE: dict[str, tuple[int, Callable[[Array, Array], Array]]] = {
    "add": (ADD, lambda a, b: a + b),
    "subtract": (SUB, lambda a, b: a - b),
    "multiply": (MUL, lambda a, b: a * b),
    "divide": (DIV, lambda a, b: a / b),
    "squared difference": (SQUARED_DIFFERENCE, lambda a, b: (a - b) ** 2),
    "prelu": (PRELU, lambda a, b: np.where(a > 0, a, a * b)),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(1, 5, 6, 4), (1, 5, 4)])
def test_elementwise_with_a_constant_for_each_channel(name: str, shape: tuple[int, ...]) -> None:
    code, plain = ELEMENTWISE[name]
    x, constant = floats(*shape), floats(1, 1, shape[-1])
    np.testing.assert_allclose(one_step(code, x, shape, constant), plain(x, constant), rtol=1e-5)


UNARY: dict[str, tuple[int, Callable[[Array], Array]]] = {
    "logistic": (LOGISTIC, lambda a: 1 / (1 + np.exp(-a))),
    "negative": (NEG, lambda a: -a),
    "root": (SQRT, np.sqrt),
    "reciprocal root": (RSQRT, lambda a: 1 / np.sqrt(a)),
}


@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str) -> None:
    code, plain = UNARY[name]
    x = np.abs(floats(1, 3, 2, 4)) + 0.1
    np.testing.assert_allclose(one_step(code, x, x.shape), plain(x), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 5, 6, 4), (1, 6, 4)])
def test_pads_reductions_and_shapes(shape: tuple[int, ...]) -> None:
    x = floats(*shape)
    pads = np.zeros((len(shape), 2), np.int32)
    pads[-1], pads[1] = (0, 3), (1, 2)
    want = np.pad(x, pads)
    np.testing.assert_array_equal(one_step(PAD, x, want.shape, pads), want)
    axis = np.array([-1], np.int32)
    keep = {0: ("b", 1)}
    for code, plain in ((MEAN, x.mean), (SUM, x.sum)):
        want = plain(-1, keepdims=True)
        np.testing.assert_allclose(
            one_step(code, x, want.shape, axis, options=keep), want, atol=1e-5
        )
    flat = np.array([1, -1], np.int32)
    np.testing.assert_array_equal(one_step(RESHAPE, x, (1, x.size), flat), x.reshape(1, -1))
    order = np.array([0, *range(len(shape) - 1, 0, -1)], np.int32)
    want = x.transpose(order)
    np.testing.assert_array_equal(one_step(TRANSPOSE, x, want.shape, order), want)


def test_concatenation_in_any_layout() -> None:
    x, more = floats(1, 3, 2, 4), floats(1, 1, 2, 4)
    got = one_step(CONCAT, x, (1, 4, 2, 4), more, options={0: ("i", 1)})
    np.testing.assert_array_equal(got, np.concatenate([x, more], 1))


def test_slices() -> None:
    x = floats(1, 6, 5)
    bounds = [np.array(numbers, np.int32) for numbers in ([0, 1, 2], [0, 5, 0], [1, 2, 1])]
    # From the start of the first axis, to the end of the first and the last.
    got = one_step(SLICE, x, (1, 2, 3), *bounds, options={0: ("i", 1), 1: ("i", 5)})
    np.testing.assert_array_equal(got, x[:, 1:5:2, 2:])
    bounds = [np.array(numbers, np.int32) for numbers in ([0, 3], [1, 4], [1, 1])]
    got = one_step(SLICE, x, (5,), *bounds, options={4: ("i", 3)})
    np.testing.assert_array_equal(got, x[0, 3])


def test_weights_of_float16_and_layouts_that_meet() -> None:
    """A convolution's result beside what was transposed: each in its own layout."""
    x = floats(1, 4, 4, 4)
    weights = floats(4, 1, 1, 4).astype(np.float16)
    order = np.array([0, 2, 1, 3], np.int32)
    shape = x.shape
    data = tflite(
        [
            ("x", shape, None), ("half", weights.shape, weights), ("w", weights.shape, None),
            ("conv", shape, None), ("order", (4,), order), ("turned", shape, None),
            ("y", shape, None),
        ],
        [
            Step(DEQUANTIZE, [1], [2]),
            Step(CONV, [0, 2], [3], {0: ("b", VALID), 1: ("i", 1), 2: ("i", 1)}),
            Step(TRANSPOSE, [0, 4], [5]),
            Step(ADD, [3, 5], [6]),
        ],
        [0],
        [6],
    )  # fmt: skip
    want = x @ weights[:, 0, 0].astype(np.float32).T + x.transpose(order)
    np.testing.assert_allclose(run(data, x), want, atol=1e-5)


def refused(data: bytes, *parts: str) -> None:
    with pytest.raises(ModelError) as caught:
        tflite_to_onnx(data, "test.tflite")
    for part in ("test.tflite", *parts):
        assert part in str(caught.value)


def simple(
    code: int = NEG,
    inputs: Sequence[int] = (0,),
    options: dict[int, tuple[str, int]] | None = None,
    constant: Array | None = None,
    graphs: int = 1,
) -> bytes:
    """A network of one operator, from tensor 0 to 1; tensor 2 is the constant."""
    shape = (1, 2, 2, 3)
    tensors: Tensors = [("x", shape, None), ("y", shape, None)]
    if constant is not None:
        tensors.append(("c", constant.shape, constant))
    return tflite(tensors, [Step(code, inputs, [1], options or {})], [0], [1], graphs)


REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "an operator": ({"code": 118}, ("operator 0, of code 118", "not known")),
    "ReLU6": (
        {"code": ADD, "inputs": [0, 0], "options": {0: ("b", 3)}},
        ("fused activation 3",),
    ),
    "two graphs": ({"graphs": 2}, ("damaged", "2 graphs")),
    "quantised": ({"constant": np.zeros((2, 2), np.uint8)}, ("'c'", "type, 3")),
    "too early": ({"inputs": [1]}, ("not computed before",)),
    "no tensor": ({"inputs": [7]}, ("[7]", "not there")),
    "weights computed": ({"code": CONV, "inputs": [0, 0]}, ("input 1", "no constant")),
    "no weights": ({"code": CONV, "inputs": [0]}, ("input 1", "no constant")),
    "stride 0": (
        {"code": CONV, "inputs": [0, 2], "constant": np.zeros((1, 1, 1, 3), np.float32)},
        ("stride",),
    ),
    "flat weights": (
        {"code": CONV, "inputs": [0, 2], "constant": np.zeros(3, np.float32)},
        ("shape (3,)",),
    ),
    "negative pad": (
        {"code": PAD, "inputs": [0, 2], "constant": np.full((4, 2), -1, np.int32)},
        ("pads",),
    ),
    "odd slope": (
        {"code": PRELU, "inputs": [0, 2], "constant": np.zeros((1, 1, 1, 1, 3), np.float32)},
        ("malformed",),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case: str) -> None:
    changes, parts = REFUSED[case]
    refused(simple(**changes), *parts)


@pytest.mark.parametrize(
    "data", [b"", b"TFL3", b"\0\0\0\0TFL3", b"\xff\xff\xff\xffTFL3", b"x" * 99]
)
def test_no_tflite_file(data: bytes) -> None:
    refused(data)


def test_damaged_files_give_errors_or_networks() -> None:
    """Whatever single bytes say: never another exception, and no endless work."""
    good = simple(code=CONV, inputs=[0, 2], constant=floats(3, 1, 1, 3), options={1: ("i", 1)})
    for at in range(len(good)):
        for damaged in (good[:at], good[:at] + b"\xff" + good[at + 1 :], bytes_at(good, at)):
            try:
                tflite_to_onnx(damaged, "test.tflite")
            except ModelError as error:
                assert "test.tflite" in str(error)


def bytes_at(good: bytes, at: int) -> bytes:
    return good[:at] + RNG.bytes(4) + good[at + 4 :]
