"""Quality by the embedding of a real network, on real faces: it falls when they are hurt."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as pillow
from PIL import ImageFilter

import rostro
from rostro import Faces, models
from rostro.errors import ArgumentError, ModelError
from rostro.evaluate.labelled_photos import central_face
from rostro.models.card_toml import card_text
from rostro.types import FloatArray, Image
from tests.support.shared import shared_data

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("default_models")]

COUNT = 16

# Of the guide: what the logit of the one quality becomes with a norm of 0 to 1.
OFFSET, OF_LOGIT, OF_NORM = -2.95, 0.36, 6.8


@pytest.fixture(scope="module")
def photos() -> list[tuple[Image, Faces]]:
    """Faces of photos of LFW."""
    detector = rostro.Detector(threads=1)
    found = []
    for path in sorted(shared_data("lfw").glob("images/*/*_0001.jpg"))[:: 963 // COUNT][:COUNT]:
        image = rostro.load_image(path)
        faces = detector(image)
        row = central_face(faces, image.shape[1], image.shape[0])
        found.append((image, faces.select(slice(row, row + 1))))
    return found


def sface(folder: Path, settings: str) -> Path:
    """The card of SFace with [quality], beside its weights."""
    model = models.resolve(models.DEFAULTS["embed"])
    assert model.card is not None
    onnx = model.files["onnx"]
    (folder / onnx.name).symlink_to(onnx)
    text = card_text(dataclasses.replace(model.card, quality=None))
    begin = text.index("[[file]]")
    end = text.index("[input]")
    card = folder / "sface.toml"
    card.write_text(
        f'{text[:begin]}[[file]]\nname = "{onnx.name}"\n{text[end:]}\n[quality]\n{settings}'
    )
    return card


def blurred(image: Image) -> Image:
    return np.array(pillow.fromarray(image).filter(ImageFilter.GaussianBlur(5)))


def judged(card: Path, photos: list[tuple[Image, Faces]], hurt: bool) -> FloatArray:
    judge = rostro.Quality(card, engine="onnxruntime", threads=1)
    tables = [judge(blurred(image) if hurt else image, face) for image, face in photos]
    quality = Faces.concatenate(tables).quality
    assert quality is not None
    return quality


def test_the_norm_falls(tmp_path: Path, photos: list[tuple[Image, Faces]]) -> None:
    card = sface(tmp_path, 'kind = "norm"\nrange = [0.0, 25.0]\n')
    good, bad = (judged(card, photos, hurt) for hurt in (False, True))
    embedder = rostro.Embedder(threads=1, engine="onnxruntime")
    norms = Faces.concatenate([embedder(image, face) for image, face in photos]).norms
    assert norms is not None
    np.testing.assert_allclose(good, np.clip(norms / 25, 0, 1), rtol=1e-4)
    assert (bad < good).mean() > 0.9


def test_recognizability_falls(tmp_path: Path, photos: list[tuple[Image, Faces]]) -> None:
    settings = 'kind = "recognizability"\ncenter = "center.npz"\nrange = [0.0, 1.2]\n'
    card = sface(tmp_path, settings)
    embedder = rostro.Embedder(threads=1, engine="onnxruntime")
    half = len(photos) // 2
    tables = [embedder(blurred(image), face) for image, face in photos[:half]]
    hopeless = Faces.concatenate(tables).embeddings
    assert hopeless is not None
    mean = hopeless.mean(0)
    np.savez(tmp_path / "center.npz", center=mean / np.linalg.norm(mean))
    good, bad = (judged(card, photos[half:], hurt) for hurt in (False, True))
    assert (bad < good).mean() > 0.9


def test_symmetry_is_that_of_the_mirror_image(
    tmp_path: Path, photos: list[tuple[Image, Faces]]
) -> None:
    card = sface(tmp_path, 'kind = "symmetry"\nrange = [-1.0, 1.0]\n')
    good = judged(card, photos, hurt=False)
    mirrored = []
    for image, face in photos:
        assert face.landmarks is not None
        landmarks = face.landmarks[:, [1, 0, 2, 4, 3]]
        landmarks[..., 0] = image.shape[1] - 1 - landmarks[..., 0]
        image = np.ascontiguousarray(image[:, ::-1])
        mirrored.append((image, face.with_columns(landmarks=landmarks)))
    # A network gives a face and its mirror image nearly, not quite, the same.
    other = judged(card, mirrored, hurt=False)
    np.testing.assert_allclose(other, good, atol=0.08)
    assert np.corrcoef(other, good)[0, 1] > 0.9


def test_quality_with_the_norms_of_an_embedder(photos: list[tuple[Image, Faces]]) -> None:
    """By the formula of its guide, of the logit of what is measured and the norm in its range."""
    embedder = rostro.Embedder(threads=1, engine="onnxruntime")
    tables = [
        embedder(blurred(image) if i % 2 else image, face) for i, (image, face) in enumerate(photos)
    ]
    alone, both = rostro.Quality(), rostro.Quality(norms_of=models.DEFAULTS["embed"])
    for (image, _), table in zip(photos, tables, strict=True):
        measured, joined = (each(image, table).quality for each in (alone, both))
        assert measured is not None and joined is not None and table.norms is not None
        logit = np.log(measured / (1 - measured))
        norm = np.clip((table.norms - 5) / 9, 0, 1)
        wanted = 1 / (1 + np.exp(-(OFFSET + OF_LOGIT * logit + OF_NORM * norm)))
        np.testing.assert_allclose(joined, wanted, atol=1e-4)
    with pytest.raises(ArgumentError, match=r"faces: got .* without norms; those of the embedder"):
        both(*photos[0])
    with pytest.raises(ModelError, match="yunet-2023mar: norms_of: got a model whose card has no"):
        rostro.Quality(norms_of="yunet-2023mar")
    with pytest.raises(ArgumentError, match="norms_of: got one beside"):
        rostro.Quality(models.DEFAULTS["embed"], norms_of=models.DEFAULTS["embed"])
