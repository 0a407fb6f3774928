"""How the embeddings of a quantised network differ from those of the float one."""

from __future__ import annotations

import copy

import numpy as np

from rostro.embedder import Embedder
from rostro.engines import Engine
from rostro.models.card import Threshold
from rostro.quantization.figures import Figure, Measured
from rostro.quantization.photos import Crops
from rostro.quantization.verification import pairs_of, ten_fold_accuracy, threshold_at
from rostro.types import FloatArray, Image

__all__ = ["ACCURACY_LIMIT", "COSINE_LIMIT", "EmbedderGate"]

ACCURACY_LIMIT = 0.3
"""Points of verification accuracy that may be lost."""
COSINE_LIMIT = 0.97
"""Mean cosine similarity to the float embeddings, wanted where accuracy cannot be measured."""

_MOST_PAIRS = 6000
_FEWEST_PAIRS = 200  # one pair of fewer is more than the limit
_SANE = 0.9  # folders by which the float network is not that accurate are not of persons
_FALSE_MATCH_RATE = 1e-3
_IMPOSTORS = 20_000  # pairs that a threshold is taken from


class EmbedderGate:
    """Measures networks against the float one on the same faces.

    Args:
        embedder: with the float network.
        faces: that the quantised network has not seen.
    """

    def __init__(self, embedder: Embedder, faces: Crops) -> None:
        self._embedder = embedder
        self._crops = faces.crops
        self._before = _embed(embedder, faces.crops)
        self._accuracy: float | None = None
        self._note = "verification was not measured: one folder a person is wanted"
        if faces.people is None:
            return
        self._pairs = pairs_of(faces.people, _MOST_PAIRS)
        self._apart = np.triu(faces.people[:, np.newaxis] != faces.people[np.newaxis])
        count = len(self._pairs[0][0])
        if count < _FEWEST_PAIRS:
            self._note = (
                f"verification was not measured: {count} pairs of one person's photos are too few, "
                f"{_FEWEST_PAIRS} are wanted"
            )
            return
        accuracy = ten_fold_accuracy(*self._similarities(self._before))
        if accuracy < _SANE:
            self._note = "verification was not measured: the folders are not one a person"
            return
        self._accuracy = accuracy

    def measure(self, engine: Engine) -> Measured:
        """The figures of the quantised network in ``engine``."""
        other = copy.copy(self._embedder)
        other.engine = engine
        after = _embed(other, self._crops)
        cosines = (self._before * after).sum(axis=1)
        mean, least = float(cosines.mean()), float(cosines.min())
        figures = [
            Figure(f"cosine to the float embedding, mean of {len(cosines)}", 1, mean),
            Figure("cosine to the float embedding, least", 1, least),
        ]
        if self._accuracy is None:
            misses = []
            if mean < COSINE_LIMIT:
                misses.append(
                    f"embeddings have a cosine of {mean:.3f} to the float ones, "
                    f"{COSINE_LIMIT} is wanted"
                )
            return Measured(figures, misses, notes=[self._note])
        return self._verification(after, figures, self._accuracy)

    def _verification(
        self, after: FloatArray, figures: list[Figure], accuracy_before: float
    ) -> Measured:
        accuracy = ten_fold_accuracy(*self._similarities(after))
        impostors = [self._impostors(embeddings) for embeddings in (self._before, after)]
        count = len(impostors[0])
        pairs = 2 * len(self._pairs[0][0])
        figures += [
            Figure(
                f"verification accuracy, {pairs} pairs, %", 100 * accuracy_before, 100 * accuracy
            ),
            Figure(
                f"similarity of two persons, mean of {count} pairs",
                *(float(pairs.mean()) for pairs in impostors),
            ),
        ]
        threshold = None
        if count >= _IMPOSTORS:
            at = [threshold_at(_FALSE_MATCH_RATE, pairs) for pairs in impostors]
            figures.append(Figure(f"threshold at a false match rate of {_FALSE_MATCH_RATE:g}", *at))
            how = (
                f"quantised network, {count} pairs of two persons held back, false match rate "
                f"{_FALSE_MATCH_RATE:g}; {at[0]:.3f} for the float network"
            )
            threshold = Threshold(round(at[1], 3), how)
        lost = 100 * (accuracy_before - accuracy)
        misses = []
        if lost > ACCURACY_LIMIT:
            misses.append(
                f"verification accuracy is down by {lost:.2f} points, {ACCURACY_LIMIT} are allowed"
            )
        return Measured(figures, misses, threshold)

    def _similarities(self, embeddings: FloatArray) -> tuple[FloatArray, FloatArray]:
        genuine, impostor = (
            (embeddings[first] * embeddings[second]).sum(axis=1) for first, second in self._pairs
        )
        return genuine, impostor

    def _impostors(self, embeddings: FloatArray) -> FloatArray:
        """The similarities of all pairs of two persons."""
        similarities: FloatArray = (embeddings @ embeddings.T)[self._apart]
        return similarities


def _embed(embedder: Embedder, crops: Image) -> FloatArray:
    # One by one: some networks take no more.
    return np.concatenate([embedder(crop[np.newaxis]) for crop in crops])
