"""Every shared test network on every engine, and the default one, in batches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.types import Image
from tests.support.shared_cards import EMBEDDERS, engines_of, place
from tests.support.there import there

CASES = [(name, engine) for name, card in sorted(EMBEDDERS.items()) for engine in engines_of(card)]


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "engine"), CASES)
def test_shared_networks(photo: Image, tmp_path: Path, name: str, engine: str) -> None:
    """A batch is its entries, whatever batch the file was exported for; persons stay themselves."""
    embedder = rostro.Embedder(place(name, engine, tmp_path), engine=engine, threads=1)
    faces = rostro.Detector(threads=1)(photo)
    crop = embedder.crops(photo, faces)
    darker, mirrored = crop // 2, np.ascontiguousarray(crop[:, :, ::-1])
    batch = embedder.embed_crops(np.concatenate([crop, darker, mirrored]))
    assert batch.embeddings.shape == (3, embedder.dim) and batch.norms.shape == (3,)
    for i, one in enumerate((crop, darker, mirrored)):
        alone = embedder.embed_crops(one)
        np.testing.assert_allclose(alone.embeddings[0], batch.embeddings[i], atol=1e-5)
        np.testing.assert_allclose(alone.norms[0], batch.norms[i], rtol=1e-5)
    assert (batch.embeddings[1:] @ batch.embeddings[0] > 0.7).all()


@pytest.mark.usefixtures("default_models")
@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_the_default_network_in_batches(photo: Image, engine: str) -> None:
    pipeline = rostro.FacePipeline(engine=engine, threads=1)
    faces = pipeline(photo)
    crops = rostro.align(photo, there(faces.landmarks))
    norms = there(faces.norms)
    batch = there(pipeline.embedder).embed_crops(np.concatenate([crops, crops // 2, crops]))
    np.testing.assert_allclose(batch.embeddings[[0]], there(faces.embeddings), atol=1e-5)
    np.testing.assert_allclose(batch.norms[0], norms[0], rtol=1e-5)
    np.testing.assert_allclose(batch.embeddings[2], batch.embeddings[0], atol=1e-6)
    assert faces[0].norm == norms[0] > 1
    assert rostro.FacePipeline(embedder=None)(photo).norms is None
    nobody = pipeline(np.full((64, 64, 3), 90, np.uint8))
    assert there(nobody.norms).shape == (0,)
