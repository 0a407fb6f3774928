"""Attributes as a stage: every kind of head in one run, against NumPy, and what is refused."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces
from rostro.types import Image
from tests.support.there import there
from tests.support.tiny_attributes import CARD, COLOR, HEADS, SIDE, tiny_attributes

Numbers = NDArray[np.float64]


def some_faces(count: int) -> Faces:
    """Faces of 40 x 60 pixels, each 5 to the right of the one before."""
    boxes = np.array([[10, 20, 50, 80]], np.float32) + 5 * np.arange(count)[:, None] * [1, 0, 1, 0]
    landmarks = np.zeros((count, 5, 2), np.float32)
    landmarks[:, :, 0] = boxes[:, :1] + [12, 28, 20, 13, 27]
    landmarks[:, :, 1] = [40, 44, 55, 65, 66]
    return Faces(boxes.astype(np.float32), np.ones(count, np.float32), landmarks)


def picture() -> Image:
    """Red, but for a blue band; smooth, so that how a crop is sampled hardly counts."""
    image = np.zeros((120, 200, 3), np.uint8)
    image[..., 2] = np.linspace(255, 60, 200)
    image[..., 0] = np.linspace(0, 250, 120)[:, None]
    image[..., 1] = 90
    return image


def crops(image: Image, faces: Faces) -> Numbers:
    """(N, 3, 16, 16) RGB 0..1 of the squares of 1.5 times the longer side, by plain sampling."""
    centres = (faces.boxes[:, :2] + faces.boxes[:, 2:] - 1) / 2
    offsets = (np.arange(SIDE) - (SIDE - 1) / 2) * 90 / SIDE
    padded = np.pad(image[..., ::-1].astype(np.float64) / 255, ((100, 100), (100, 100), (0, 0)))
    result = []
    for x, y in centres + 100:
        xs, ys = x + offsets, y + offsets
        i, j = np.floor(ys).astype(int), np.floor(xs).astype(int)
        v, u = (ys - i)[:, None, None], (xs - j)[None, :, None]
        top = padded[i][:, j] * (1 - u) + padded[i][:, j + 1] * u
        bottom = padded[i + 1][:, j] * (1 - u) + padded[i + 1][:, j + 1] * u
        result.append((top * (1 - v) + bottom * v).transpose(2, 0, 1))
    return np.array(result)


def softmax(logits: Numbers) -> Numbers:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely: Numbers = weights / weights.sum(axis=1, keepdims=True)
    return likely


@pytest.mark.parametrize("batch", [1, "n"])
def test_every_kind_of_head_in_one_run(tmp_path: Path, batch: int | str) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path, batch=batch), threads=1)
    faces = some_faces(19)  # three runs of the network
    found = there(stage(picture(), faces).attributes)
    pixels = crops(picture(), faces)
    means = pixels.mean(axis=(2, 3))
    logits, shares = 4 * means, means / means.sum(axis=1, keepdims=True)
    direction = logits * [1, -1, 1]
    expected = {
        "color": softmax(logits),
        "share": shares,
        "colorful": 1 / (1 + np.exp(-logits[:, 1:])),
        "sure": shares,
        "age": softmax(logits) @ [0, 1, 2] * 10 + 5,
        "mean_bin": shares @ [0, 1, 2],
        "darkness": means.mean(axis=1),
        "mood": logits[:, :2] / 2 + 0.25,
        "direction": direction / np.linalg.norm(direction, axis=1, keepdims=True),
    }
    for name, array in expected.items():
        assert found[name].dtype == np.float32
        np.testing.assert_allclose(found[name], array, atol=0.01, err_msg=name)
    assert found["parts"].dtype == np.uint8 and found["parts"].shape == (19, SIDE, SIDE)
    ranked = np.sort(pixels, axis=1)
    clear = ranked[:, 2] - ranked[:, 1] > 0.02
    np.testing.assert_array_equal(found["parts"][clear], pixels.argmax(axis=1)[clear])
    assert clear.mean() > 0.8 and set(np.unique(found["parts"])) >= {0, 2}
    assert list(found) == list(stage.attribute_names)
    assert stage.attribute_names["mood"] == ("valence", "arousal")
    assert stage.attribute_names["age"] == ()


def test_labels_are_the_likeliest_classes_and_the_flags_that_are_set(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path), threads=1)
    image = picture()
    faces = stage(image, some_faces(3))
    rows = stage.labels(faces)
    assert [row["color"] for row in rows] == ["red"] * 3
    assert [row["colorful"] for row in rows] == [("green", "blue")] * 3  # sigmoids of what is > 0
    assert rows[0].keys() == {"color", "share", "colorful", "sure"}
    assert stage.labels(faces[1:2]) == rows[1:2]
    with pytest.raises(ArgumentError, match="faces: got for the attribute color none"):
        stage.labels(some_faces(1))
    wrong = faces.with_columns(attributes={"color": np.ones((3, 2), np.float32)})
    with pytest.raises(ArgumentError, match=r"color float32 of shape \(3, 2\); what tiny-attr"):
        stage.labels(wrong)


@pytest.mark.parametrize("maps", [(4, 8), (32, 48), (5, 7)])
def test_masks_of_another_size_come_in_that_of_the_crop(
    tmp_path: Path, maps: tuple[int, int]
) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path, maps=maps), threads=1)
    image = np.zeros((200, 200, 3), np.uint8)
    image[:, :30, 2] = 255  # red, then blue, then green below
    image[:, 30:, 0] = 255
    image[60:, :, 0] = 0
    image[60:, :, 1] = 255
    found = there(stage(image, some_faces(1)).attributes)["parts"][0]
    assert found.shape == (SIDE, SIDE)
    height, width = maps
    crop = crops(image, some_faces(1))[0]
    small = crop[:, np.arange(height) * SIDE // height][:, :, np.arange(width) * SIDE // width]
    # The pixel of the map in which the middle of each pixel of the crop lies.
    rows = ((np.arange(SIDE) + 0.5) * height / SIDE).astype(int)
    columns = ((np.arange(SIDE) + 0.5) * width / SIDE).astype(int)
    np.testing.assert_array_equal(found, small.argmax(axis=0)[rows][:, columns])


def test_where_a_mask_lies_in_the_image(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path), threads=1)
    faces = some_faces(2)
    transforms = stage.transforms(picture(), faces)
    middle = transforms[:, :, :2] @ np.full(2, (SIDE - 1) / 2) + transforms[:, :, 2]
    np.testing.assert_allclose(middle, [[29.5, 49.5], [34.5, 49.5]], atol=1e-4)
    np.testing.assert_allclose(transforms[:, 0, 0], 90 / SIDE, rtol=1e-5)
    assert stage.transforms(picture(), faces[:0]).shape == (0, 2, 3)


def test_columns_go_on_through_tables_json_and_other_stages(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path), threads=1)
    faces = stage(picture(), some_faces(3))
    again = stage(picture(), faces)  # a table with masks, into the core once more
    moved = again.mapped(np.array([[2, 0, 1], [0, 2, 1]], np.float32))
    np.testing.assert_array_equal(
        there(moved.attributes)["parts"], there(faces.attributes)["parts"]
    )
    row = faces[[2]].rows()[0]["attributes"]
    assert row["age"] == pytest.approx(float(there(faces.attributes)["age"][2]), abs=1e-4)
    assert faces[0].attributes is not None and faces[0].attributes["parts"].shape == (16, 16)


def test_no_faces_give_empty_columns(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path), threads=1)
    found = there(stage(np.zeros((50, 50, 3), np.uint8), some_faces(0)).attributes)
    shapes = {name: array.shape for name, array in found.items()}
    assert shapes["color"] == (0, 3) and shapes["age"] == (0,) and shapes["parts"] == (0, 16, 16)
    assert found["parts"].dtype == np.uint8
    with pytest.raises(ArgumentError, match="image"):
        stage(np.zeros((5, 5), np.uint8), some_faces(0))


def test_it_is_pickled_as_what_it_was_made_from(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path), threads=1)
    again = pickle.loads(pickle.dumps(stage))
    found, expected = (each(picture(), some_faces(2)) for each in (again, stage))
    for name, array in there(expected.attributes).items():
        np.testing.assert_array_equal(there(found.attributes)[name], array)


def test_a_face_of_one_pixel_and_a_grey_picture_are_said_things_of(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path), threads=1)
    one = Faces(np.array([[7, 7, 8, 8]], np.float32), np.ones(1, np.float32))
    grey = np.full((20, 20, 3), 128, np.uint8)
    found = there(stage(grey, one).attributes)
    np.testing.assert_allclose(found["color"], 1 / 3, atol=1e-6)
    assert (found["parts"] == 0).all()  # the first of several that are as likely


EYES = CARD.replace("scale = 1.5", 'around = "left_eye"\nscale = 1.8\nupright = true')
EACH_EYE = EYES + "[attributes]\neach_eye = true\n"


def test_a_network_that_sees_one_eye_at_a_time_says_it_of_both(tmp_path: Path) -> None:
    stage = rostro.Attributes(tiny_attributes(tmp_path, EACH_EYE + HEADS), threads=1)
    faces = some_faces(9)
    image = np.zeros((120, 200, 3), np.uint8)
    image[..., 0] = 255
    for x, y in there(faces.landmarks)[0, :1].astype(
        int
    ):  # red around the image-left eye of the first
        image[y - 9 : y + 9, x - 9 : x + 9] = [0, 0, 255]
    found = stage(image, faces)
    attributes = there(found.attributes)
    assert attributes["color"].shape == (9, 2, 3) and attributes["age"].shape == (9, 2)
    assert attributes["parts"].shape == (9, 2, 16, 16)
    assert stage.labels(found)[0]["color"] == ("red", "blue")
    assert stage.labels(found)[8]["color"] == ("blue", "blue")
    assert stage.transforms(picture(), faces).shape == (18, 2, 3)


@pytest.mark.parametrize("scheme", ["ibug68", "wflw98", "mesh478", "five", None])
def test_crops_of_eyes_are_by_their_corners_or_the_five_landmarks(
    tmp_path: Path, scheme: str | None
) -> None:
    """Squares of 1.8 times the eye's width, from corner to corner, turned level."""
    corners = {
        "ibug68": [36, 39, 42, 45],
        "wflw98": [60, 64, 68, 72],
        "mesh478": [33, 133, 362, 263],
    }
    faces = some_faces(1)
    five = there(faces.landmarks)[0]
    if scheme in corners:
        points = np.zeros((1, int(scheme[-2:]) if "mesh" not in scheme else 478, 3), np.float32)
        at = np.array([[20, 40], [32, 43], [50, 46], [64, 49]], np.float32)
        points[0, corners[scheme], :2] = at
        faces = faces.with_columns(points=points, scheme=scheme)
    else:
        if scheme is not None:
            faces = faces.with_columns(points=there(faces.landmarks), scheme=scheme)
        step = 0.2 * np.linalg.norm(five[1] - five[0]) * np.array([1, 0])
        at = np.array([five[0] - step, five[0] + step, five[1] - step, five[1] + step])
    stage = rostro.Attributes(tiny_attributes(tmp_path, EACH_EYE + HEADS), threads=1)
    eyes = at.reshape(2, 2, 2)
    line = np.subtract(*eyes.mean(axis=1)[::-1])
    for transform, eye in zip(stage.transforms(picture(), faces), eyes, strict=True):
        np.testing.assert_allclose(transform[:, :2] @ [7.5, 7.5] + transform[:, 2],
                                   eye.mean(axis=0), atol=1e-4)  # fmt: skip
        side = 1.8 * np.linalg.norm(eye[1] - eye[0])
        right = transform[:, 0] * SIDE
        np.testing.assert_allclose(right, side * line / np.linalg.norm(line), rtol=1e-4)


FURTHER = """
[[attributes.input]]
kind = "crop"
name = "right"
size = [8, 6]
crop = { around = "right_eye", shape = "stretch" }
[[attributes.input]]
kind = "pose"
name = "angles"
outputs = ["pitch", "yaw", "roll"]
signs = [1, -1, 1]
"""


def two_inputs(folder: Path, engine: str = "onnxruntime") -> Path:
    """A network that gives the mean of its second crop's red, and the angles as they come."""
    import onnx
    from onnx import TensorProto, helper

    def value(name: str, *shape: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ("n", *shape))

    nodes = [
        helper.make_node("GlobalAveragePool", ["right"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("GlobalAveragePool", ["x"], ["first"]),
        helper.make_node("Flatten", ["first"], ["of_first"]),
        helper.make_node("Concat", ["of_first", "means", "angles"], ["y"], axis=1),
    ]
    # Not in the order of the card, and the image last.
    inputs = [value("angles", 3), value("right", 3, 6, 8), value("x", 3, 16, 16)]
    graph = helper.make_graph(nodes, "two", inputs, [value("y", 9)])
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "two.onnx")
    card = EYES.replace('["logits", "shares", "maps", "darkness"]', '["y"]')
    card = card.replace("tiny-attributes.onnx", "two.onnx") + FURTHER
    heads = [
        ("first", "0", '["r", "g", "b"]'),
        ("second", "3", '["r", "g", "b"]'),
        ("angles", "6", '["pitch", "yaw", "roll"]'),
    ]
    for name, first, names in heads:
        card += f'[[attributes.head]]\nkind = "vector"\nname = "{name}"\n'
        card += f"first = {first}\nnames = {names}\n"
    path = folder / "two.toml"
    path.write_text(card)
    return path


def test_further_crops_and_the_pose_are_inputs_too(tmp_path: Path) -> None:
    stage = rostro.Attributes(two_inputs(tmp_path), threads=1)
    faces = some_faces(10)
    five = there(faces.landmarks)
    image = np.zeros((120, 200, 3), np.uint8)
    image[:, 32:, 2] = 255
    with pytest.raises(ArgumentError, match="faces: got a table without poses; poses"):
        stage(image, faces)
    dx, dy = five[0, 1] - five[0, 0]
    tilt = np.degrees(np.arctan2(dy, dx))
    poses = np.tile(np.array([[20, 0, tilt]], np.float32), (10, 1))
    found = there(stage(image, faces.with_columns(poses=poses)).attributes)
    # The image-left eye of the first is left of what is red, the other one is in it.
    assert found["first"][0, 0] < 0.05 and found["second"][0, 0] > 0.95
    # With the tilt of the eyes taken away, about the camera's axis; pitch positive down.
    turn = rostro.rotations.matrix_from_angles
    left = turn(np.array([[0, 0, -tilt]])) @ turn(poses.astype(np.float64))
    yaw, pitch, roll = rostro.rotations.angles_from_matrix(left)[0]
    np.testing.assert_allclose(found["angles"][0], [-pitch, yaw, roll], atol=1e-3)
    np.testing.assert_allclose(found["angles"], found["angles"][:1].repeat(10, 0), atol=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('output = "logits"', 'output = "y"', "head color: got an output 'y'; one of logits"),
        ('names = ["red", "green", "blue"]', 'names = ["red"]', "got 1 names; 2 or more"),
        ('names = ["red", "green", "blue"]', 'names = ["red", "green"]', "gave for color 3 numb"),
        ('output = "logits"', 'output = "logits"\nfirst = 1', "4 or more a crop are wanted"),
        ('output = "logits"', 'output = "maps"', "gave for color 768 numbers"),
        ('output = "logits"', 'output = "logits"\nlogits = false', "that sum to 9.*logits = true"),
        ('kind = "classes"', 'kind = "sorts"', "head.*kind: got 'sorts'"),
        ('kind = "classes"', 'kind = "flags"\nlogits = false', "gave for color 3.*; 0 to 1"),
        ('kind = "classes"', 'kind = "mask"', "gave for color 3 maps of 1x1"),
        ('kind = "classes"', 'kind = "mask"\nfirst = 0', "first = 0; none is wanted"),
        ('kind = "classes"', 'kind = "vector"\nsigns = [1, 2, 1]', "got 2; signs of 1 or -1"),
        ('name = "color"', 'name = "a.b"', "a name of letters"),
        ("[crop]\nscale = 1.5", "", "crop: missing"),
        ("size = [16, 16]", "", "input.size"),
        ("scale = 1.5", 'template = "mine"', 'template: got "mine"'),
    ],
)
def test_cards_that_make_no_sense(tmp_path: Path, old: str, new: str, message: str) -> None:
    card = CARD + COLOR
    assert old in card
    path = tiny_attributes(tmp_path, card.replace(old, new))
    white = np.full((120, 200, 3), 255, np.uint8)
    with pytest.raises(ModelError, match=message):
        rostro.Attributes(path, threads=1)(white, some_faces(1))


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    def refused(card: str, message: str) -> None:
        with pytest.raises(ModelError, match=message):
            rostro.Attributes(tiny_attributes(tmp_path, card), threads=1)

    refused(CARD + COLOR + COLOR, 'head: got "color" twice')
    refused(CARD, "attributes: missing")
    refused(CARD + "[attributes]\nhead = []", "head: got 0; one or more")
    refused(EACH_EYE + FURTHER + COLOR, "each_eye: got true beside further inputs")
    template = EACH_EYE.replace('around = "left_eye"', 'template = "arcface"')
    refused(template + COLOR, "each_eye: got true beside a crop template")
    other = COLOR.replace('"classes"', '"vector"\ndirection = true').replace(', "blue"', "")
    refused(CARD + other, "direction of 2 numbers; a vector of 3")
    bare = tmp_path / "bare.onnx"
    bare.write_bytes(b"x")
    with pytest.raises(ModelError, match="what it says of faces is not known"):
        rostro.Attributes(bare)


@pytest.mark.parametrize("crop", ['template = "arcface"', 'around = "left_eye"'])
def test_what_cannot_be_cropped_is_refused_by_name(tmp_path: Path, crop: str) -> None:
    card = CARD.replace("scale = 1.5", crop) + COLOR
    stage = rostro.Attributes(tiny_attributes(tmp_path, card), threads=1)
    faces, image = some_faces(2), picture()
    with pytest.raises(ArgumentError, match="faces: got a table without landmarks"):
        stage(image, Faces(faces.boxes, faces.scores))
    for bad in (np.nan, 7.0):
        landmarks = there(faces.landmarks).copy()
        landmarks[1] = bad
        with pytest.raises(ArgumentError, match=r"landmarks\[1\]: got"):
            stage(image, Faces(faces.boxes, faces.scores, landmarks))


def test_a_crop_template_is_that_of_align(tmp_path: Path) -> None:
    card = CARD.replace("scale = 1.5", 'template = "arcface"') + HEADS
    stage = rostro.Attributes(tiny_attributes(tmp_path, card), threads=1)
    faces = some_faces(2)
    crop: Any = rostro.align(picture(), there(faces.landmarks), size=SIDE, color="bgr")
    means = crop[..., ::-1].mean(axis=(1, 2)) / 255
    found = there(stage(picture(), faces).attributes)
    np.testing.assert_allclose(found["darkness"], means.mean(axis=1), atol=1e-3)
