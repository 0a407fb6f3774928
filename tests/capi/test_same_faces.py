"""What C finds, by ctypes and by a program in C, is what Python finds, bit for bit."""

from __future__ import annotations

import json
import subprocess
from ctypes import byref, c_double, c_size_t, c_void_p, pointer, sizeof
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro import models
from rostro.kernels.arguments import Color
from rostro.samples import ASTRONAUT
from rostro.types import Image
from tests.support.capi import CApi, Event, PipelineOptions, StageOptions, c_image
from tests.support.cpp_programs import cpp_program
from tests.support.frames import frame_of

pytestmark = pytest.mark.usefixtures("default_models")

_CARDS = Path(models.__file__).parent / "cards"
DETECTOR, EMBEDDER = (_CARDS / f"{models.DEFAULTS[task]}.toml" for task in ("detect", "embed"))
_COLUMNS = (
    "boxes", "scores", "landmarks", "quality", "reasons", "poses", "translations", "embeddings",
    "norms",
)  # fmt: skip


@pytest.fixture(scope="module")
def photo() -> Image:
    return rostro.load_image(ASTRONAUT.fetch(), color="rgb")


@pytest.fixture(scope="module")
def python() -> rostro.FacePipeline:
    return rostro.FacePipeline(
        stages=[rostro.Quality(), rostro.HeadPose()], engine="onnxruntime", threads=1
    )


@pytest.fixture
def pipeline(c: CApi, library: c_void_p) -> Any:
    options = PipelineOptions(
        size=sizeof(PipelineOptions),
        detector=bytes(DETECTOR),
        embedder=bytes(EMBEDDER),
        quality=1,
        head_pose=1,
    )
    handle = c.open("pipeline_open", library, byref(options))
    yield handle
    c("pipeline_close", handle)


def _check(found: dict[str, Any], faces: rostro.Faces) -> None:
    assert len(faces) >= 1
    for column in _COLUMNS:
        expected = getattr(faces, column)
        assert found[column].dtype == expected.dtype and found[column].shape == expected.shape
        np.testing.assert_array_equal(found[column], expected, column)


def test_ctypes(c: CApi, pipeline: c_void_p, python: rostro.FacePipeline, photo: Image) -> None:
    height, width = photo.shape[:2]
    for _ in range(2):  # the second time with what the first one left
        _check(c.find(pipeline, c_image(photo, "rgb", (width, height))), python(photo, "rgb"))
    part = photo[:400, 20:500]  # rows of a larger image
    _check(c.find(pipeline, c_image(part, "rgb", (480, 400))), python(part, "rgb"))
    upside_down = photo[::-1].copy()[::-1]  # a stride below zero
    found = c.find(pipeline, c_image(upside_down, "rgb", (width, height)))
    _check(found, python(photo, "rgb"))


@pytest.mark.parametrize(
    "color", ["bgr", "bgra", "rgba", "gray", "nv12", "nv21", "i420", "yuyv", "uyvy"]
)
def test_formats(
    c: CApi, pipeline: c_void_p, python: rostro.FacePipeline, photo: Image, color: Color
) -> None:
    height, width = photo.shape[:2]
    frame = frame_of(photo, color)
    expected = python(frame, color)
    image = c_image(frame, color, (width, height))
    _check(c.find(pipeline, image), expected)
    if color in ("nv12", "nv21", "i420"):
        luma, chroma = frame[:height], frame[height:].reshape(-1)
        sides = (1, height // 2, width) if color != "i420" else (2, height // 2, width // 2)
        apart = [np.pad(plane, ((0, 0), (0, 24))) for plane in (luma, *chroma.reshape(sides))]
        for plane, rows in zip(image.planes, apart, strict=False):
            plane.data, plane.stride = rows.ctypes.data, rows.strides[0]
        _check(c.find(pipeline, image), expected)


def test_a_program_in_c(
    c: CApi, library_path: Path, python: rostro.FacePipeline, photo: Image, tmp_path: Path
) -> None:
    height, width = photo.shape[:2]
    ppm, people = tmp_path / "photo.ppm", tmp_path / "people.rostro"
    ppm.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + photo.tobytes())
    expected = python(photo, "rgb")
    assert expected.embeddings is not None
    with rostro.Gallery.open(people, 128, embedder=python.embedder) as gallery:
        gallery.add("Eileen Collins", expected.embeddings[:1])
    program = cpp_program("rostro_faces_c")
    told = subprocess.run(
        [program, library_path, DETECTOR, EMBEDDER, ppm, people],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0 and told.stderr == "", told.stderr
    *columns, names = [json.loads(line) for line in told.stdout.splitlines()]
    found = {}
    for each in columns:
        dtype = np.uint32 if each["column"] == "reasons" else np.float32
        found[each["column"]] = np.array(each["numbers"], dtype).reshape(each["shape"])
    _check(found, expected)
    assert names == {"names": ["Eileen Collins"] + [None] * (len(expected) - 1)}


def test_thresholds(c: CApi, python: rostro.FacePipeline) -> None:
    threshold = c_double()
    c("card_threshold", bytes(EMBEDDER), b"cosine", byref(threshold))
    assert python.embedder is not None and threshold.value == python.embedder.threshold


def test_following(c: CApi, library: c_void_p, photo: Image) -> None:
    options = PipelineOptions(
        size=sizeof(PipelineOptions), detector=bytes(DETECTOR), embedder=bytes(EMBEDDER)
    )
    follower = c.open("follower_open", library, byref(options), None)
    height, width = photo.shape[:2]
    image = c_image(photo, "rgb", (width, height))
    mean, dim = np.zeros(200, np.float32), c_size_t()
    embeddings: list[Any] = []
    came: list[Event] = []
    for frame in range(40):  # of 25 a second: it is embedded at first, and again after a second
        table = c.follow(follower, image, frame / 25)
        ids = table["ids"]
        assert ids.shape == (1,) and (ids >= 0) == (frame >= 1)
        embeddings += list(table.get("embeddings", ()))
        came += c.events(follower)
    assert 2 <= len(embeddings) <= 4
    c("follower_template", follower, ids[0], mean.ctypes.data, len(mean), byref(dim))
    assert dim.value == 128 and np.all(mean[128:] == 0)
    np.testing.assert_allclose(mean[:128], embeddings[0], atol=1e-6)
    c("follower_template", follower, ids[0] + 1, None, 0, byref(dim))
    assert dim.value == 0
    # The second frame with a face makes it somebody.
    assert came == [Event(ids[0], 1 / 25, "appeared")]
    black = np.zeros_like(photo)
    nobody = c_image(black, "rgb", (width, height))
    came = []
    for frame in range(40, 120, 4):
        c.follow(follower, nobody, frame / 25)
        came += c.events(follower)
    # Last seen at 39 / 25: lost after 0.2 seconds, left after 2.
    assert came == [Event(ids[0], 48 / 25, "lost"), Event(ids[0], 92 / 25, "left")]
    c("follower_close", follower)


def test_stages(c: CApi, library: c_void_p, python: rostro.FacePipeline, photo: Image) -> None:
    """A stage of a card, here the embedder's, which the pipeline opens as its own, too."""
    stage = StageOptions(sizeof(StageOptions), bytes(EMBEDDER))
    options = PipelineOptions(
        size=sizeof(PipelineOptions), detector=bytes(DETECTOR), stages=pointer(pointer(stage))
    )
    options.stage_count = 1
    pipeline = c.open("pipeline_open", library, byref(options))
    table = c.find(pipeline, c_image(photo, "rgb", (photo.shape[1], photo.shape[0])))
    np.testing.assert_array_equal(table["embeddings"], python(photo, "rgb").embeddings)
    c("pipeline_close", pipeline)
