"""Whether what was seen of one track is one person."""

from __future__ import annotations

import numpy as np

from rostro.types import FloatArray

__all__ = ["Agreement"]

MOST = 8
"""Embeddings that are kept of one track."""


class Agreement:
    """The embeddings of a track that are the least alike. One thread calls it."""

    def __init__(self) -> None:
        self._kept: list[FloatArray] = []

    def add(self, embedding: FloatArray) -> None:
        """One more, (D,) float32 of unit norm; of the two most alike the newer one goes where there
        are too many, so that who was in the track for a moment is not forgotten."""
        self._kept.append(np.array(embedding))
        if len(self._kept) > MOST:
            alike = np.tril(self._similarities() + 2, -1)  # row: the newer of a pair
            del self._kept[int(np.unravel_index(alike.argmax(), alike.shape)[0])]

    def similarity(self) -> float:
        """How similar the two parts are into which the track falls: the mean of what is nearer to
        the one of the two embeddings that are the least alike, and that of the rest. One bad moment
        of a person is still like the mean of the others; another person is not. 1.0 of fewer than
        two embeddings."""
        if len(self._kept) < 2:
            return 1.0
        all_ = np.stack(self._kept)
        similar = self._similarities()
        one, other = np.unravel_index(similar.argmin(), similar.shape)
        first = similar[one] >= similar[other]
        if first.all():  # all alike
            return 1.0
        means = [part.mean(axis=0) for part in (all_[first], all_[~first])]
        norms = [float(np.linalg.norm(mean)) for mean in means]
        return float(means[0] @ means[1]) / max(norms[0] * norms[1], 1e-12)

    def _similarities(self) -> FloatArray:
        all_ = np.stack(self._kept)
        found: FloatArray = all_ @ all_.T
        return found
