"""From the most similar templates to the most similar people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro.gallery.snapshot import People, Positions, Snapshot
from rostro.kernels.match import Codes, quantize_embeddings, search_int8
from rostro.types import FloatArray

__all__ = ["Match", "Ranking", "Score", "rank_people"]

Score: TypeAlias = Literal["best", "mean"]
Ranking: TypeAlias = list[tuple[int, float]]  # people and similarities, best first

# Templates looked at first for each person wanted, for several may be of one person.
_TEMPLATES_A_PERSON = 4
# What a mean takes at once: rows that stay in the cache as floats, and queries whose similarities
# to a million rows stay below 100 MB.
_ROWS_AT_ONCE, _QUERIES_AT_ONCE = 1024, 16


@dataclass(frozen=True, slots=True)
class Match:
    """Who a face may be, and the cosine similarity that speaks for it."""

    name: str
    similarity: float


@dataclass(frozen=True, slots=True, repr=False)
class _Hits:
    """The templates most similar to one query, best first."""

    people: People
    similarities: FloatArray


@dataclass(frozen=True, slots=True, repr=False)
class _Queries:
    """Queries (Q, D): codes and scales, and the floats that they are or stand for."""

    codes: Codes
    scales: FloatArray
    floats: FloatArray
    rescore: bool

    def select(self, which: Positions) -> _Queries:
        return _Queries(self.codes[which], self.scales[which], self.floats[which], self.rescore)


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
    codes, scales = quantize_embeddings(embeddings)
    floats = embeddings if rescore else codes * scales[:, np.newaxis]
    if score == "mean":
        return list(_by_mean(snapshot, floats, k))
    return _by_best(snapshot, _Queries(codes, scales, floats, rescore), k, threads)


def _by_best(snapshot: Snapshot, queries: _Queries, k: int, threads: int | None) -> list[Ranking]:
    """People by their best template.

    Queries that did not find k people yet look at ever more templates.
    """
    total = snapshot.count
    rankings: list[Ranking] = [[] for _ in queries.codes]
    pending: Positions = np.arange(len(rankings))
    count = k * _TEMPLATES_A_PERSON
    while len(pending):
        asked = queries if len(pending) == len(rankings) else queries.select(pending)
        hits = _best_templates(snapshot, asked, min(count, total), threads)
        for query, found in zip(pending.tolist(), hits, strict=True):
            rankings[query] = _first_of_each(found, k)
        left = [query for query in pending.tolist() if len(rankings[query]) < k]
        pending = np.array(left if count < total else [], np.int64)
        count *= _TEMPLATES_A_PERSON
    return rankings


def _best_templates(
    snapshot: Snapshot, queries: _Queries, count: int, threads: int | None
) -> Iterator[_Hits]:
    """The hits of each query."""
    positions, people, similarities = [], [], []
    for number, chunk in enumerate(snapshot.chunks):
        rows = chunk.visible
        indices, found = search_int8(
            rows.codes,
            rows.scales,
            queries.codes,
            queries.scales,
            count,
            mask=chunk.mask,
            threads=threads,
        )
        positions.append(indices + number * snapshot.capacity)
        people.append(rows.people[indices])
        similarities.append(found)
    for query, values in enumerate(np.concatenate(similarities, axis=1)):
        best = np.argsort(-values, kind="stable")[:count]
        who = np.concatenate([part[query] for part in people])[best]
        values = values[best]
        if queries.rescore:
            rows = snapshot.rows(np.concatenate([part[query] for part in positions])[best])
            values = (rows.codes @ queries.floats[query]) * rows.scales
            best = np.argsort(-values, kind="stable")
            who, values = who[best], values[best]
        yield _Hits(who, values)


def _first_of_each(hits: _Hits, k: int) -> Ranking:
    """The first k people."""
    best: dict[int, float] = {}
    for person, similarity in zip(hits.people.tolist(), hits.similarities.tolist(), strict=True):
        best.setdefault(person, similarity)
        if len(best) == k:
            break
    return list(best.items())


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
            np.einsum("nd,md->nm", rows.codes.astype(np.float32), queries, out=block)
            block *= rows.scales[:, np.newaxis]
            done += len(rows)
    return similarities
