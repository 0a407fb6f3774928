"""The pipeline on real photos: against OpenCV, between engines, on pictures without a face."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

import rostro
from rostro import models
from rostro.models.card import Task
from rostro.types import Image
from tests.support.opencv import as_image
from tests.support.shared import shared_data
from tests.support.there import there

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture(scope="module")
def pipelines(default_models: dict[str, models.Model]) -> dict[str, rostro.FacePipeline]:
    return {name: rostro.FacePipeline(engine=name, threads=1) for name in ("onnxruntime", "ncnn")}


@pytest.fixture(scope="module")
def photos() -> list[Image]:
    """A hundred photos of the labelled set, each of one person and some with bystanders."""
    files = sorted((shared_data("lfw") / "images").glob("*/*.jpg"))[::15]
    return [rostro.load_image(file) for file in files]


def original_of(task: Task) -> str:
    """The file that OpenCV runs: the one the card names, before it is folded."""
    model = models.resolve(models.DEFAULTS[task])
    return str(next(model.folder.glob("*int8bq.onnx")))


def test_faces_are_opencvs(pipelines: dict[str, rostro.FacePipeline], photos: list[Image]) -> None:
    """The same two files through cv2.FaceDetectorYN and cv2.FaceRecognizerSF."""
    pipeline = pipelines["onnxruntime"]
    detector = cv2.FaceDetectorYN.create(original_of("detect"), "", (250, 250), 0.7, 0.3, 5000)
    recognizer = cv2.FaceRecognizerSF.create(original_of("embed"), "")
    compared = 0
    for photo in photos:
        height, width = photo.shape[:2]
        detector.setInputSize((width, height))
        _, found = detector.detect(photo)
        faces = pipeline(photo)
        rows = np.empty((0, 15), np.float32) if found is None else np.asarray(found, np.float32)
        # A face whose score is at the threshold may fall on either side of it.
        assert len(faces) == len(rows) or min(np.abs(faces.scores - 0.7).min(), 1) < 0.01
        for row in rows:
            distance = np.abs(faces.boxes[:, :2] - row[:2]).max(axis=1)
            i = int(distance.argmin())
            corners = np.r_[row[:2], row[:2] + row[2:4]]
            np.testing.assert_allclose(faces.boxes[i], corners, atol=1.0)
            np.testing.assert_allclose(there(faces.landmarks)[i], row[4:14].reshape(5, 2), atol=1.5)
            feature = np.asarray(recognizer.feature(recognizer.alignCrop(photo, row)))[0]
            cosine = there(faces.embeddings)[i] @ feature / np.linalg.norm(feature)
            assert cosine >= 0.995
            compared += 1
    assert compared >= len(photos)


def test_both_engines_give_the_same_faces(
    pipelines: dict[str, rostro.FacePipeline], photos: list[Image]
) -> None:
    for photo in photos:
        one, other = pipelines["onnxruntime"](photo), pipelines["ncnn"](photo)
        assert len(one) == len(other)
        np.testing.assert_allclose(one.boxes, other.boxes, atol=1.0)
        cosines = np.sum(there(one.embeddings) * there(other.embeddings), axis=1)
        assert (cosines >= 0.999).all()


def test_both_engines_give_the_same_face_of_a_small_photo(
    pipelines: dict[str, rostro.FacePipeline], photo: Image
) -> None:
    """The one test of the default networks that is run under emulation, too."""
    one, other = pipelines["onnxruntime"](photo), pipelines["ncnn"](photo)
    for faces in (one, other):
        np.testing.assert_allclose(faces.boxes, [[78, 63, 168, 176]], atol=4)
    assert there(one.embeddings)[0] @ there(other.embeddings)[0] >= 0.999


def test_colour_orders_and_gray(pipelines: dict[str, rostro.FacePipeline], photo: Image) -> None:
    pipeline = pipelines["ncnn"]
    bgr = pipeline(photo)
    rgb = pipeline(np.ascontiguousarray(photo[..., ::-1]), color="rgb")
    expected = there(bgr.embeddings)
    np.testing.assert_array_equal(expected, there(rgb.embeddings))
    gray = pipeline(as_image(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)), color="gray")
    assert expected[0] @ there(gray.embeddings)[0] > 0.6


def test_crops_and_pipeline_give_the_same_embeddings(
    pipelines: dict[str, rostro.FacePipeline], photo: Image
) -> None:
    pipeline = pipelines["onnxruntime"]
    embedder = there(pipeline.embedder)
    faces = pipeline(photo)
    crops = rostro.align(photo, there(faces.landmarks))
    embeddings = embedder.embed_crops(crops).embeddings
    np.testing.assert_array_equal(embeddings, there(faces.embeddings))
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    swapped = embedder.embed_crops(np.ascontiguousarray(crops[..., ::-1]), color="rgb")
    np.testing.assert_array_equal(swapped.embeddings, embeddings)


def test_faces_iterate_and_are_frozen(
    pipelines: dict[str, rostro.FacePipeline], photo: Image
) -> None:
    faces = pipelines["ncnn"](photo)
    face = next(iter(faces))
    np.testing.assert_array_equal(face.box, faces.boxes[0])
    assert len(list(faces)) == len(faces)
    with pytest.raises(AttributeError):
        faces.boxes = None  # type: ignore[assignment, misc]
    with pytest.raises(AttributeError):
        face.score = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_a_picture_without_a_face(pipelines: dict[str, rostro.FacePipeline], engine: str) -> None:
    for shape in [(1, 1, 3), (480, 640, 3), (3, 700, 3)]:
        faces = pipelines[engine](np.full(shape, 90, np.uint8))
        assert len(faces) == 0
        assert faces.boxes.shape == (0, 4)
        assert there(faces.landmarks).shape == (0, 5, 2)
        assert there(faces.embeddings).shape == (0, 128)


@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_threads_share_a_pipeline(
    pipelines: dict[str, rostro.FacePipeline], photos: list[Image], engine: str
) -> None:
    alone = [pipelines[engine](photo).embeddings for photo in photos[:12]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda photo: pipelines[engine](photo).embeddings, photos[:12]))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)


def test_detection_alone_and_fixed_sizes(photo: Image) -> None:
    detector = rostro.Detector(det_size=(300, 200), threads=1)
    faces = rostro.FacePipeline(detector, embedder=None)(photo)
    assert len(faces) == 1
    assert faces.embeddings is None
    reference = rostro.Detector(threads=1)(photo)
    np.testing.assert_allclose(faces.boxes, reference.boxes, atol=8)
