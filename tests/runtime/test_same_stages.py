"""The stages of the C++ runtime say what Python's say, bit for bit, with the same ONNX Runtime."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro import models
from rostro.attributes.attributes import Attributes
from rostro.attributes.liveness import Liveness
from rostro.faces import Faces
from rostro.landmarks.landmarker import Landmarker
from rostro.pipeline import Stage
from rostro.types import Image
from rostro.video import Tracker
from tests.support.cpp_programs import onnxruntime_library
from tests.support.shared import shared_data
from tests.support.shared_cards import place
from tests.support.tiny_landmarker import CARD, tiny_landmarker
from tests.support.tiny_quality import brightness_network, forest_network

_CARDS = Path(models.__file__).parent / "cards"
_DETECTOR = str(_CARDS / f"{models.DEFAULTS['detect']}.toml")
_EMBEDDER = str(_CARDS / f"{models.DEFAULTS['embed']}.toml")
_PHOTOS = 6
_NO_NCNN = 3


def _photos() -> list[Image]:
    """Pairs of persons side by side: a batch has more than one."""
    image = pytest.importorskip("PIL.Image")
    files = sorted(shared_data("lfw").glob("images/*/*.jpg"))[: 2 * _PHOTOS]
    photos = [np.asarray(image.open(file).convert("RGB")) for file in files]
    return [np.concatenate(photos[i : i + 2], axis=1) for i in range(0, len(photos), 2)]


def _check(
    program: Path, folder: Path, cards: Sequence[Path | str], stages: Sequence[Stage]
) -> list[Faces]:
    """Compares all columns that these stages make."""
    pipeline = rostro.FacePipeline(
        embedder=None, stages=stages, engine="onnxruntime", threads=1, precision="float32"
    )
    photos = _photos()
    expected = [pipeline(photo, "rgb") for photo in photos]
    assert sum(len(faces) for faces in expected) > len(expected)
    _compare(_told(program, onnxruntime_library(), cards, photos, folder), expected)
    return expected


def _told(
    program: Path,
    library: Path | str,
    cards: Sequence[Path | str],
    photos: Sequence[Image],
    folder: Path,
) -> list[dict[str, Any]]:
    image = pytest.importorskip("PIL.Image")
    files = [folder / f"{i}.ppm" for i in range(len(photos))]
    for file, photo in zip(files, photos, strict=True):
        image.fromarray(photo).save(file)
    told = subprocess.run(
        [program, library, _DETECTOR, *cards, "--", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if told.returncode == _NO_NCNN:
        pytest.skip("the C++ runtime was built without ncnn: -DROSTRO_NCNN=ON")
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def _compare(lines: list[dict[str, Any]], expected: list[Faces]) -> None:
    for found, faces in zip(lines, expected, strict=True):
        columns = faces.columns()
        assert set(found) - {"size", "scheme"} == set(columns)
        assert found["scheme"] == (faces.scheme or "")
        for name, python in columns.items():
            np.testing.assert_array_equal(_shaped(found, name, python), python, name)


def _shaped(found: dict[str, Any], name: str, like: NDArray[Any]) -> NDArray[Any]:
    return np.array(found[name], like.dtype).reshape(like.shape)


def _pose(card: Path) -> rostro.HeadPose:
    return rostro.HeadPose(card, engine="onnxruntime", threads=1)


def _attributes(card: Path) -> Attributes:
    return Attributes(card, engine="onnxruntime", threads=1)


def _live(card: Path) -> Liveness:
    return Liveness(card, engine="onnxruntime", threads=1)


def _points(card: Path | str, landmarks: bool = False) -> Landmarker:
    return Landmarker(card, engine="onnxruntime", threads=1, landmarks=landmarks)


@pytest.mark.parametrize(
    "networks",
    [
        {"pfld_68": _points},
        {"pfld_ghostone_98": _points},
        {"mediapipe_face_landmarks_478_f16": _points},
        {"fsanet_pair": _pose, "gaze_estimation_adas_0002_f16": _attributes},
        {"head_pose_estimation_adas_0001_f16": _pose, "open_closed_eye_0001": _attributes},
        {"antispoof_128": _live, "facial_expression_mobilefacenet_2022july_f16": _attributes},
    ],
    ids=lambda networks: "+".join(networks),
)
@pytest.mark.usefixtures("default_models")
def test_networks(
    run_stages: Path, tmp_path: Path, networks: dict[str, Callable[[Path], Stage]]
) -> None:
    cards = [place(name, "onnxruntime", tmp_path) for name in networks]
    if "fsanet_pair" in networks:
        place("fsanet_var", "onnxruntime", tmp_path)
    stages = [make(card) for make, card in zip(networks.values(), cards, strict=True)]
    _check(run_stages, tmp_path, cards, stages)


@pytest.mark.usefixtures("default_models")
def test_points_become_landmarks(run_stages: Path, tmp_path: Path) -> None:
    card = place("pfld_68", "onnxruntime", tmp_path)
    _check(run_stages, tmp_path, [f"landmarks:{card}"], [_points(card, landmarks=True)])


_MORPHABLE = """
kind = "3dmm"
scheme = "five"
output = "y"
mean = [{zeros}]
std = [{ones}]
basis = "basis.npz"
"""


@pytest.mark.usefixtures("default_models")
def test_morphable_face(run_stages: Path, tmp_path: Path) -> None:
    head, _ = CARD.split("[landmarks]")
    numbers = {"zeros": ", ".join(["0.25"] * 14), "ones": ", ".join(["2.0"] * 14)}
    card = tiny_landmarker(
        tmp_path, card=head + "[landmarks]" + _MORPHABLE.format(**numbers), more=4
    )
    random = np.random.default_rng(3)
    base = random.normal(size=15).astype(np.float32)
    np.savez(tmp_path / "basis.npz", base=base, basis=random.normal(size=(15, 2)))
    (faces, *_) = _check(run_stages, tmp_path, [card], [_points(card)])
    assert faces.poses is not None and faces.points is not None


@pytest.mark.parametrize("four_sides", [False, True])
@pytest.mark.usefixtures("default_models")
def test_quality_of_points(run_stages: Path, tmp_path: Path, four_sides: bool) -> None:
    card = forest_network(tmp_path, 'kind = "landmarks"\n', 11, four_sides)
    _check(run_stages, tmp_path, [card], [rostro.Quality(card, engine="onnxruntime", threads=1)])


@pytest.mark.usefixtures("default_models")
def test_quality_of_a_crop(run_stages: Path, tmp_path: Path) -> None:
    card = brightness_network(
        tmp_path, 'kind = "scalar"\noutput = "y"\nrange = [250.0, 20.0]\n', "[crop]\nscale = 1.2\n"
    )
    _check(run_stages, tmp_path, [card], [rostro.Quality(card, engine="onnxruntime", threads=1)])


@pytest.mark.usefixtures("default_models")
def test_ncnn(run_stages: Path, tmp_path: Path) -> None:
    pipeline = rostro.FacePipeline(engine="ncnn", threads=1, precision="float32")
    photos = _photos()
    told = _told(run_stages, "ncnn", [_EMBEDDER], photos, tmp_path)
    # Two builds of ncnn round in another order. A landmark that is off by its last bit moves a
    # crop, so embeddings are compared of the same ones.
    for found, photo in zip(told, photos, strict=True):
        faces = rostro.FacePipeline(pipeline.detector, embedder=None)(photo, "rgb")
        for name, python in faces.columns().items():
            np.testing.assert_allclose(_shaped(found, name, python), python, 1e-5, 1e-5)
        assert pipeline.embedder is not None and faces.landmarks is not None
        same = faces.with_columns(landmarks=_shaped(found, "landmarks", faces.landmarks))
        embedded = pipeline.embedder(photo, same, "rgb").columns()
        for name in ("embeddings", "norms"):
            python = embedded[name]
            np.testing.assert_allclose(_shaped(found, name, python), python, 1e-5, 1e-5)


@pytest.mark.usefixtures("default_models")
def test_followed(run_stages: Path, tmp_path: Path) -> None:
    # A camera that turns: two persons, of whom one leaves and comes back.
    photo = _photos()[0]
    frames = [photo[:, x : x + 250] for x in [*range(0, 250, 25), *range(250, 0, -25)]]
    pipeline = rostro.FacePipeline(engine="onnxruntime", threads=1, precision="float32")
    tracker = Tracker()
    expected = [tracker(pipeline(frame, "rgb"), 0.05 * (i + 1)) for i, frame in enumerate(frames)]
    told = _told(run_stages, onnxruntime_library(), [f"follow:{_EMBEDDER}"], frames, tmp_path)
    ids = [faces.columns()["ids"].tolist() for faces in expected]
    assert {1, 2} <= {id_ for of_frame in ids for id_ in of_frame}
    for found, of_frame, faces in zip(told, ids, expected, strict=True):
        assert found["ids"] == of_frame
        np.testing.assert_array_equal(np.float32(found["boxes"]), faces.boxes.ravel())
