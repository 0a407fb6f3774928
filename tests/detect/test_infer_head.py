"""Networks without a card: recognised, or refused with what is needed; and cards that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import rostro
from rostro.errors import ArgumentError, EngineError, ModelError
from rostro.types import FloatArray, Image
from tests.support.shared import shared_models
from tests.support.shared_cards import DETECTORS, place

# What a file is recognised as, and the one size it takes.
FILES = {
    "blazeface_front_128.onnx": ("blazeface", (128, 128)),
    "centerface_dynamic.onnx": ("centerface", None),
    "retinaface_mnet025_mxnet.param": ("retinaface-mxnet", None),
    "retinaface_mnet025_pytorch.onnx": ("retinaface", None),
    "scrfd_1g.param": ("scrfd", None),
    "scrfd_2.5g_kps.param": ("scrfd", None),
    "scrfd_2.5g_kps_640.onnx": ("scrfd", (640, 640)),
    "scrfd_500m_bnkps_dynamic.onnx": ("scrfd", None),
    "scrfd_500m_kps.param": ("scrfd", None),
    "scrfd_500m_kps_640.onnx": ("scrfd", (640, 640)),
    "ultralight_rfb320_decoded.onnx": ("ultralight-decoded", (320, 240)),
    "ultralight_rfb320_raw.onnx": ("ultralight", (320, 240)),
    "yolov5face_500m_decoded.onnx": ("yolov5-face", (320, 320)),
    "yunet_n_dynamic.onnx": ("yunet", None),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", FILES)
def test_a_bare_file_does_what_its_card_does(name: str, photo: Image, tmp_path: Path) -> None:
    bare = rostro.Detector(shared_models("detect") / name, threads=1)
    head, size = FILES[name]
    stem = name.rsplit(".", 1)[0]
    with_card = rostro.Detector(place(stem, bare.engine.name, tmp_path), threads=1)
    settings = DETECTORS[stem].detect
    assert (
        settings is not None
        and settings.head == head
        and DETECTORS[stem].input.size in (size, None)
    )
    one, other = bare(photo), with_card(photo)
    assert len(one) >= 1
    np.testing.assert_allclose(one.boxes, other.boxes, atol=1e-3)


@pytest.mark.heavy
def test_outputs_of_one_shape_are_told_apart_by_their_values(photo: Image, tmp_path: Path) -> None:
    """CenterFace's scale and offset, (1, 2, h, w) both, in either order."""
    path = shared_models("detect") / "centerface_dynamic.onnx"
    model = onnx.load(path)
    heat, scale, offset, points = list(model.graph.output)
    del model.graph.output[:]
    model.graph.output.extend([points, offset, scale, heat])
    onnx.save(model, tmp_path / "exchanged.onnx")
    exchanged = rostro.Detector(tmp_path / "exchanged.onnx", threads=1)
    assert exchanged.detect.outputs == ("537", "538", "539", "540")
    found = exchanged(photo)
    assert len(found) >= 1
    np.testing.assert_allclose(found.boxes, rostro.Detector(path, threads=1)(photo).boxes)


@pytest.mark.parametrize("name", ["retinaface_slim_biubug6.param", "ultralight_rfb320.param"])
def test_names_that_say_too_little_ask_for_a_card(name: str) -> None:
    """ncnn's files do not tell shapes, nor which size is safe to try."""
    with pytest.raises(
        ModelError, match=r"not those of one head alone; write a card.*detect\.head"
    ):
        rostro.Detector(shared_models("detect") / name, threads=1)


def constant_network(
    path: Path, arrays: Sequence[FloatArray], shape: Sequence[int | str] = (1, 3, "h", "w")
) -> Path:
    """A network that gives these arrays whatever it is shown."""
    nodes = [
        helper.make_node("Constant", [], [f"y{i}"], value=numpy_helper.from_array(array))
        for i, array in enumerate(arrays)
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info(f"y{i}", TensorProto.FLOAT, array.shape)
            for i, array in enumerate(arrays)
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


def zeros(*shapes: tuple[int, ...]) -> list[FloatArray]:
    return [np.zeros(shape, np.float32) for shape in shapes]


@pytest.mark.parametrize(
    ("head", "shapes"),
    [
        ("retinaface-slim", [(1, 450, 4), (1, 450, 2), (1, 450, 10)]),
        ("yolov8-face", [(1, 80, 4, 8), (1, 80, 16, 32), (1, 80, 8, 16)]),
        ("scrfd", [(1, 2 * c, 8 // s, 16 // s) for s in (1, 2, 4) for c in (10, 1, 4)]),
        ("scrfd", [(256 // s**2, c) for s in (1, 2, 4) for c in (1, 4)]),
    ],
)  # fmt: skip
def test_shapes_tell_the_head_and_the_order(
    head: str, shapes: list[tuple[int, ...]], tmp_path: Path
) -> None:
    sizes = {"retinaface-slim": (96, 80), "yolov8-face": (256, 128)}
    width, height = sizes.get(head, (128, 64))
    path = constant_network(tmp_path / "own.onnx", zeros(*shapes), (1, 3, height, width))
    detector = rostro.Detector(path, threads=1, score_threshold=0.9)
    assert detector.detect.head == head
    assert len(detector(np.zeros((50, 60, 3), np.uint8))) == 0


@pytest.mark.parametrize(
    ("head", "shape", "column"),
    [
        ("ultralytics-face", (1, 20, 168), 5),
        ("ultralytics-face", (1, 168, 20), 12),
        ("ultralytics-boxes", (1, 5, 168), 0),
        ("yolov5-face", (1, 99, 16), 14),
    ],
)
def test_pixels_tell_faces_from_other_classes(
    head: str, shape: tuple[int, ...], column: int, tmp_path: Path
) -> None:
    """A YOLO of 16 classes gives 20 numbers a box too, but no pixels behind the score."""
    (array,) = zeros(shape)
    path = constant_network(tmp_path / "own.onnx", [array], (1, 3, 64, 128))
    with pytest.raises(ModelError, match="not those of one head alone"):
        rostro.Detector(path, threads=1)
    rows = array[0] if shape[2] < shape[1] else array[0].T
    rows[:, column] = 40
    path = constant_network(tmp_path / "own.onnx", [array], (1, 3, 64, 128))
    detector = rostro.Detector(path, threads=1)
    assert detector.detect.head == head
    assert len(detector(np.zeros((50, 60, 3), np.uint8))) == 0


@pytest.mark.parametrize(
    "shapes",
    [
        [()],
        [(1, 100, 5)],
        [(1, 77, 4), (1, 77, 2)],
        [(1, 1000)],
        [(4,), (4,)],
        [(1, 168, n) for n in (4, 2, 10, 66, 66, 66)],  # MOS's three angles look alike
        [(1, n, 16, 16) for n in (1, 2, 2, 10)],  # so do CenterFace's scale and offset of zeros
    ],
)
def test_unknown_shapes_ask_for_a_card(shapes: list[tuple[int, ...]], tmp_path: Path) -> None:
    path = constant_network(tmp_path / "own.onnx", zeros(*shapes), (1, 3, 64, 64))
    with pytest.raises(ModelError, match=r"own\.onnx: its outputs \(y0 \(.*write a card"):
        rostro.Detector(path)


CARD = """
name = "own"
task = "detect"
licence = "MIT"
[[file]]
name = "own.onnx"
[input]
name = "x"
channels = "rgb"
mean = 127.5
std = 128
multiple = 32
[outputs]
names = ["y0", "y1", "y2"]
[detect]
head = "retinaface"
score_threshold = 0.5
nms_threshold = 0.4
top_k = 5000
"""


def own_card(folder: Path, text: str, arrays: Sequence[FloatArray]) -> Path:
    constant_network(folder / "own.onnx", arrays)
    (folder / "own.toml").write_text(text)
    return folder / "own.toml"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"retinaface"', '"retina"', r'detect\.head: got "retina"; one of "yunet"'),
        ('"retinaface"', '"yunet"', r'outputs: got 3; the 12 of the head "yunet"'),
        ('"y2"]', '"y3"]', r"no output y3; it has y0, y1, y2"),
        ('"y2"]', '"y2", "y3"]', r'outputs: got 4; the 3 of the head "retinaface"'),
        ("top_k", 'outputs = ["y0", "y1", "z"]\ntop_k', r'detect\.outputs: got "z"; names of'),
        ("top_k", 'nms_method = "none"\ntop_k', "key detect.nms_method: got 'none'; hard"),
        ("std = 128", "std = 128\npad = 300", "key input.pad: got 300; a number from"),
    ],
)  # fmt: skip
def test_wrong_cards(tmp_path: Path, old: str, new: str, message: str) -> None:
    card = own_card(tmp_path, CARD.replace(old, new), zeros((1, 8, 4), (1, 8, 2), (1, 8, 10)))
    with pytest.raises(ModelError, match=message):
        rostro.Detector(card)


def test_wrong_shapes_and_nan_are_one_error_each(tmp_path: Path) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    arrays = zeros((1, 8, 4), (1, 8, 2), (1, 8, 10))
    with pytest.raises(ModelError, match=r"own: is this its head\? outputs\[0\].*\(168, 4\)"):
        rostro.Detector(own_card(tmp_path, CARD, arrays))(image)
    arrays = zeros((1, 168, 4), (1, 168, 2), (1, 168, 10))
    assert len(rostro.Detector(own_card(tmp_path, CARD, arrays))(image)) == 0
    arrays[1][0, 100, 1] = np.nan
    with pytest.raises(EngineError, match=r"own\.onnx: its output y1 holds NaN or infinity"):
        rostro.Detector(own_card(tmp_path, CARD, arrays))(image)


def test_a_card_says_the_order_of_the_outputs(tmp_path: Path) -> None:
    boxes, scores, points = zeros((1, 168, 4), (1, 168, 2), (1, 168, 10))
    scores[0, 0, 1] = 0.9
    text = CARD.replace("top_k", 'outputs = ["y2", "y0", "y1"]\ntop_k')
    detector = rostro.Detector(own_card(tmp_path, text, [scores, points, boxes]))
    found = detector(np.zeros((64, 64, 3), np.uint8))
    np.testing.assert_array_equal(found.boxes, [[-4, -4, 12, 12]])


def test_a_network_of_one_size_refuses_others(tmp_path: Path) -> None:
    arrays = zeros((1, 168, 16))
    arrays[0][:, :, 5] = 9
    path = constant_network(tmp_path / "own.onnx", arrays, (1, 3, 64, 64))
    assert len(rostro.Detector(path, det_size=(64, 64))(np.zeros((9, 9, 3), np.uint8))) == 0
    for size in ((64, 32), [(64, 64), (32, 32)], "auto"):
        with pytest.raises(ArgumentError, match="this network takes 64x64 alone"):
            rostro.Detector(path, det_size=size)
