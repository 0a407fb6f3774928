"""Whether the embeddings of a track are of one person: photos of LFW."""

from __future__ import annotations

import numpy as np
import pytest

import rostro
from rostro.types import FloatArray
from rostro.video.agreement import MOST, Agreement
from tests.support.videos import people


def agreement_of(embeddings: FloatArray) -> Agreement:
    agreement = Agreement()
    for embedding in embeddings:
        agreement.add(embedding)
    return agreement


@pytest.mark.heavy
def test_persons_of_lfw(default_models: object) -> None:
    """Photos of years, more unlike each other than the frames of any video."""
    pipeline = rostro.FacePipeline(threads=1)
    embedder = pipeline.embedder
    assert embedder is not None and embedder.threshold is not None
    persons = []
    for photos in people(6):
        found = [pipeline(photo) for photo in photos]
        middles = [abs(f.boxes[:, :2] + f.boxes[:, 2:] - 250).sum(axis=1).argmin() for f in found]
        persons.append(
            np.stack([f.columns()["embeddings"][m] for f, m in zip(found, middles, strict=True)])
        )
    for one in persons:
        assert agreement_of(one).similarity() > embedder.threshold
        for other in persons:
            if other is one:
                continue
            for intruders in (1, 3, 6):
                both = np.concatenate([one, other[:intruders]])
                assert agreement_of(both).similarity() < embedder.threshold
                assert agreement_of(both[::-1]).similarity() < embedder.threshold


def test_who_was_there_for_a_moment_is_not_forgotten() -> None:
    rng = np.random.default_rng(0)
    seen = np.zeros((300, 8), np.float32)
    seen[:, 0] = 1
    seen[5] = np.eye(8, dtype=np.float32)[1]
    seen += rng.normal(0, 0.05, seen.shape).astype(np.float32)
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    assert agreement_of(seen).similarity() < 0.2
    assert agreement_of(np.delete(seen, 5, axis=0)).similarity() > 0.9
    assert len(agreement_of(seen)._kept) == MOST


def test_too_few_to_tell() -> None:
    one = np.eye(4, dtype=np.float32)[:1]
    assert Agreement().similarity() == agreement_of(one).similarity() == 1.0
    assert agreement_of(one.repeat(3, axis=0)).similarity() == 1.0
    assert agreement_of(np.concatenate([one, -one])).similarity() == -1.0
