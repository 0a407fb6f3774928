"""One template of a track is more like the person than any shot of it; the benchmark
track_templates.py measures it on all photos."""

from __future__ import annotations

import numpy as np
import pytest

import rostro
from rostro.evaluate.measured_photos import measure_photos
from rostro.pipeline import Stage
from rostro.video.evidence import quality_of
from tests.support.shared import shared_data
from tests.support.streams import unit
from tests.support.track_templates import (
    Person,
    best,
    centers_of,
    clusters,
    compared,
    first,
    tars,
    weighted_mean,
)

FAR = 1e-2


def made_up(people: int = 40, photos: int = 5) -> list[Person]:
    """Random directions; shots are the noisier the worse they are."""
    random = np.random.default_rng(3)
    found = []
    for _ in range(people):
        center = unit(random.normal(size=64))
        quality = random.uniform(0.2, 1, photos)
        noise = random.normal(size=(2, photos, 64)) / 8
        probes = unit(center + noise[0])
        shots = unit(center + noise[1] * 2.5 * (1.3 - quality[:, None]))
        quality[0] = -1 if random.random() < 0.2 else quality[0]  # no face was found
        found.append(Person(probes.astype(np.float32), shots.astype(np.float32), quality))
    return found


def real(people: int, photos: int) -> list[Person]:
    folders = sorted((shared_data("lfw") / "images").iterdir())
    paths = [sorted(folder.glob("*.jpg"))[:photos] for folder in folders]
    flat = [path for mine in paths if len(mine) == photos for path in mine][: people * photos]
    detector = rostro.Detector(threads=1)
    stages: list[Stage] = [rostro.Quality(), rostro.Embedder(threads=1)]
    tables = []
    for seed in (None, 2):
        measured = measure_photos(detector, stages, flat, damage_seed=seed)
        embeddings = np.zeros((len(flat), 128), np.float32)
        embeddings[measured.found] = measured.faces.columns()["embeddings"]
        quality = np.full(len(flat), -1.0)
        quality[measured.found] = quality_of(measured.faces)
        tables.append((embeddings, quality))
    (probes, _), (shots, quality) = tables
    sides = len(flat) // photos
    return [
        Person(*each)
        for each in zip(
            *(np.split(array, sides) for array in (probes, shots, quality)), strict=True
        )
    ]


def check(people: list[Person]) -> None:
    dim = people[0].probes.shape[1]
    others = unit(np.random.default_rng(1).normal(size=(200, dim))).astype(np.float32)
    ways = (first, best, weighted_mean, clusters(centers_of(others, 4)))
    found = [compared(people, others[:50], fuse) for fuse in ways]
    rates = [tars(each, FAR, 10)[0] for each in found]
    alike = [float(each.scores[each.same].mean()) for each in found]
    assert rates[0] < rates[1] <= min(rates[2:])
    assert alike[0] < alike[1] < min(alike[2:])


def test_templates_are_above_single_shots() -> None:
    check(made_up())


@pytest.mark.heavy
def test_templates_are_above_single_shots_of_photos(default_models: object) -> None:
    check(real(20, 4))
