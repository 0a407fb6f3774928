"""From the most similar templates to the most similar people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.gallery.snapshot import Snapshot
from rostro.kernels.match import MOST_ROWS, quantize_embeddings
from rostro.support.cpus import resolve_threads
from rostro.types import FloatArray

__all__ = ["Match", "Ranking", "Score", "rank_people"]

Score: TypeAlias = Literal["best", "mean"]
Ranking: TypeAlias = list[tuple[int, float]]  # people and similarities, best first

# What a mean takes at once: rows that stay in the cache as floats, and queries whose similarities
# to a million rows stay below 100 MB.
_ROWS_AT_ONCE, _QUERIES_AT_ONCE = 1024, 16


@dataclass(frozen=True, slots=True)
class Match:
    """Who a face may be, and the cosine similarity that speaks for it."""

    name: str
    similarity: float


def rank_people(
    snapshot: Snapshot,
    embeddings: FloatArray,
    k: int,
    *,
    score: Score,
    rescore: bool,
    threads: int | None,
) -> list[Ranking]:
    """The k most similar people for each of (Q, D) embeddings."""
    if not snapshot.count:
        return [[] for _ in embeddings]
    if score == "mean":
        codes, scales = quantize_embeddings(embeddings)
        floats = embeddings if rescore else codes * scales[:, np.newaxis]
        return list(_by_mean(snapshot, floats, k))
    parts = [
        (rows.codes, rows.scales, rows.people, chunk.mask)
        for chunk in snapshot.chunks
        for rows in (chunk.visible,)
    ]
    workers = 1 if threads == 1 else resolve_threads(threads)
    return _core.rank_people(parts, embeddings, min(k, MOST_ROWS), rescore, workers)


def _by_mean(snapshot: Snapshot, queries: FloatArray, k: int) -> Iterator[Ranking]:
    """People by the mean over all of their templates."""
    rows = [chunk.visible.people[chunk.alive[: chunk.count]] for chunk in snapshot.chunks]
    people = np.concatenate(rows)
    counts = np.bincount(people)
    k = min(k, int(np.count_nonzero(counts)))
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        at_once = queries[start : start + _QUERIES_AT_ONCE]
        for similarities in _all_similarities(snapshot, at_once).T:
            means = np.full(len(counts), -np.inf)
            np.divide(np.bincount(people, similarities), counts, out=means, where=counts > 0)
            best = np.flatnonzero(means >= np.partition(means, -k)[-k])
            best = best[np.argsort(-means[best], kind="stable")][:k]
            yield list(zip(best.tolist(), means[best].tolist(), strict=True))


def _all_similarities(snapshot: Snapshot, queries: FloatArray) -> FloatArray:
    """(count, Q): of each template, in the order of positions, and each query."""
    similarities: NDArray[np.float32] = np.empty((snapshot.count, len(queries)), np.float32)
    done = 0
    for chunk in snapshot.chunks:
        for start in range(0, chunk.count, _ROWS_AT_ONCE):
            which = slice(start, min(start + _ROWS_AT_ONCE, chunk.count))
            rows = chunk.memory.select(which)
            if chunk.mask is not None:
                rows = rows.select(chunk.mask[which])
            block = similarities[done : done + len(rows)]
            # A product of matrices would start BLAS's threads a thousand times, which takes seconds
            # where the CPUs have other work.
            np.einsum("ij,kj->ik", rows.codes.astype(np.float32), queries, out=block)
            block *= rows.scales[:, np.newaxis]
            done += len(rows)
    return similarities
