"""Whatever is given for an argument of a public name, what is raised is one of rostro's errors."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro import models, video
from rostro.engines import Engine
from rostro.errors import ArgumentError, FileMissingError, RostroError
from rostro.gallery.identity import EmbedderIdentity
from rostro.models.choice import Precision
from rostro.support.arguments import shown
from rostro.video.anonymize.hiding import Hiding
from tests.support.actor import Actor
from tests.support.movies import write_movie
from tests.support.tiny_attributes import tiny_attributes
from tests.support.tiny_embedder import ARCFACE, tiny_network, write_card
from tests.support.tiny_fuser import tiny_fuser
from tests.support.tiny_landmarker import tiny_landmarker
from tests.support.tiny_liveness import tiny_liveness
from tests.support.tiny_quality import forest_network

Call = tuple[Callable[..., Any], dict[str, Any]]

NUMBERS: list[Any] = [
    *(True, 0, -1, 7, 10**30, 0.5, 2.5, float("nan"), float("inf"), 1j),
    *(np.float32(0.5), np.float64("nan"), np.int64(2), np.uint8(3), np.bool_(True)),
]
ARRAYS: list[Any] = [
    np.zeros(0, np.float32),
    np.zeros((0, 4), np.float32),
    np.zeros((0, 100, 3), np.uint8),
    np.array(1, np.float32),
    np.array([2, 3]),
    np.zeros((2, 4)),
    np.zeros((3, 4), ">f4"),
    np.zeros((4, 4), np.float32)[::2],
    np.zeros((4, 3), np.float32).T,
    np.full((5, 2), np.nan, np.float32),
    np.full((1, 4), 1e38, np.float32),
    np.zeros((2, 3, 4, 5, 6), np.float32),
    np.zeros((8, 8, 3), np.uint8)[::-1, ::-1],
    np.broadcast_to(np.float32(0), (2**33, 4)),
    np.broadcast_to(np.uint8(0), (2**31, 2)),
    np.zeros(3, object),
    np.zeros(2, [("a", "f4")]),
    np.array(["a"]),
    np.array([1 + 2j]),
]
OTHERS: list[Any] = [
    *(None, "", "text", "\ud800", "\0", b"bytes", np.str_("text"), np.datetime64("2020-01-01")),
    *([], [1, "a"], (3, 4), (1, 2, 3), {}, {"a": 1}, {1, 2}, object(), len, int),
]
ODD = NUMBERS + ARRAYS + OTHERS


def face_table() -> rostro.Faces:
    boxes = np.array([[10, 10, 90, 90]], np.float32)
    return rostro.Faces(boxes, np.ones(1, np.float32), ARCFACE[np.newaxis].copy())


def unit(*shape: int) -> Any:
    vectors = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).astype(np.float32)


def kernels() -> Iterator[Call]:
    image = np.zeros((112, 112, 3), np.uint8)
    pixels: dict[str, Any] = {"image": image, "color": "bgr", "channels": None, "out": None}
    scaled: dict[str, Any] = {"mean": 0.0, "std": 1.0}
    boxes, scores = np.array([[0, 0, 9, 9]] * 2, np.float32), np.ones(2, np.float32)
    codes, scales = rostro.quantize_embeddings(unit(3, 8))
    yield (
        rostro.letterbox,
        pixels | scaled | {"size": (64, 64), "dtype": "float32", "pad": 0, "upscale": True},
    )
    yield rostro.letterbox, {"image": image, "size": (64, 64), "dtype": "uint8", "out": None}
    aligned = {"landmarks": ARCFACE[np.newaxis].copy(), "size": 112, "template": "arcface"}
    yield rostro.align, pixels | aligned
    yield rostro.align, pixels | scaled | aligned
    boxed = {"boxes": boxes, "size": 64}
    yield rostro.crop_boxes, {k: v for k, v in pixels.items() if k != "out"} | scaled | boxed
    outputs = [np.zeros((1, n, c), np.float32) for c in (1, 1, 4, 10) for n in (16, 4, 1)]
    limits = {"score_threshold": 0.5, "top_k": 10}
    yield rostro.decode, limits | {"head": "yunet", "outputs": outputs, "input_size": (32, 32)}
    nms = {"boxes": boxes, "scores": scores, "iou_threshold": 0.5, "top_k": 1}
    yield rostro.nms, nms | {"method": "soft-gaussian", "sigma": 0.5, "score_threshold": 0.1}
    yield rostro.nms_weighted, {"found": face_table(), "iou_threshold": 0.5, "top_k": 1}
    yield rostro.estimate_similarity, {"src": ARCFACE, "dst": ARCFACE}
    yield rostro.kernels.template_points, {"name": "arcface", "size": 112}
    yield rostro.quantize_embeddings, {"embeddings": unit(3, 8)}
    found = {"codes": codes, "scales": scales, "queries": codes, "query_scales": scales}
    yield rostro.search_int8, found | {"k": 2, "mask": np.ones(3, bool), "threads": 1}
    transform = rostro.LetterboxTransform(1, 1, 0, 0)
    yield transform.points, {"points": ARCFACE}
    yield transform.boxes, {"boxes": boxes}


def turns() -> Iterator[Call]:
    identity = np.eye(3)[np.newaxis].copy()
    there = {"rotations": identity, "translations": np.array([[0.0, 0.0, 1.0]])}
    camera = rostro.Camera(100, 100, 50, 50)
    five = {"points": rostro.mean_face("five"), "camera": camera}
    yield rostro.Camera, {"fx": 100.0, "fy": 100.0, "cx": 50.0, "cy": 50.0}
    yield rostro.Camera.assumed, {"width": 100, "height": 100, "hfov": 60}
    yield rostro.mean_face, {"scheme": "five"}
    points: dict[str, Any] = {"points": ARCFACE[np.newaxis].copy()}
    weights = np.ones((1, 5), np.float32)
    fitted = points | {"scheme": "five", "camera": None, "image_size": (112, 112)}
    yield rostro.fit_pose, fitted | {"weights": weights}
    yield rostro.fit_pose, fitted | {"camera": camera}
    yield rostro.project_points, five | there
    yield rostro.projected_boxes, five | there
    crops = there | {"crops": np.array([[10.0, 10.0, 90.0, 90.0]]), "camera": camera}
    yield rostro.pose_of_crop, crops
    yield rostro.pose_in_crop, crops
    yield rostro.convert_points, points | {"source": "five", "target": "five"}
    rotations = rostro.rotations
    convention = {"convention": "rostro"}
    yield rotations.matrix_from_angles, {"angles": np.zeros((1, 3))} | convention
    yield rotations.angles_from_matrix, {"matrix": identity} | convention
    yield rotations.matrix_from_rotation_vector, {"vector": np.zeros((1, 3))}
    yield rotations.rotation_vector_from_matrix, {"matrix": identity}
    yield rotations.matrix_from_quaternion, {"quaternion": np.ones((1, 4))}
    yield rotations.quaternion_from_matrix, {"matrix": identity}
    yield rotations.matrix_from_6d, {"columns": np.ones((1, 6))}
    yield rotations.sixd_from_matrix, {"matrix": identity}
    yield rotations.nearest_rotation, {"matrix": identity}


def tables(folder: Path) -> Iterator[Call]:
    faces = face_table()
    columns = faces.columns()
    yield rostro.Faces, columns | {"scheme": None, "attributes": {"age": np.ones(1)}}
    yield faces.with_columns, {"norms": np.ones(1, np.float32), "scheme": "a", "attributes": None}
    yield faces.select, {"indices": [0]}
    yield lambda index: faces[index], {"index": 0}
    yield rostro.Faces.concatenate, {"tables": [faces, faces]}
    yield faces.mapped, {"transform": np.eye(2, 3, dtype=np.float32)}
    yield rostro.verify, {"embedding_a": unit(8), "embedding_b": unit(8), "threshold": 0.5}
    yield video.Tracker, {"settings": None}
    step = {"faces": faces, "time": 1.0, "motion": np.eye(2, 3, dtype=np.float32)}
    yield lambda **given: video.Tracker()(**given), step
    yield video.Tracker().predict, {"time": 1.0}
    yield video.MeanTemplate, {"dim": 8}
    yield video.MeanTemplate(8).add, {"embeddings": unit(2, 8), "weights": np.ones(2, np.float32)}
    clusters = {"centers": unit(2, 8), "weights": np.ones(2, np.float32), "sharpness": 1.0}
    yield video.ClusterTemplate, clusters
    yield video.ClusterTemplate(unit(2, 8)).merge, {"other": video.ClusterTemplate(unit(2, 8))}
    yield rostro.simd.use, {"level": rostro.simd.level()}
    image = np.zeros((8, 8, 3), np.uint8)
    rostro.save_image(folder / "a.png", image)
    yield rostro.load_image, {"source": folder / "a.png", "color": "bgr", "max_pixels": 100}
    yield rostro.save_image, {"path": folder / "b.png", "image": image, "color": "bgr"}


def galleries(folder: Path) -> Iterator[Call]:
    identity = EmbedderIdentity("a", "b", "c")
    yield rostro.Gallery, {"dim": 8, "embedder": None}
    opened = {"path": folder / "a.rostro", "dim": 8, "key": None, "timeout": 1.0, "salvage": False}
    yield lambda **given: rostro.Gallery.open(**given).close(), opened | {"embedder": None}
    gallery = rostro.Gallery(8)
    gallery.add(["ann", "bob"], unit(2, 8))
    yield gallery.add, {"names": "ann", "embeddings": unit(8), "metadata": {"a": 1}}
    asked = {"embeddings": unit(8), "score": "best", "rescore": False, "threads": 1}
    yield gallery.search, asked | {"k": 2, "threshold": 0.5}
    yield gallery.identify, asked | {"threshold": 0.5}
    yield gallery.metadata, {"name": "ann"}
    yield gallery.rename, {"old": "ann", "new": "ann"}
    yield gallery.remove, {"names": []}
    yield gallery.forget, {"names": []}
    yield gallery.__contains__, {"name": "ann"}
    yield lambda embedder: gallery.declare_compatible(embedder), {"embedder": identity}
    yield gallery.require, {"embedder": identity}
    yield gallery.export, {"path": folder / "export.npz"}
    gallery.export(folder / "there.npz")
    yield rostro.Gallery(8).import_, {"path": folder / "there.npz"}


def videos(folder: Path) -> Iterator[Call]:
    images = [np.full((48, 64, 3), 20 * number, np.uint8) for number in range(5)]
    path = write_movie(folder / "clip.mkv", images)
    opened: dict[str, Any] = {"source": path, "rate": 25.0, "size": (64, 48), "timeout": 1.0}
    yield video.open_source, opened | {"retry": None}
    yield video.Retry, {"first": 0.5, "most": 30.0, "attempts": 3}
    yield video.NewestFrame, {"source": video.open_source(path), "drop": True}
    written: dict[str, Any] = {"path": folder / "out.mkv", "size": (64, 48), "rate": 25.0}
    written |= {"sound_of": path, "keep_partial": True}
    yield _discarded, written
    writer = video.VideoWriter(folder / "other.mkv", (64, 48), 25)
    times = itertools.count()

    def write(image: Any, time: Any) -> None:
        writer.write(image, next(times) if type(time) is float and time == 1.0 else time)

    yield write, {"image": images[0], "time": 1.0}
    yield Hiding, {"how": "blur", "shape": "ellipse"}


@functools.wraps(video.VideoWriter)
def _discarded(**given: Any) -> None:
    video.VideoWriter(**given).discard()


def stages(folder: Path) -> Iterator[Call]:
    tiny_network(folder, (112, 112))
    card = write_card(folder)
    embedder = rostro.Embedder(card)
    image, faces = np.zeros((112, 112, 3), np.uint8), face_table()
    made = {"engine": "onnxruntime", "threads": 1}
    yield rostro.Embedder, made | {"name_or_path": card, "flip": False, "refine": None}
    yield embedder, {"image": image, "faces": faces, "color": "bgr"}
    yield embedder.crops, {"image": image, "faces": faces, "color": "bgr"}
    crops = np.zeros((2, 112, 112, 3), np.uint8)
    yield embedder.embed_crops, {"crops": crops, "color": "bgr", "landmarks": None}
    points = tiny_landmarker(folder)
    yield rostro.Landmarker, made | {"name_or_path": points, "landmarks": False}
    yield rostro.Landmarker(points), {"image": image, "faces": faces, "color": "bgr"}
    said = tiny_attributes(folder)
    yield rostro.Attributes, made | {"name_or_path": said}
    attributes = rostro.Attributes(said)
    yield attributes, {"image": image, "faces": faces, "color": "bgr"}
    yield attributes.transforms, {"image": image, "faces": faces, "color": "bgr"}
    yield attributes.labels, {"faces": attributes(image, faces)}
    yield rostro.HeadPose, {"name_or_path": None, "camera": None, "hfov": 60} | made
    yield rostro.HeadPose(), {"image": image, "faces": faces, "color": "bgr"}
    camera = rostro.Camera(100, 100, 50, 50)
    settings: dict[str, Any] = {"actions": ["blink", "turn left"], "steps": 2, "random": None}
    settings |= {"camera": camera, "step_seconds": 8.0, "mirrored": False}
    yield rostro.LivenessChallenge, settings
    yield (
        lambda **given: rostro.LivenessChallenge(camera)(**given),
        {"face": Actor().face(), "time": 1.0},
    )
    live = tiny_liveness(folder)
    liveness = rostro.Liveness(live)
    yield rostro.Liveness, made | {"name_or_path": live, "threshold": 0.5}
    yield liveness, {"image": image, "faces": faces, "color": "bgr"}
    yield liveness.refusals, {"faces": liveness(image, faces)}
    yield rostro.Quality, {"purpose": "enroll", "thresholds": {"yaw": 30.0}}
    quality = rostro.Quality()
    yield quality, {"image": image, "faces": faces, "color": "bgr"}
    yield quality.explain, {"faces": quality(image, faces), "index": 0}
    fuser = tiny_fuser(folder, 8, ["mean"])
    fusing = functools.partial(video.ConditionalTemplate, fuser, threads=1)
    yield video.ConditionalTemplate, {"name_or_path": fuser, "engine": "auto", "threads": 1}
    yield fusing().add, {"embeddings": unit(2, 8)}
    yield fusing().merge, {"other": fusing()}
    forest = forest_network(folder, 'kind = "landmarks"\n', 11)
    yield rostro.Quality, made | {"name_or_path": forest}
    yield rostro.Quality(forest), {"image": image, "faces": faces, "color": "bgr"}
    yield models.resolve, {"name_or_path": card, "task": "embed"}
    yield models.builtin_card, {"name": "yunet-2023mar"}


def detectors(folder: Path) -> Iterator[Call]:
    detector = rostro.Detector(threads=1)
    image = np.zeros((64, 64, 3), np.uint8)
    made = {"engine": "onnxruntime", "threads": 1, "precision": "float32"}
    sizes = {"det_size": (64, 64), "min_face": 20, "tile": (64, 64), "overlap": 8}
    limits = {"score_threshold": 0.5, "nms_threshold": 0.5}
    yield rostro.Detector, {"name_or_path": models.DEFAULTS["detect"]} | made | sizes | limits
    yield detector, {"image": image, "color": "bgr"}
    parts: dict[str, Any] = {"detector": detector, "embedder": None, "stages": [], "refine": None}
    yield rostro.FacePipeline, parts | made
    yield rostro.FacePipeline(**parts), {"image": image, "color": "bgr"}
    alone = rostro.FacePipeline(detector, None)
    following: dict[str, Any] = {"pipeline": alone, "gallery": None, "detect_every": 5}
    following |= {"budget_ms": 50, "threshold": 0.5, "settings": None, "identity": None}
    yield rostro.FaceTracker, following | {"review": None, "enroll": None}
    tracker = rostro.FaceTracker(alone)
    for call in (tracker.template, tracker.candidate, tracker.recount, tracker.named):
        yield call, {"id_": 1}
    yield video.EnrollSettings, {"votes": 5, "seconds": 5.0, "margin": 0.1}
    yield video.ReviewQueue, {"folder": folder / "queue", "people": 3, "crops": 3}
    step = {"frame": image, "time": 1.0, "color": "bgr", "motion": np.eye(2, 3, dtype=np.float32)}
    yield lambda **given: rostro.FaceTracker(alone)(**given), step
    (folder / "photos").mkdir()
    quantized: dict[str, Any] = {
        "model": models.DEFAULTS["detect"],
        "detector": models.DEFAULTS["detect"],
    }
    quantized |= {"out": folder / "fast.toml", "calibrate": folder / "photos", "keep": []}
    quantized |= {"engine": "onnxruntime", "form": "int8", "method": "minmax", "keep_ends": True}
    quantized |= {"search_seconds": 1.0, "calibration_photos": 4, "held_back_photos": 4}
    yield (
        _without_photos,
        quantized | {"ranges": folder / "x.int8.toml", "force": False, "progress": False},
    )


@functools.wraps(rostro.quantize)
def _without_photos(**given: Any) -> None:
    """Comes as far as the photos, of which there are none."""
    with contextlib.suppress(FileMissingError):
        rostro.quantize(**given)


def faults(calls: Iterator[Call]) -> list[str]:
    """What was raised that is no error of rostro's; an index beyond the faces is Python's."""
    found = []
    for function, arguments in calls:
        function(**arguments)
        for name in arguments:
            for odd in ODD:
                try:
                    function(**arguments | {name: odd})
                except RostroError:
                    pass
                except Exception as error:
                    if not (isinstance(error, IndexError) and isinstance(odd, int | np.integer)):
                        said = f"{name}={shown(odd)}: {type(error).__name__}: {error}"
                        found.append(f"{getattr(function, '__name__', function)}: {said}")
    return found


@pytest.fixture
def loaded_once(default_models: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks, which no argument changes; what is said of wrong ones is said by each call."""
    engines: dict[str, Engine] = {}
    open_ = models.Model.open

    def open_once(
        model: models.Model,
        engine: str = "auto",
        threads: int | None = None,
        precision: Precision = "auto",
    ) -> Engine:
        asked = f"{model.name} {shown(engine)} {shown(threads)} {shown(precision)}"
        if asked not in engines:
            engines[asked] = open_(model, engine, threads, precision)
        return engines[asked]

    monkeypatch.setattr(models.Model, "open", open_once)


def test_kernels() -> None:
    assert not faults(kernels())


def test_poses_and_points() -> None:
    assert not faults(turns())


def test_tables_and_pictures(tmp_path: Path) -> None:
    assert not faults(tables(tmp_path))


def test_galleries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # "text" is the name of a file
    assert not faults(galleries(tmp_path))


def test_videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not faults(videos(tmp_path))


def test_stages_and_models(tmp_path: Path, empty_cache: Path) -> None:
    assert not faults(stages(tmp_path))


def test_detectors_and_pipelines(
    tmp_path: Path, loaded_once: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not faults(detectors(tmp_path))


def test_every_public_name_is_called(tmp_path: Path, loaded_once: object) -> None:
    calls = [*kernels(), *turns(), *tables(tmp_path), *galleries(tmp_path)]
    calls += [*stages(tmp_path), *detectors(tmp_path)]
    called = {getattr(function, "__name__", "") for function, _ in calls}
    results = {
        "ChallengeState",
        "Face",
        "LetterboxTransform",
        "Match",
        "Poses",
        "Quantized",
        "Reason",
        "RostroError",
        "Verdict",
    }
    names = {
        name
        for module in (rostro, rostro.rotations)
        for name in module.__all__
        if inspect.isroutine(getattr(module, name)) or inspect.isclass(getattr(module, name))
    }
    missing = names - called - results - {"RostroError"}
    assert not missing


def test_an_empty_image_is_told_as_that() -> None:
    with pytest.raises(ArgumentError, match=r"image: got .*0.*wanted") as caught:
        rostro.letterbox(np.zeros((0, 100, 3), np.uint8), (64, 64))
    assert "side by side" not in str(caught.value)
