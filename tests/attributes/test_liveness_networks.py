"""The shared liveness networks by their cards, against plain code around the same networks.

The shared data has no photos of attacks, so that nothing is said of how well they are told.
"""

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
from rostro.types import Image
from tests.support.opencv import as_image
from tests.support.shared import shared_data, shared_models
from tests.support.shared_cards import place
from tests.support.there import there


@pytest.fixture(scope="module")
def photos() -> list[tuple[Image, Faces]]:
    detector = rostro.Detector(threads=1)
    paths = sorted(shared_data("lfw").glob("images/*/*.jpg"))[::60]
    images = [as_image(there(cv2.imread(str(path)))) for path in paths]
    return [(image, detector(image)[:1]) for image in images]


def of_minifasnet(image: Image, box: list[float], scale: float) -> NDArray[np.uint8]:
    """As the networks' authors cut a face out: whole pixels, moved into the image, any aspect."""
    height, width = image.shape[:2]
    x, y, w, h = box[0], box[1], box[2] - box[0], box[3] - box[1]
    scale = min(scale, (height - 1) / h, (width - 1) / w)
    left, top = x + w / 2 - w * scale / 2, y + h / 2 - h * scale / 2
    left = min(max(left, 0), width - 1 - w * scale)
    top = min(max(top, 0), height - 1 - h * scale)
    right, bottom = left + w * scale, top + h * scale
    part = image[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    return cv2.resize(part, (80, 80)).astype(np.uint8)


def by_ncnn(name: str, crop: NDArray[np.uint8]) -> float:
    ncnn: Any = pytest.importorskip("ncnn")
    folder = shared_models("liveness")
    with ncnn.Net() as net:
        net.opt.num_threads = 1
        net.load_param(str(folder / f"{name}.param"))
        net.load_model(str(folder / f"{name}.bin"))
        planes = np.ascontiguousarray(crop.transpose(2, 0, 1), np.float32)
        with net.create_extractor() as extractor:
            extractor.input("data", ncnn.Mat(planes).clone())
            return float(np.array(extractor.extract("softmax")[1])[1])


def of_antispoof(image: Image, box: list[float]) -> NDArray[np.float32]:
    """A square of 1.5 times the longer side, black beyond the image."""
    side = 1.5 * max(box[2] - box[0], box[3] - box[1])
    x, y = (box[0] + box[2] - side) / 2, (box[1] + box[3] - side) / 2
    left, top, whole = round(x), round(y), round(side)
    padded = cv2.copyMakeBorder(image, 300, 300, 300, 300, cv2.BORDER_CONSTANT)
    part = padded[top + 300 : top + 300 + whole, left + 300 : left + 300 + whole]
    crop = cv2.resize(part, (128, 128))[..., ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(crop.transpose(2, 0, 1)[None])


@pytest.mark.heavy
def test_minifasnet_pair_gives_what_its_authors_code_gives(
    photos: list[tuple[Image, Faces]], tmp_path: Path
) -> None:
    place("minifasnet_2", "ncnn", tmp_path)
    liveness = rostro.Liveness(place("minifasnet_pair", "ncnn", tmp_path), threads=1)
    assert [engine.name for engine in liveness.engines] == ["ncnn", "ncnn"]
    ours, theirs = [], []
    for image, face in photos:
        ours.append(float(there(liveness(image, face).live)[0]))
        box = face.boxes[0].tolist()
        first = by_ncnn("minifasnet_1", of_minifasnet(image, box, 2.7))
        theirs.append((first + by_ncnn("minifasnet_2", of_minifasnet(image, box, 4.0))) / 2)
    difference = np.abs(np.array(ours) - theirs)
    assert difference.mean() < 0.01 and np.median(difference) < 0.002
    assert np.mean(np.array(ours) >= 0.5) > 0.8  # they are photos of persons


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["antispoof_128", "face_antispoof_minifas_128_int8"])
def test_antispoof_gives_what_plain_code_gives(
    photos: list[tuple[Image, Faces]], tmp_path: Path, name: str
) -> None:
    liveness = rostro.Liveness(place(name, "onnxruntime", tmp_path), threads=1)
    session = onnxruntime.InferenceSession(shared_models("liveness") / f"{name}.onnx")
    ours, theirs = [], []
    for image, face in photos:
        ours.append(float(there(liveness(image, face).live)[0]))
        logits = session.run(None, {"input": of_antispoof(image, face.boxes[0].tolist())})[0][0]
        theirs.append(float(np.exp(logits[0]) / np.exp(logits).sum()))
    difference = np.abs(np.array(ours) - theirs)
    assert difference.mean() < 0.01 and np.median(difference) < 0.002
    assert np.mean(np.array(ours) >= 0.5) > 0.9
    image, face = photos[0]
    several = there(liveness(image, face[[0] * 10]).live)
    np.testing.assert_allclose(several, ours[0], atol=1e-3)
