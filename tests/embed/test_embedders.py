"""Embedders through cards: every family's pixels, flips, batches, a second input, bad cards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError, EngineError, ModelError
from rostro.types import Detections, Image
from tests.support.shared_cards import EMBEDDERS, engines_of, place

ARCFACE = rostro.kernels.template_points("arcface", 112)
CASES = [(name, engine) for name, card in sorted(EMBEDDERS.items()) for engine in engines_of(card)]


def tiny_network(folder: Path, size: tuple[int, int], batch: int | str = "n") -> None:
    """The means of the quarters of each channel: 12 numbers, by where they are in the crop."""
    width, height = size
    half = [height // 2, width // 2]
    nodes = [
        helper.make_node("AveragePool", ["x"], ["pooled"], kernel_shape=half, strides=half),
        helper.make_node("Flatten", ["pooled"], ["y"]),
    ]
    save(folder / "tiny.onnx", nodes, [("x", [batch, 3, height, width])], [batch, 12])


def landmark_network(folder: Path) -> None:
    """The means of the channels and the landmarks as they come: 13 numbers."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("Flatten", ["points"], ["flat"]),
        helper.make_node("Concat", ["means", "flat"], ["y"], axis=1),
    ]
    inputs = [("points", ["n", 5, 2]), ("x", ["n", 3, 112, 112])]
    save(folder / "tiny.onnx", nodes, inputs, ["n", 13])
    (folder / "tiny.ncnn.param").write_text(
        "7767517\n5 5\nInput in0 0 1 in0\nInput in1 0 1 in1\n"
        "Pooling gap 1 1 in0 means 0=1 4=1\nFlatten flat 1 1 in1 points\n"
        "Concat cat 2 1 means points out0 0=0\n"
    )
    (folder / "tiny.ncnn.bin").write_bytes(b"")


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[tuple[str, list[int | str]]],
    output: list[int | str],
) -> None:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)


def write_card(
    folder: Path,
    *,
    channels: str = "rgb",
    mean: float = 127.5,
    std: float = 127.5,
    size: tuple[int, int] = (112, 112),
    dim: int = 12,
    template: str = "arcface",
    more: str = "",
) -> Path:
    card = folder / "tiny.toml"
    card.write_text(f"""
name = "tiny"
task = "embed"
licence = "MIT"
[[file]]
name = "tiny.onnx"
[input]
name = "x"
channels = "{channels}"
mean = {mean}
std = {std}
size = {list(size)}
[outputs]
names = ["y"]
[embed]
dim = {dim}
template = "{template}"
{more}
""")
    return card


def a_face(photo: Image, shift: float = 0.0) -> Detections:
    """A face somewhere in the photo, slightly turned."""
    turn = np.array([[0.9, -0.2], [0.2, 0.9]], np.float32)
    points = (ARCFACE @ turn.T + np.array([70 + shift, 50], np.float32)).astype(np.float32)
    box = [60 + shift, 40, 190 + shift, 200]
    return Detections(np.array([box], np.float32), np.ones(1, np.float32), points[None])


# What each family is fed with, by its authors' own code: (channels, mean, std, size, template).
FAMILIES = {
    "ArcFace": ("rgb", 127.5, 127.5, (112, 112), "arcface"),
    "AdaFace": ("bgr", 127.5, 127.5, (112, 112), "arcface"),
    "SFace": ("rgb", 0.0, 1.0, (112, 112), "arcface"),
    "SphereFace": ("rgb", 127.5, 128.0, (96, 112), "arcface"),
    "128 pixels": ("rgb", 127.5, 127.5, (128, 128), "arcface"),
    "FaceNet": ("rgb", 127.5, 128.0, (160, 160), "box"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_families(photo: Image, tmp_path: Path, family: str) -> None:
    channels, mean, std, size, template = FAMILIES[family]
    tiny_network(tmp_path, size)
    card = write_card(tmp_path, channels=channels, mean=mean, std=std, size=size, template=template)
    embedder = rostro.Embedder(card, threads=1)
    face = a_face(photo)
    width, height = size
    if template == "box":
        x1, y1, x2, y2 = face.boxes[0].astype(int)
        crop = cv2.resize(photo[y1:y2, x1:x2], size)
    else:
        shift = {96: -8, 112: 0, 128: 8}[width]
        target = ARCFACE + np.array([shift, 0], np.float32)
        matrix = rostro.estimate_similarity(face.landmarks[0], target)
        crop = cv2.warpAffine(photo, matrix, size)
    pixels = crop[..., ::-1] if channels == "rgb" else crop
    tensor = (pixels.astype(np.float64) - mean) / std
    quarters = tensor.reshape(2, height // 2, 2, width // 2, 3).mean(axis=(1, 3))
    wanted = quarters.transpose(2, 0, 1).ravel()

    embedded = embedder.embed_faces(photo, face)
    assert embedded.norms[0] == pytest.approx(np.linalg.norm(wanted), rel=0.01)
    assert embedded.embeddings[0] @ (wanted / np.linalg.norm(wanted)) > 0.9999
    crops = embedder.crops(photo, face)
    assert crops.shape == (1, height, width, 3)
    again = embedder.with_norms(crops)
    np.testing.assert_allclose(again.embeddings, embedded.embeddings, atol=1e-6)
    np.testing.assert_allclose(again.norms, embedded.norms, rtol=1e-6)
    np.testing.assert_array_equal(embedder(crops), again.embeddings)


def test_boxes_beyond_the_image_are_cut_off(photo: Image) -> None:
    boxes = np.array([[-20, -9, 100, 80], [100, 30, 999, 999]], np.float32)
    crops = rostro.crop_boxes(photo, boxes, (60, 40))
    for crop, part in zip(crops, (photo[:80, :100], photo[30:, 100:]), strict=True):
        difference = np.abs(crop.astype(int) - cv2.resize(part, (60, 40)))
        assert difference.mean() < 1
    tensor = rostro.crop_boxes(photo, boxes, (60, 40), channels="rgb", mean=10.0, std=2.0)
    plain = (crops[..., ::-1].astype(np.float32) - 10) / 2
    np.testing.assert_allclose(tensor, plain.transpose(0, 3, 1, 2), atol=1e-4)
    with pytest.raises(ArgumentError, match=r"boxes\[0\]"):
        rostro.crop_boxes(photo, boxes - 500, 60)


def test_a_flip_is_the_mean_with_the_mirror_image(photo: Image, tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    plain = rostro.Embedder(write_card(tmp_path), threads=1)
    crops = plain.crops(photo, a_face(photo))
    mirrored = np.ascontiguousarray(crops[:, :, ::-1])
    one, other = plain.with_norms(crops), plain.with_norms(mirrored)
    mean = (one.embeddings * one.norms + other.embeddings * other.norms) / 2
    flipping = rostro.Embedder(write_card(tmp_path, more="flip = true"), threads=1)
    both = flipping.with_norms(crops)
    np.testing.assert_allclose(both.norms[0], np.linalg.norm(mean), rtol=1e-5)
    np.testing.assert_allclose(both.embeddings, mean / np.linalg.norm(mean), atol=1e-6)
    np.testing.assert_allclose(flipping(mirrored), both.embeddings, atol=1e-6)
    assert not np.allclose(one.embeddings, both.embeddings, atol=1e-3)


def test_a_threshold_is_that_of_its_flip(tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    more = '[thresholds.cosine]\nvalue = 0.4\nfmr = 1e-3\npairs = 1000000\nhow = "somewhere"'
    card = write_card(tmp_path, more=more)
    assert rostro.Embedder(card).threshold == 0.4
    assert rostro.Embedder(card, flip=True).threshold is None


@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_a_network_that_takes_landmarks(photo: Image, tmp_path: Path, engine: str) -> None:
    landmark_network(tmp_path)
    card = write_card(tmp_path, dim=13, mean=0.0, std=255.0, more='landmarks = "points"')
    embedder = rostro.Embedder(card, engine=engine, threads=1)
    face = a_face(photo)
    embedded = embedder.embed_faces(photo, face)
    numbers = embedded.embeddings[0] * embedded.norms[0]
    # A face that is the template, turned, comes to lie on it.
    np.testing.assert_allclose(numbers[3:].reshape(5, 2), ARCFACE / 112, atol=1e-4)
    crops = embedder.crops(photo, face)
    np.testing.assert_allclose(numbers[:3], crops[0].mean(axis=(0, 1))[::-1] / 255, atol=1e-4)
    again = embedder(crops, landmarks=ARCFACE[None])
    np.testing.assert_allclose(again, embedded.embeddings, atol=1e-5)

    flipping = rostro.Embedder(card, engine=engine, threads=1, flip=True)
    both = flipping.embed_faces(photo, face)
    mirrored = ARCFACE[[1, 0, 2, 4, 3]] * [-1, 1] + [112, 0]  # left is left again
    points = (both.embeddings[0] * both.norms[0])[3:].reshape(5, 2)
    np.testing.assert_allclose(points, (ARCFACE + mirrored) / 2 / 112, atol=1e-4)

    many = embedder(np.repeat(crops, 3, 0), landmarks=np.stack([ARCFACE, ARCFACE + 3, ARCFACE]))
    np.testing.assert_allclose(many[0], again[0], atol=1e-6)
    np.testing.assert_array_equal(many[0], many[2])
    with pytest.raises(ArgumentTypeError, match=r"landmarks: NoneType; .*\(1, 5, 2\)"):
        embedder(crops)
    with pytest.raises(ArgumentError, match=r"\(2, 5, 2\)"):
        embedder(np.repeat(crops, 2, 0), landmarks=ARCFACE[None])
    with pytest.raises(ArgumentError, match="second input"):
        embedder.engine.run(np.zeros((1, 3, 112, 112), np.float32))


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "engine"), CASES)
def test_shared_networks(photo: Image, tmp_path: Path, name: str, engine: str) -> None:
    """A batch is its entries, whatever batch the file was exported for; persons stay themselves."""
    embedder = rostro.Embedder(place(name, engine, tmp_path), engine=engine, threads=1)
    faces = rostro.Detector(threads=1)(photo)
    crop = embedder.crops(photo, faces)
    darker, mirrored = crop // 2, np.ascontiguousarray(crop[:, :, ::-1])
    batch = embedder.with_norms(np.concatenate([crop, darker, mirrored]))
    assert batch.embeddings.shape == (3, 128) and batch.norms.shape == (3,)
    for i, one in enumerate((crop, darker, mirrored)):
        alone = embedder.with_norms(one)
        np.testing.assert_allclose(alone.embeddings[0], batch.embeddings[i], atol=1e-5)
        np.testing.assert_allclose(alone.norms[0], batch.norms[i], rtol=1e-5)
    assert (batch.embeddings[1:] @ batch.embeddings[0] > 0.7).all()


@pytest.mark.usefixtures("default_models")
@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_the_default_network_in_batches(photo: Image, engine: str) -> None:
    pipeline = rostro.FacePipeline(engine=engine, threads=1)
    faces = pipeline(photo)
    crops = rostro.align(photo, faces.landmarks)
    batch = pipeline.embedder.with_norms(np.concatenate([crops, crops // 2, crops]))
    np.testing.assert_allclose(batch.embeddings[[0]], faces.embeddings, atol=1e-5)
    np.testing.assert_allclose(batch.norms[0], faces.norms[0], rtol=1e-5)
    np.testing.assert_allclose(batch.embeddings[2], batch.embeddings[0], atol=1e-6)
    assert faces[0].norm == faces.norms[0] > 1
    assert rostro.FacePipeline(embedder=None)(photo).norms is None
    nobody = pipeline(np.full((64, 64, 3), 90, np.uint8))
    assert nobody.norms.shape == (0,)


def test_a_network_for_one_image_takes_batches(photo: Image, tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112), batch=1)
    embedder = rostro.Embedder(write_card(tmp_path), threads=1)
    crops = np.concatenate([embedder.crops(photo, a_face(photo, i)) for i in (0.0, 9.0)])
    batch = embedder(crops)
    for crop, row in zip(crops, batch, strict=True):
        np.testing.assert_array_equal(embedder(crop[None])[0], row)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"template": "arcfase"}, 'template: "arcfase" is not known; known are "arcface", "ffhq"'),
        ({"std": 0.0}, "std not 0"),
        ({"size": (9000, 112)}, "size: 9000x112"),
        ({"dim": 0}, "embed.dim: a number from 1"),
        ({"more": "flip = 1"}, "embed.flip: bool is wanted"),
        ({"more": "landmarks = true"}, "embed.landmarks: str is wanted"),
        ({"template": "box", "more": 'landmarks = "points"'}, "embed.landmarks"),
    ],
)
def test_nonsense_in_a_card_is_one_error(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    # Without the network: what is wrong with the card alone needs none.
    with pytest.raises(ModelError, match="tiny") as caught:
        rostro.Embedder(write_card(tmp_path, **options))  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_network_that_is_not_its_cards(photo: Image, tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    wrong = rostro.Embedder(write_card(tmp_path, dim=512), threads=1)
    with pytest.raises(ModelError, match=r"embed\.dim, 512.*\(1, 512\)"):
        wrong.embed_faces(photo, a_face(photo))
    with pytest.raises(ModelError, match="and points, is wanted; it has x"):
        rostro.Embedder(write_card(tmp_path, more='landmarks = "points"'))
    flat = rostro.Embedder(write_card(tmp_path), threads=1)
    black = np.zeros((1, 112, 112, 3), np.uint8)
    with pytest.raises(EngineError, match="norm 0"):
        rostro.Embedder(write_card(tmp_path, mean=0.0), threads=1)(black)
    no_points = Detections(np.zeros((1, 4), np.float32), np.ones(1, np.float32), None)
    with pytest.raises(ArgumentError, match="without landmarks"):
        flat.embed_faces(photo, no_points)
