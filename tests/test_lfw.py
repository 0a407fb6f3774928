"""Verification on 1,000 labelled pairs of photos, through the public API alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.types import FloatArray
from shared import shared_data

Photo = tuple[str, int]


def read_pairs(file: Path) -> tuple[list[tuple[Photo, Photo]], np.ndarray]:
    """The pairs of a development split, and whether each is of one person."""
    pairs, same = [], []
    for line in file.read_text().splitlines()[1:]:
        fields = line.split()
        if len(fields) == 3:
            name, i, j = fields
            pairs.append(((name, int(i)), (name, int(j))))
        else:
            name, i, other, j = fields
            pairs.append(((name, int(i)), (other, int(j))))
        same.append(len(fields) == 3)
    return pairs, np.array(same)


def central_embedding(faces: rostro.Faces, width: int, height: int) -> FloatArray | None:
    """The embedding of the face nearest the centre: the person whom the photo is named after."""
    if len(faces) == 0 or faces.embeddings is None:
        return None
    centers = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    nearest = np.linalg.norm(centers - [width / 2, height / 2], axis=1).argmin()
    return faces.embeddings[nearest]


def ten_fold_accuracy(similarity: np.ndarray, same: np.ndarray) -> float:
    """Each tenth of the list's two halves judged with the threshold best on the other nine."""
    folds = np.tile(np.arange(len(same) // 2) // (len(same) // 20), 2)
    thresholds = np.arange(-1, 1, 0.001)
    right = (similarity[None] >= thresholds[:, None]) == same[None]
    accuracy = []
    for fold in range(10):
        best = right[:, folds != fold].mean(axis=1).argmax()
        accuracy.append(right[best, folds == fold].mean())
    return float(np.mean(accuracy))


@pytest.mark.usefixtures("default_models")
def test_verification_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared_data("lfw")
    pairs, same = read_pairs(folder / "pairsDevTest.txt")
    pipeline = rostro.FacePipeline()
    embeddings: dict[Photo, FloatArray | None] = {}
    for photo in {photo for pair in pairs for photo in pair}:
        name, number = photo
        image = rostro.load_image(folder / "images" / name / f"{name}_{number:04}.jpg")
        embeddings[photo] = central_embedding(pipeline(image), image.shape[1], image.shape[0])
    missed = sum(embedding is None for embedding in embeddings.values())
    similarity = np.array(
        [
            -1.0
            if embeddings[a] is None or embeddings[b] is None
            else embeddings[a] @ embeddings[b]
            for a, b in pairs
        ]
    )
    accuracy = ten_fold_accuracy(similarity, same)
    with capsys.disabled():
        print(
            f"\nLFW development split: accuracy {accuracy:.4f} on {len(pairs)} pairs, "
            f"{missed} of {len(embeddings)} photos without a face found"
        )
    assert missed == 0
    assert accuracy >= 0.987
