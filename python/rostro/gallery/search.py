"""From the most similar templates to the most similar people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from rostro.gallery.snapshot import People, Positions, Snapshot
from rostro.match import quantize_embeddings, search_int8
from rostro.types import FloatArray

__all__ = ["Match", "Ranking", "Score", "rank_people"]

Score: TypeAlias = Literal["best", "mean"]
Ranking: TypeAlias = list[tuple[int, float]]  # people and similarities, best first

# Templates looked at first for each person wanted, for several may be of one person.
_TEMPLATES_A_PERSON = 4


@dataclass(frozen=True, slots=True)
class Match:
    """Who a face may be, and the cosine similarity that speaks for it."""

    name: str
    similarity: float


@dataclass(frozen=True, slots=True, repr=False)
class _Hits:
    """The templates most similar to one query, best first; ``floats`` (D,) is the query."""

    positions: Positions
    people: People
    similarities: FloatArray
    floats: FloatArray


def rank_people(
    snapshot: Snapshot,
    embeddings: FloatArray,
    k: int,
    *,
    score: Score,
    rescore: bool,
    threads: int | None,
) -> list[Ranking]:
    """The k most similar people for each of (Q, D) embeddings.

    Queries that did not find k people yet look at ever more templates.
    """
    rank = _by_best if score == "best" else _by_mean
    total = snapshot.count
    rankings: list[Ranking] = [[] for _ in embeddings]
    pending: Positions = np.arange(len(embeddings))
    count = k * _TEMPLATES_A_PERSON
    while len(pending) and total:
        left = []
        hits = _best_templates(snapshot, embeddings[pending], min(count, total), threads, rescore)
        for query, found in zip(pending.tolist(), hits, strict=True):
            rankings[query], complete = rank(snapshot, found, k)
            if not complete and count < total:
                left.append(query)
        pending = np.array(left, np.int64)
        count *= _TEMPLATES_A_PERSON
    return rankings


def _best_templates(
    snapshot: Snapshot, embeddings: FloatArray, count: int, threads: int | None, rescore: bool
) -> list[_Hits]:
    codes, scales = quantize_embeddings(embeddings)
    floats = embeddings if rescore else codes * scales[:, np.newaxis]
    positions, people, similarities = [], [], []
    for number, chunk in enumerate(snapshot.chunks):
        rows = chunk.visible
        indices, found = search_int8(
            rows.codes, rows.scales, codes, scales, count, mask=chunk.mask, threads=threads
        )
        positions.append(indices + number * snapshot.capacity)
        people.append(rows.people[indices])
        similarities.append(found)
    hits = []
    for query, values in enumerate(np.concatenate(similarities, axis=1)):
        best = np.argsort(-values, kind="stable")[:count]
        where = np.concatenate([part[query] for part in positions])[best]
        who = np.concatenate([part[query] for part in people])[best]
        values = values[best]
        if rescore:
            values = _similarities(snapshot, where, floats[query])
            best = np.argsort(-values, kind="stable")
            where, who, values = where[best], who[best], values[best]
        hits.append(_Hits(where, who, values, floats[query]))
    return hits


def _similarities(snapshot: Snapshot, positions: Positions, query: FloatArray) -> FloatArray:
    rows = snapshot.rows(positions)
    similarities: FloatArray = (rows.codes @ query) * rows.scales
    return similarities


def _by_best(_: Snapshot, hits: _Hits, k: int) -> tuple[Ranking, bool]:
    """People by their best template; complete if there are k."""
    best: dict[int, float] = {}
    for person, similarity in zip(hits.people.tolist(), hits.similarities.tolist(), strict=True):
        best.setdefault(person, similarity)
        if len(best) == k:
            return list(best.items()), True
    return list(best.items()), False


def _by_mean(snapshot: Snapshot, hits: _Hits, k: int) -> tuple[Ranking, bool]:
    """People by the mean over their templates.

    Nobody's mean is above their best template: once the k-th mean is not below the last hit, nobody
    without a hit can be among the k.
    """
    people = np.unique(hits.people)
    positions = snapshot.positions_of(people)
    index = np.searchsorted(people, snapshot.rows(positions).people)
    sums = np.bincount(index, _similarities(snapshot, positions, hits.floats))
    means = sums / np.bincount(index)
    best = np.argsort(-means, kind="stable")[:k]
    ranking = list(zip(people[best].tolist(), means[best].tolist(), strict=True))
    return ranking, len(best) == k and means[best[-1]] >= hits.similarities[-1]
