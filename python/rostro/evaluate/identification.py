"""How well persons are found again in a gallery of many, some probes being of nobody in it.

Open-set identification (Phillips, Grother and Micheals, "Evaluation Methods in Face Recognition",
Handbook of Face Recognition, 2011, section 21.2): the detection and identification rate, DIR, is
the share of probes of enrolled persons whose best match is right and reaches the threshold; the
threshold is the lowest at which the share of probes of strangers that match anyone keeps to FAR.
Rank 1 is the share whose best match is right, whatever its similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError
from rostro.evaluate.bootstrap import SAMPLES, Estimate
from rostro.evaluate.verification import (
    FARS,
    Comparisons,
    Indices,
    Rates,
    mean,
    rates,
)
from rostro.kernels.match import quantize_embeddings, search_int8
from rostro.types import FloatArray

__all__ = ["Identification", "best_matches", "identify", "split"]

_BLOCK_BYTES = 1 << 26


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """What became of every probe.

    Attributes:
        mated: (Q,) bool, whether it is of an enrolled person.
        right: (Q,) bool, whether its best match is of that person.
        comparisons: the best match of each; wrong ones of enrolled persons are never accepted.
    """

    mated: NDArray[np.bool_]
    right: NDArray[np.bool_]
    comparisons: Comparisons

    def rank1(self, samples: int = SAMPLES, seed: int = 0) -> Estimate:
        """The share of the probes of enrolled persons whose best match is right."""
        return mean(self.right[self.mated], self.comparisons.first[self.mated], samples, seed)

    def rates(
        self, fars: Sequence[float] = FARS, samples: int = SAMPLES, seed: int = 0
    ) -> Rates | None:
        """DIR, as ``tar``, at false accept rates; ``None`` without probes of strangers."""
        if self.mated.all():
            return None
        return rates(self.comparisons, fars, samples, seed)


def split(persons: Indices) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """One set as gallery and probes: the first photo of each person who has more is enrolled.

    Args:
        persons: (N,) int32, of each photo.

    Returns:
        Which photos are enrolled and which are probes, two (N,) bool arrays. Persons with one photo
        are strangers: probes who are not enrolled.
    """
    _, first, counts = np.unique(persons, return_index=True, return_counts=True)
    enrolled = np.zeros(len(persons), np.bool_)
    enrolled[first[counts > 1]] = True
    return enrolled, ~enrolled


def best_matches(
    gallery: FloatArray, probes: FloatArray, storage: str = "float32"
) -> tuple[NDArray[np.int64], FloatArray]:
    """The gallery's row most similar to each probe, and the similarity: (Q,) each, exact.

    Args:
        gallery, probes: (N, D), (Q, D) float32 of unit norm.
        storage: one of `rostro.evaluate.verification.STORAGES`, for both.
    """
    if storage == "int8":
        indices, similarity = search_int8(
            *quantize_embeddings(gallery), *quantize_embeddings(probes), 1, threads=None
        )
        return indices[:, 0], similarity[:, 0]
    if storage == "float16":
        gallery, probes = (each.astype(np.float16).astype(np.float32) for each in (gallery, probes))
    best = np.empty(len(probes), np.int64)
    similarity = np.empty(len(probes), np.float32)
    rows = max(1, _BLOCK_BYTES // (4 * len(gallery)))
    for begin in range(0, len(probes), rows):
        block = slice(begin, begin + rows)
        table = probes[block] @ gallery.T
        best[block], similarity[block] = table.argmax(axis=1), table.max(axis=1)
    return best, similarity


def identify(
    gallery: FloatArray,
    gallery_persons: Indices,
    probes: FloatArray,
    probe_persons: Indices,
    *,
    found: NDArray[np.bool_] | None = None,
    storage: str = "float32",
) -> Identification:
    """Look every probe up in the gallery; a person's similarity is that of her best template.

    Args:
        gallery, gallery_persons: (N, D) float32 of unit norm, (N,) int32 whose they are.
        probes, probe_persons: (Q, D), (Q,), likewise; persons of no gallery row are strangers.
        found: (Q,) bool; the other probes show no face and match nobody.
        storage: one of `rostro.evaluate.verification.STORAGES`.

    Raises:
        EvaluationError: nobody is enrolled, or no probe is of an enrolled person.
    """
    if len(gallery) == 0:
        raise EvaluationError("nobody is enrolled")
    mated = np.isin(probe_persons, gallery_persons)
    if not mated.any():
        raise EvaluationError("no probe is of an enrolled person")
    best, similarity = best_matches(gallery, probes, storage)
    right = gallery_persons[best] == probe_persons
    if found is not None:
        right &= found
        similarity = np.where(found, similarity, np.float32(-np.inf))
    # A wrong name is never accepted, however similar.
    scores = np.where(mated & ~right, np.float32(-np.inf), similarity)
    units = np.unique(probe_persons, return_inverse=True)[1].astype(np.int32)
    return Identification(mated, right, Comparisons(scores, mated, units, units))
