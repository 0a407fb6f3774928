"""How well ids last: MOTA, switches, IDF1 and HOTA, in plain NumPy.

MOTA and switches: Bernardin and Stiefelhagen, "Evaluating multiple object tracking performance: the
CLEAR MOT metrics", 2008. IDF1: Ristani et al., "Performance measures and a data set for
multi-target, multi-camera tracking", 2016. HOTA: Luiten et al., "HOTA: A higher order metric for
evaluating multi-object tracking", 2020. ``tests/video/test_mot_metrics.py`` compares them with
those of motmetrics and TrackEval.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Ids = NDArray[np.int64]
Doubles = NDArray[np.float64]


class Frame(NamedTuple):
    """Who was where, and who was said to be where: ids, and boxes ``x1 y1 x2 y2``."""

    people: Ids
    truth: Doubles
    ids: Ids
    boxes: Doubles


class Scores(NamedTuple):
    """MOTA and IDF1 in 0..1 (MOTA may be below); switches are counted."""

    mota: float
    idf1: float
    switches: int


def score(frames: list[Frame]) -> Scores:
    """What is fast to count of a stream."""
    ious = [iou(frame.truth, frame.boxes) for frame in frames]
    mota, switches = _clear(frames, ious)
    return Scores(mota, _idf1(frames, ious), switches)


def hota(frames: list[Frame]) -> float:
    """HOTA in 0..1, the mean over the overlaps that are asked for."""
    return _hota(frames, [iou(frame.truth, frame.boxes) for frame in frames])


def iou(a: Doubles, b: Doubles) -> Doubles:
    """Intersection over union of each of ``a`` with each of ``b``."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas_a, areas_b = (np.prod(x[:, 2:] - x[:, :2], axis=1) for x in (a, b))
    return np.asarray(shared / (areas_a[:, None] + areas_b[None] - shared))


def _pairs(costs: Doubles, allowed: NDArray[Any]) -> list[tuple[int, int]]:
    """As many allowed pairs as can be, the cheapest."""
    rows, columns = linear_sum_assignment(np.where(allowed, costs, 1e6))
    return [(i, j) for i, j in zip(rows, columns, strict=True) if allowed[i, j]]


def _clear(frames: list[Frame], ious: list[Doubles]) -> tuple[float, int]:
    last: dict[int, int] = {}  # whom each person was taken for
    wrong = switches = people = 0
    for frame, overlaps in zip(frames, ious, strict=True):
        allowed = overlaps >= 0.5
        before = np.array([last.get(int(person), -1) for person in frame.people], np.int64)
        kept = before[:, None] == frame.ids[None]
        # A pair of the frame before stays one, while it overlaps.
        pairs = _pairs(1 - overlaps - 100 * (kept & allowed), allowed)
        for i, j in pairs:
            person, said = int(frame.people[i]), int(frame.ids[j])
            switches += last.get(person, said) != said
            last[person] = said
        wrong += len(frame.people) + len(frame.ids) - 2 * len(pairs)
        people += len(frame.people)
    return 1 - (wrong + switches) / people, switches


def _counted(frames: list[Frame]) -> tuple[list[Ids], list[Ids], int, int]:
    """People and ids as indices from 0, and how many there are."""
    known_people = np.unique(np.concatenate([frame.people for frame in frames]))
    known_ids = np.unique(np.concatenate([frame.ids for frame in frames]))
    people = [np.searchsorted(known_people, frame.people) for frame in frames]
    ids = [np.searchsorted(known_ids, frame.ids) for frame in frames]
    return people, ids, len(known_people), len(known_ids)


def _idf1(frames: list[Frame], ious: list[Doubles]) -> float:
    people, ids, rows, columns = _counted(frames)
    together = np.zeros((rows, columns))
    for p, i, overlaps in zip(people, ids, ious, strict=True):
        together[np.ix_(p, i)] += overlaps >= 0.5
    best = together[linear_sum_assignment(-together)].sum()
    said = sum(len(i) for i in ids) + sum(len(p) for p in people)
    return float(2 * best / said)


def _hota(frames: list[Frame], ious: list[Doubles]) -> float:
    people, ids, rows, columns = _counted(frames)
    likely, person_frames, id_frames = np.zeros((rows, columns)), np.zeros(rows), np.zeros(columns)
    for p, i, overlaps in zip(people, ids, ious, strict=True):
        sums = overlaps.sum(1, keepdims=True) + overlaps.sum(0, keepdims=True) - overlaps
        likely[np.ix_(p, i)] += np.divide(
            overlaps, sums, out=np.zeros_like(overlaps), where=sums > 0
        )
        person_frames[p] += 1
        id_frames[i] += 1
    likely /= person_frames[:, None] + id_frames[None] - likely
    found = []
    for alpha in np.arange(0.05, 0.99, 0.05):
        together = np.zeros((rows, columns))
        for p, i, overlaps in zip(people, ids, ious, strict=True):
            scores = likely[np.ix_(p, i)] * overlaps
            for a, b in zip(*linear_sum_assignment(-scores), strict=True):
                together[p[a], i[b]] += overlaps[a, b] >= alpha - 1e-9
        hits = together.sum()
        union = person_frames[:, None] + id_frames[None] - together
        association = (together * together / union).sum() / max(hits, 1)
        detection = hits / (person_frames.sum() + id_frames.sum() - hits)
        found.append(np.sqrt(association * detection))
    return float(np.mean(found))
