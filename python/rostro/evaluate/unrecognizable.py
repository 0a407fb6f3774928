"""The embeddings of faces that nobody could recognise, of which their center is measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.evaluate.labelled_photos import central_face
from rostro.pictures.images import load_image
from rostro.pictures.naming import naming
from rostro.pictures.pixels import from_pillow, to_pillow
from rostro.types import FloatArray

__all__ = ["embed_all"]


def embed_all(
    paths: Sequence[Path],
    embedder: Embedder,
    detector: Detector | None,
    progress: bool = False,
) -> FloatArray:
    """The embeddings of the face nearest the centre of each photo: (M, D) float32, of those found.

    Args:
        detector: ``None``: the photos are crops, which are brought to the embedder's size.
        progress: show a bar on the standard error.

    Raises:
        ImageError: a photo cannot be read; without it the result would be of another set.
    """
    from tqdm import tqdm

    found: list[FloatArray] = []
    for path in tqdm(paths, unit="photo", leave=False, disable=not progress):
        with naming(path):
            image = load_image(path)
            if detector is None:
                crop = from_pillow(to_pillow(image).resize(embedder.size))
                found.append(embedder.embed_crops(crop[np.newaxis]).embeddings)
                continue
            faces = detector(image)
            if len(faces) == 0:
                continue
            row = central_face(faces, image.shape[1], image.shape[0])
            embeddings = embedder(image, faces.select(slice(row, row + 1))).embeddings
            if embeddings is not None:
                found.append(embeddings)
    return np.concatenate(found) if found else np.empty((0, embedder.dim), np.float32)
