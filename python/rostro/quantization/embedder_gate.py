"""How the embeddings of a quantised network differ from those of the float one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro.embed.embedder import Embedder
from rostro.engines import Engine
from rostro.evaluate.verification import (
    Comparisons,
    Indices,
    accuracy,
    all_pairs,
    rates,
    similarities,
)
from rostro.models.card import Figure, Threshold
from rostro.quantization.calibration_photos import Crops
from rostro.quantization.figures import Measured
from rostro.types import FloatArray

__all__ = ["ACCURACY_LIMIT", "COSINE_LIMIT", "EmbedderGate"]

ACCURACY_LIMIT = 0.3
"""Points of verification accuracy that may be lost."""
COSINE_LIMIT = 0.97
"""Mean cosine similarity to the float embeddings, wanted where accuracy cannot be measured."""

_MOST_PAIRS = 6000
_FEWEST_PAIRS = 200  # one pair of fewer is more than the limit
_FOLDS = 10
_SANE = 0.9  # folders by which the float network is not that accurate are not of persons
_FALSE_MATCH_RATE = 1e-3
_IMPOSTORS = 30_000  # pairs that a threshold is taken from: 30 of them reach it


class EmbedderGate:
    """Measures networks against the float one on the same faces.

    Args:
        embedder: with the float network.
        faces: that the quantised network has not seen.
    """

    def __init__(self, embedder: Embedder, faces: Crops) -> None:
        self._embedder = embedder
        self._crops = faces.crops
        self._before = embedder.embed_crops(faces.crops).embeddings
        self._accuracy: float | None = None
        self._note = "verification was not measured: one folder a person is wanted"
        if faces.people is None:
            return
        self._first, self._second = all_pairs(len(faces.people))
        self._same = faces.people[self._first] == faces.people[self._second]
        self._balanced = _balanced(self._same)
        count = len(self._balanced) // 2
        if count < _FEWEST_PAIRS:
            self._note = (
                f"verification was not measured: {count} pairs of one person's photos are too few, "
                f"{_FEWEST_PAIRS} are wanted"
            )
            return
        before = self._accuracy_of(self._compare(self._before))
        if before < _SANE:
            self._note = "verification was not measured: the folders are not one a person"
            return
        self._accuracy = before

    def measure(self, engine: Engine) -> Measured:
        """The figures of the quantised network in ``engine``."""
        after = self._embedder.with_engine(engine).embed_crops(self._crops).embeddings
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
        both = [self._compare(embeddings) for embeddings in (self._before, after)]
        accuracy_after = self._accuracy_of(both[1])
        count = int((~self._same).sum())
        figures += [
            Figure(
                f"verification accuracy, {len(self._balanced)} pairs, %",
                100 * accuracy_before,
                100 * accuracy_after,
            ),
            Figure(
                f"similarity of two persons, mean of {count} pairs",
                *(float(compared.scores[~self._same].mean()) for compared in both),
            ),
        ]
        threshold = None
        if count >= _IMPOSTORS:
            at = [_threshold(compared) for compared in both]
            figures.append(Figure(f"threshold at a false match rate of {_FALSE_MATCH_RATE:g}", *at))
            how = f"quantised network, photos held back; {at[0]:.3f} for the float network"
            threshold = Threshold(round(at[1], 4), how, _FALSE_MATCH_RATE, count)
        lost = 100 * (accuracy_before - accuracy_after)
        misses = []
        if lost > ACCURACY_LIMIT:
            misses.append(
                f"verification accuracy is down by {lost:.2f} points, {ACCURACY_LIMIT} are allowed"
            )
        return Measured(figures, misses, threshold)

    def _compare(self, embeddings: FloatArray) -> Comparisons:
        """All pairs of faces."""
        scores = similarities(embeddings, self._first, self._second)
        numbers = np.arange(len(scores), dtype=np.int32)
        return Comparisons(scores, self._same, numbers, numbers)

    def _accuracy_of(self, compared: Comparisons) -> float:
        """As many pairs of two persons as of one; each fold has a tenth of both."""
        which = self._balanced
        numbers = np.arange(len(which), dtype=np.int32)
        part = Comparisons(compared.scores[which], compared.same[which], numbers, numbers)
        return accuracy(part, numbers % _FOLDS, samples=1).value


def _balanced(same: NDArray[np.bool_]) -> Indices:
    """Pairs of one person, at most `_MOST_PAIRS`, and as many of two; always the same ones."""
    random = np.random.default_rng(0)
    genuine = random.permutation(np.flatnonzero(same))[:_MOST_PAIRS]
    impostor = random.permutation(np.flatnonzero(~same))[: len(genuine)]
    pairs: Indices = np.concatenate([genuine[: len(impostor)], impostor]).astype(np.int32)
    return pairs


def _threshold(compared: Comparisons) -> float:
    return rates(compared, [_FALSE_MATCH_RATE], samples=1).points[0].threshold
