"""The embedder through cards: every family's pixels, flips, batches, a second input."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import rostro
from rostro.embed.embedder import Embedded
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces
from rostro.types import Image
from tests.support.there import there
from tests.support.tiny_embedder import ARCFACE, a_face, landmark_network, tiny_network, write_card

# What each family is fed with, by its authors' own code: (channels, mean, std, size, template).
FAMILIES = {
    "ArcFace": ("rgb", 127.5, 127.5, (112, 112), "arcface"),
    "AdaFace": ("bgr", 127.5, 127.5, (112, 112), "arcface"),
    "SFace": ("rgb", 0.0, 1.0, (112, 112), "arcface"),
    "SphereFace": ("rgb", 127.5, 128.0, (96, 112), "arcface"),
    "128 pixels": ("rgb", 127.5, 127.5, (128, 128), "arcface"),
    "FaceNet": ("rgb", 127.5, 128.0, (160, 160), "box"),
}


def vectors(faces: Faces) -> Embedded:
    """What an embedder added to a table."""
    return Embedded(there(faces.embeddings), there(faces.norms))


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
        matrix = rostro.estimate_similarity(there(face.landmarks)[0], target)
        crop = cv2.warpAffine(photo, matrix, size)
    pixels = crop[..., ::-1] if channels == "rgb" else crop
    tensor = (pixels.astype(np.float64) - mean) / std
    quarters = tensor.reshape(2, height // 2, 2, width // 2, 3).mean(axis=(1, 3))
    wanted = quarters.transpose(2, 0, 1).ravel()

    embedded = vectors(embedder(photo, face))
    assert embedded.norms[0] == pytest.approx(np.linalg.norm(wanted), rel=0.01)
    assert embedded.embeddings[0] @ (wanted / np.linalg.norm(wanted)) > 0.9999
    crops = embedder.crops(photo, face)
    assert crops.shape == (1, height, width, 3)
    again = embedder.embed_crops(crops)
    np.testing.assert_allclose(again.embeddings, embedded.embeddings, atol=1e-6)
    np.testing.assert_allclose(again.norms, embedded.norms, rtol=1e-6)
    np.testing.assert_array_equal(embedder.embed_crops(crops).embeddings, again.embeddings)


def test_a_flip_is_the_mean_with_the_mirror_image(photo: Image, tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    plain = rostro.Embedder(write_card(tmp_path), threads=1)
    crops = plain.crops(photo, a_face(photo))
    mirrored = np.ascontiguousarray(crops[:, :, ::-1])
    one, other = plain.embed_crops(crops), plain.embed_crops(mirrored)
    mean = (one.embeddings * one.norms + other.embeddings * other.norms) / 2
    flipping = rostro.Embedder(write_card(tmp_path, more="flip = true"), threads=1)
    both = flipping.embed_crops(crops)
    np.testing.assert_allclose(both.norms[0], np.linalg.norm(mean), rtol=1e-5)
    np.testing.assert_allclose(both.embeddings, mean / np.linalg.norm(mean), atol=1e-6)
    np.testing.assert_allclose(
        flipping.embed_crops(mirrored).embeddings, both.embeddings, atol=1e-6
    )
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
    embedded = vectors(embedder(photo, face))
    numbers = embedded.embeddings[0] * embedded.norms[0]
    # A face that is the crop template, turned, comes to lie on it.
    np.testing.assert_allclose(numbers[3:].reshape(5, 2), ARCFACE / 112, atol=1e-4)
    crops = embedder.crops(photo, face)
    np.testing.assert_allclose(numbers[:3], crops[0].mean(axis=(0, 1))[::-1] / 255, atol=1e-4)
    again = embedder.embed_crops(crops, landmarks=ARCFACE[None]).embeddings
    np.testing.assert_allclose(again, embedded.embeddings, atol=1e-5)

    flipping = rostro.Embedder(card, engine=engine, threads=1, flip=True)
    both = vectors(flipping(photo, face))
    mirrored = ARCFACE[[1, 0, 2, 4, 3]] * [-1, 1] + [112, 0]  # left is left again
    points = (both.embeddings[0] * both.norms[0])[3:].reshape(5, 2)
    np.testing.assert_allclose(points, (ARCFACE + mirrored) / 2 / 112, atol=1e-4)

    points = np.stack([ARCFACE, ARCFACE + 3, ARCFACE])
    many = embedder.embed_crops(np.repeat(crops, 3, 0), landmarks=points).embeddings
    np.testing.assert_allclose(many[0], again[0], atol=1e-6)
    np.testing.assert_array_equal(many[0], many[2])
    with pytest.raises(ArgumentTypeError, match=r"landmarks: got NoneType; .*\(1, 5, 2\)"):
        embedder.embed_crops(crops)
    with pytest.raises(ArgumentError, match=r"\(2, 5, 2\)"):
        embedder.embed_crops(np.repeat(crops, 2, 0), landmarks=ARCFACE[None])
    with pytest.raises(ArgumentError, match="others: got 0 further inputs; those of points are"):
        embedder.engine.run(np.zeros((1, 3, 112, 112), np.float32))


def test_a_network_for_one_image_takes_batches(photo: Image, tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112), batch=1)
    embedder = rostro.Embedder(write_card(tmp_path), threads=1)
    crops = np.concatenate([embedder.crops(photo, a_face(photo, i)) for i in (0.0, 9.0)])
    batch = embedder.embed_crops(crops).embeddings
    for crop, row in zip(crops, batch, strict=True):
        np.testing.assert_array_equal(embedder.embed_crops(crop[None]).embeddings[0], row)


@pytest.mark.usefixtures("default_models")
def test_wrong_crops_are_named(photo: Image) -> None:
    embedder = rostro.Embedder(threads=1)
    with pytest.raises(ArgumentError, match=r"\(N, 112, 112, 3\)"):
        embedder.embed_crops(photo[None])
    with pytest.raises(ArgumentTypeError, match="float32"):
        embedder.embed_crops(np.zeros((1, 112, 112, 3), np.float32))
