"""Scores of pairs: rates, intervals and accuracy against plain NumPy, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate.verification import (
    Comparisons,
    accuracy,
    all_pairs,
    bytes_of,
    rates,
    roc,
    similarities,
)
from rostro.types import FloatArray
from tests.support.embeddings import compared, people


def plain_tar(scores: FloatArray, same: NDArray[np.bool_], far: float) -> float:
    """The best share of same persons over all thresholds that keep to the rate."""
    candidates = [np.inf, *np.unique(scores)]
    fars = np.array([(scores[~same] >= t).mean() for t in candidates])
    tars = np.array([(scores[same] >= t).mean() for t in candidates])
    return float(tars[fars <= far].max())


def plain_eer(scores: FloatArray, same: NDArray[np.bool_]) -> float:
    """Where the two lines of errors over the thresholds cross."""
    thresholds = np.unique(scores)[::-1]
    far = np.array([0, *((scores[~same] >= t).mean() for t in thresholds)])
    frr = np.array([1, *((scores[same] < t).mean() for t in thresholds)])
    after = int(np.argmax(far >= frr))
    gap = frr - far
    part = gap[after - 1] / (gap[after - 1] - gap[after])
    return float(far[after - 1] + part * (far[after] - far[after - 1]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("decimals", [2, 7])
def test_rates_are_numpys(seed: int, decimals: int) -> None:
    whole = compared(seed=seed, count=12)
    scores = np.round(whole.scores, decimals)
    found = Comparisons(scores, whole.same, whole.first, whole.second)
    got = rates(found, (0.2, 0.01, 0.001), samples=1)
    for point in got.points:
        assert point.tar.value == pytest.approx(plain_tar(scores, whole.same, point.far))
        accepted = scores >= np.float32(point.threshold)
        assert accepted[~whole.same].mean() <= point.far
        assert accepted[whole.same].mean() == pytest.approx(point.tar.value)
    assert got.equal_error.value == pytest.approx(plain_eer(scores, whole.same))


def test_roc_is_numpys() -> None:
    found = compared(count=10)
    thresholds, far, tar = roc(found)
    np.testing.assert_array_equal(thresholds, np.unique(found.scores)[::-1])
    for i in (0, 7, len(thresholds) // 2, -1):
        accepted = found.scores >= thresholds[i]
        assert far[i] == accepted[~found.same].mean()
        assert tar[i] == accepted[found.same].mean()


@pytest.mark.heavy
def test_the_bootstrap_draws_persons() -> None:
    """Its samples by hand: every person's photos again, as often as she was drawn."""
    found = compared(count=15)
    samples, seed, far = 40, 3, 0.01
    counts = np.random.default_rng(seed).multinomial(15, np.full(15, 1 / 15), samples)
    tars, errors = [], []
    for of in counts:
        one_person = found.first == found.second
        weights = of[found.first] * np.where(one_person, 1, of[found.second])
        scores, same = np.repeat(found.scores, weights), np.repeat(found.same, weights)
        tars.append(plain_tar(scores, same, far))
        errors.append(plain_eer(scores, same))
    got = rates(found, (far,), samples, seed)
    interval = got.points[0].tar
    assert (interval.low, interval.high) == pytest.approx(tuple(np.percentile(tars, [2.5, 97.5])))
    error = got.equal_error
    assert (error.low, error.high) == pytest.approx(tuple(np.percentile(errors, [2.5, 97.5])))


@pytest.mark.heavy
def test_intervals_cover_the_truth() -> None:
    """Of 95 %: over many sets from one world, most intervals hold the whole world's rate."""
    truth = rates(compared(count=400), (0.01,), 1).points[0].tar.value
    held = 0
    for seed in range(1, 41):
        tar = rates(compared(seed=seed, count=30), (0.01,), 200).points[0].tar
        held += tar.low <= truth <= tar.high
    assert held >= 32


def plain_accuracy(
    scores: FloatArray, same: NDArray[np.bool_], folds: NDArray[np.int32]
) -> tuple[float, float]:
    """The least and the most it may be, of thresholds between all scores and beyond either end."""
    sorted_scores = np.unique(scores).astype(np.float64)
    middles = (sorted_scores[1:] + sorted_scores[:-1]) / 2
    candidates = np.array([sorted_scores[0] - 1, *middles, sorted_scores[-1] + 1])
    result = []
    for fold in np.unique(folds):
        train = folds != fold
        right = [((scores >= t) == same)[train].mean() for t in candidates]
        # Thresholds that judge the others alike differ in what they leave out, this fold.
        best = np.flatnonzero(np.isclose(right, np.max(right)))
        judged = [((scores >= candidates[i]) == same)[~train].mean() for i in best]
        result.append((min(judged), max(judged)))
    low, high = np.mean(result, axis=0)
    return float(low), float(high)


@pytest.mark.parametrize("seed", range(5))
def test_accuracy_by_folds_is_numpys(seed: int) -> None:
    random = np.random.default_rng(seed)
    same = np.arange(200) < 100
    scores = (random.normal(size=200) + 2 * same).astype(np.float32)
    folds = np.tile(np.arange(100) // 10, 2).astype(np.int32)
    units = np.arange(200, dtype=np.int32)
    got = accuracy(Comparisons(scores, same, units, units), folds, 100)
    low, high = plain_accuracy(scores, same, folds)
    assert low - 1e-9 <= got.value <= high + 1e-9
    assert got.low <= got.value <= got.high


def test_templates_score_as_search_does() -> None:
    embeddings, _ = people(5, 2, 1.0)
    first, second = all_pairs(10)
    exact = (embeddings.astype(np.float64) @ embeddings.T)[first, second]
    np.testing.assert_allclose(similarities(embeddings, first, second), exact, atol=1e-7)
    half = similarities(embeddings, first, second, "float16")
    np.testing.assert_allclose(half, exact, atol=1e-3)
    assert (half != exact.astype(np.float32)).any()
    codes, scales = rostro.quantize_embeddings(embeddings)
    indices, found = rostro.search_int8(codes, scales, codes, scales, 10)
    table = np.empty((10, 10), np.float32)
    np.put_along_axis(table, indices, found, axis=1)
    got = similarities(embeddings, first, second, "int8")
    np.testing.assert_array_equal(got, table[first, second])
    assert [bytes_of(kind, 128) for kind in ("float32", "float16", "int8")] == [512, 256, 132]
    with pytest.raises(ArgumentError, match=r"storage: got 'int4'; one of .*float16.* is wanted"):
        similarities(embeddings, first, second, "int4")


def test_one_kind_of_pairs_alone_is_refused() -> None:
    found = compared(count=3)
    alone = Comparisons(found.scores, np.ones_like(found.same), found.first, found.second)
    for measure in (rates, roc):
        with pytest.raises(EvaluationError, match="0 of different ones"):
            measure(alone)
    folds = np.zeros(len(found.scores), np.int32)
    with pytest.raises(ArgumentError, match="folds"):
        accuracy(found, folds)
