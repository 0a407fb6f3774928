"""Every shared network of attributes on every engine, against plain ONNX Runtime and OpenCV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

import rostro
from rostro.faces import Faces
from rostro.models.fold import fold
from rostro.types import Image
from tests.support.opencv import as_image
from tests.support.shared import shared_data, shared_models
from tests.support.shared_cards import ATTRIBUTES, engines_of, place
from tests.support.there import there

Numbers = NDArray[Any]

FER = "facial_expression_mobilefacenet_2022july_f16"
QUANTIZED = "facial_expression_mobilefacenet_2022july_int8bq"
EYES = "open_closed_eye_0001"
GAZE = "gaze_estimation_adas_0002_f16"
# ONNX Runtime does not run block-quantised weights as they are; what is converted has them folded.
CASES = [
    (name, engine)
    for name, card in sorted(ATTRIBUTES.items())
    for engine in engines_of(card)
    if (name, engine) != (QUANTIZED, "onnxruntime")
]
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]],
)  # fmt: skip


@pytest.fixture(scope="module")
def photos() -> list[tuple[Image, Faces]]:
    """Photos of LFW, each with the face nearest to the middle and its pose."""
    detector, pose = rostro.Detector(threads=1), rostro.HeadPose()
    found = []
    for path in sorted((shared_data("lfw") / "images").glob("*/*_0001.jpg"))[:240:10]:
        image = as_image(there(cv2.imread(str(path))))
        faces = pose(image, detector(image))
        if len(faces):
            middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
            nearest = int(np.linalg.norm(middles - 125, axis=1).argmin())
            found.append((image, faces[[nearest]]))
    return found


def session(file: Path | bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    given = file if isinstance(file, bytes) else str(file)
    return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])


def aligned(image: Image, landmarks: Numbers) -> Numbers:
    """The crop by the similarity with the least squared error, as a linear system."""
    rows, sides = [], []
    for (x, y), (u, v) in zip(landmarks, TEMPLATE, strict=True):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        sides += [u, v]
    a, b, right, down = np.linalg.lstsq(np.array(rows), np.array(sides), rcond=None)[0]
    matrix = np.array([[a, -b, right], [b, a, down]])
    crop = cv2.warpAffine(image, matrix, (112, 112), flags=cv2.INTER_LINEAR)
    return (crop[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255 - 0.5) / 0.5


def eye_crop(image: Image, landmarks: Numbers, which: int, size: int) -> Numbers:
    """Of one eye, by the two eyes alone: 1.8 times 0.4 of their distance wide, turned level."""
    line = landmarks[1] - landmarks[0]
    width = 1.8 * 0.4 * float(np.hypot(*line))
    turn: Numbers = cv2.getRotationMatrix2D(
        (float(landmarks[which][0]), float(landmarks[which][1])),
        float(np.degrees(np.arctan2(line[1], line[0]))),
        size / width,
    )
    turn[:, 2] += (size - 1) / 2 - landmarks[which]
    crop = cv2.warpAffine(image, turn, (size, size), flags=cv2.INTER_LINEAR)
    result: Numbers = crop.transpose(2, 0, 1)[None].astype(np.float32)
    return result


def softmax(logits: Numbers) -> Numbers:
    weights = np.exp(logits - logits.max())
    likely: Numbers = weights / weights.sum()
    return likely


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "engine"), CASES)
def test_shared_networks(
    photos: list[tuple[Image, Faces]], tmp_path: Path, name: str, engine: str
) -> None:
    stage = rostro.Attributes(place(name, engine, tmp_path), engine=engine, threads=1)
    file = shared_models("attributes") / f"{name}.onnx"
    run = session(fold(file) if name == QUANTIZED else file).run
    off, agreed = [], []
    for image, face in photos:
        found = there(stage(image, face).attributes)
        (array,) = (found[each][0] for each in stage.attribute_names)
        landmarks = there(face.landmarks)[0].astype(np.float64)
        if name == EYES:
            eyes = [(eye_crop(image, landmarks, each, 32) - 127) / 255 for each in (0, 1)]
            expected = np.array([run(None, {"input.1": each})[0].ravel() for each in eyes])
        elif name == GAZE:
            expected = gaze(run, image, landmarks, there(face.poses)[0])
        else:
            expected = softmax(run(None, {"data": aligned(image, landmarks)})[0][0])
        off.append(float(np.abs(array - expected).max()))
        agreed.append(bool((array.argmax(-1) == expected.argmax(-1)).all()))
    # OpenCV takes places of pixels to 1/32, and bytes on the way.
    assert np.mean(off) < 0.01 and max(off) < 0.06
    assert np.mean(agreed) > 0.95
    image, face = photos[0]
    several = there(stage(image, face[[0] * 9]).attributes)
    for each, array in several.items():
        if each in stage.attribute_names:
            np.testing.assert_allclose(array[8], array[0], atol=1e-4)


def gaze(run: Any, image: Image, landmarks: Numbers, pose: Numbers) -> Numbers:
    """The unit direction in the camera's frame, of the network's x right, y up, z forward."""
    line = landmarks[1] - landmarks[0]
    turned = float(np.arctan2(line[1], line[0]))
    # R = Rz(roll) Ry(-yaw) Rx(pitch) of right-handed turns, whose last row is
    # (sin yaw, cos yaw sin pitch, cos yaw cos pitch).
    rotation = rostro.rotations.matrix_from_angles(pose.astype(np.float64)[None])[0]
    c, s = np.cos(-turned), np.sin(-turned)
    level = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ rotation
    yaw = -np.degrees(np.arcsin(-level[2, 0]))
    pitch = np.degrees(np.arctan2(level[2, 1], level[2, 2]))
    feed = {
        "left_eye_image": eye_crop(image, landmarks, 0, 60),
        "right_eye_image": eye_crop(image, landmarks, 1, 60),
        "head_pose_angles": np.array([[yaw, pitch, 0]], np.float32),
    }
    x, y, z = run(None, feed)[0][0]
    c, s = np.cos(turned), np.sin(turned)
    v = np.array([c * x + s * y, s * x - c * y, z])
    unit: Numbers = v / np.linalg.norm(v)
    return unit


@pytest.mark.heavy
def test_what_the_networks_say_makes_sense(
    photos: list[tuple[Image, Faces]], tmp_path: Path
) -> None:
    """Eyes on press photos are open, and look about where the camera is; some people smile."""
    names = {name: tmp_path / name for name in (FER, EYES, GAZE)}
    for folder in names.values():
        folder.mkdir()
    stages = {
        name: rostro.Attributes(place(name, "onnxruntime", folder), threads=1)
        for name, folder in names.items()
    }
    said = []
    for image, face in photos:
        for stage in stages.values():
            face = stage(image, face)
        said.append(face)
    all_faces = Faces.concatenate(said)
    attributes = there(all_faces.attributes)
    assert np.median(attributes["eye_state"][..., 1]) > 0.9  # open
    assert np.median(attributes["gaze"][:, 2]) < -0.8
    np.testing.assert_allclose(np.linalg.norm(attributes["gaze"], axis=1), 1, atol=1e-5)
    words = [row["expression"] for row in stages[FER].labels(all_faces)]
    assert {"happy", "neutral"} <= set(words)
    mirrored = as_image(np.ascontiguousarray(photos[0][0][:, ::-1]))
    face = rostro.HeadPose()(mirrored, rostro.Detector(threads=1)(mirrored))
    other = there(stages[GAZE](mirrored, face[[0]]).attributes)["gaze"][0]
    np.testing.assert_allclose(other[0], -attributes["gaze"][0, 0], atol=0.15)


@pytest.mark.heavy
@pytest.mark.parametrize("points", ["pfld_68", "pfld_ghostone_98", "mediapipe_facemesh_468"])
def test_eyes_by_their_corners_are_where_the_landmarks_are(
    photos: list[tuple[Image, Faces]], tmp_path: Path, points: str
) -> None:
    (tmp_path / "eyes").mkdir()
    stage = rostro.Attributes(place(EYES, "onnxruntime", tmp_path / "eyes"), threads=1)
    landmarker = rostro.Landmarker(place(points, "onnxruntime", tmp_path), threads=1)
    off, widths = [], []
    for image, face in photos:
        by_five = stage.transforms(image, face)
        by_corners = stage.transforms(image, landmarker(image, face))
        middles = [each[:, :, :2] @ [15.5, 15.5] + each[:, :, 2] for each in (by_five, by_corners)]
        apart = np.linalg.norm(np.subtract(*there(face.landmarks)[0, :2]))
        off += [*(np.linalg.norm(middles[0] - middles[1], axis=1) / apart)]
        sides = [np.linalg.norm(each[:, :, 0], axis=1) for each in (by_five, by_corners)]
        widths += [*(sides[1] / sides[0])]
    assert np.median(off) < 0.15  # an eye is 0.4 wide
    assert 0.85 < np.median(widths) < 1.15
