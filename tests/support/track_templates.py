"""Tracks of people with several photos each, and what recognition by one template of them gives.

A photo of a person is compared with the track of the others, shown as a camera sees them: damaged
at random. Each photo is so compared in turn, with the tracks of all people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.evaluate.bootstrap import Estimate, draws, estimate
from rostro.evaluate.verification import Comparisons
from rostro.types import FloatArray
from rostro.video import ClusterTemplate, MeanTemplate
from tests.support.streams import unit

Qualities = NDArray[np.float64]


class Person(NamedTuple):
    """Photos of one: ``probes`` as they are, ``shots`` of the same photos as a camera sees them."""

    probes: FloatArray  # (n, D)
    shots: FloatArray  # (n, D); zeros where no face was found
    quality: Qualities  # (n,) of the shots; negative where no face was found


Fuse = Callable[[FloatArray, Qualities], FloatArray | None]
"""A template of the (n, D) shots of a track, of their quality."""


def first(shots: FloatArray, quality: Qualities) -> FloatArray:
    found: FloatArray = shots[0]
    return found


def best(shots: FloatArray, quality: Qualities) -> FloatArray:
    found: FloatArray = shots[quality.argmax()]
    return found


def mean(shots: FloatArray, quality: Qualities) -> FloatArray | None:
    template = MeanTemplate(shots.shape[1])
    template.add(shots)
    return template.result()


def weighted_mean(shots: FloatArray, quality: Qualities) -> FloatArray | None:
    template = MeanTemplate(shots.shape[1])
    template.add(shots, quality.astype(np.float32))
    return template.result()


def clusters(centers: FloatArray) -> Fuse:
    def fused(shots: FloatArray, quality: Qualities) -> FloatArray | None:
        template = ClusterTemplate(centers)
        template.add(shots, quality.astype(np.float32))
        return template.result()

    return fused


def centers_of(embeddings: FloatArray, count: int, rounds: int = 20) -> FloatArray:
    """Spherical k-means."""
    centers: FloatArray = embeddings[:: max(1, len(embeddings) // count)][:count].copy()
    for _ in range(rounds):
        nearest = (embeddings @ centers.T).argmax(axis=1)
        for k in range(len(centers)):
            mine = embeddings[nearest == k]
            if len(mine):
                centers[k] = unit(mine.sum(axis=0, dtype=np.float64)).astype(np.float32)
    return centers


def compared(people: list[Person], others: FloatArray, fuse: Fuse) -> Comparisons:
    """Each photo with the tracks of everybody, its own left out of its person's; ``others`` are
    (M, D) photos of M more people, who have no track."""
    scores: list[FloatArray] = []
    same: list[int] = []
    units: list[tuple[NDArray[np.int32], int]] = []
    probes = np.concatenate([*(person.probes for person in people), others])
    owners = np.repeat(np.arange(len(people)), [len(person.probes) for person in people])
    owners = np.concatenate([owners, len(people) + np.arange(len(others))]).astype(np.int32)
    for track, person in enumerate(people):
        whole = _template(person, np.ones(len(person.probes), bool), fuse)
        compared_with = np.tile(whole, (len(probes), 1))
        mine = np.flatnonzero(owners == track)
        for photo, row in enumerate(mine):
            kept = np.arange(len(mine)) != photo
            compared_with[row] = _template(person, kept, fuse)
        scores.append(np.einsum("ij,ij->i", probes, compared_with))
        same.extend(owners == track)
        units.append((owners, track))
    return Comparisons(
        np.concatenate(scores).astype(np.float32),
        np.array(same, np.bool_),
        np.concatenate([owner for owner, _ in units]),
        np.concatenate([np.full(len(owner), track, np.int32) for owner, track in units]),
    )


def _template(person: Person, kept: NDArray[np.bool_], fuse: Fuse) -> FloatArray:
    """Zeros, which are like nobody, where no face was found in any shot."""
    kept = kept & (person.quality >= 0)
    nothing: FloatArray = np.zeros(person.shots.shape[1], np.float32)
    if not kept.any():
        return nothing
    found = fuse(np.ascontiguousarray(person.shots[kept]), person.quality[kept])
    return nothing if found is None else found


def tars(comparisons: Comparisons, far: float, samples: int = 1000) -> NDArray[np.float64]:
    """TAR at a FAR, of all comparisons first, and then of the same draws of people each time."""
    scores, same = comparisons.scores, comparisons.same
    one = np.zeros(len(scores), np.int32)
    drawn = [_core.verification_rates(scores, same, np.ones((1, 1), np.int32), one, one, [far])[1]]
    count = int(max(comparisons.first.max(), comparisons.second.max())) + 1
    for counts in draws(count, samples):
        drawn.append(
            _core.verification_rates(
                scores, same, counts, comparisons.first, comparisons.second, [far]
            )[1]
        )
    return np.concatenate(drawn)[:, 0]


def interval(values: NDArray[np.float64]) -> Estimate:
    """Of what `tars` gives, or of a difference of two."""
    return estimate(float(values[0]), values[1:])
