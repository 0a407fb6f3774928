"""Scores of pairs and identification: against plain NumPy, worked out by hand, and bad input."""

from __future__ import annotations

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate.calibration import CALIBRATED, calibrate, card_text
from rostro.evaluate.identification import best_matches, identify, split
from rostro.evaluate.synthetic import synthetic_people
from rostro.evaluate.verification import (
    Comparisons,
    accuracy,
    all_pairs,
    bytes_of,
    rates,
    roc,
    similarities,
)
from rostro.models.card_reader import parse_card
from tests.support.networks import OWN_CARD

NEVER = np.float32(-np.inf)


def people(count: int, photos: int, spread: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of persons who have several photos each, and whose they are."""
    random = np.random.default_rng(seed)
    persons = np.repeat(np.arange(count, dtype=np.int32), photos)
    rows = random.normal(size=(count, 64))[persons] + spread * random.normal(
        size=(len(persons), 64)
    )
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), persons


def compared(spread: float = 1.3, seed: int = 0, count: int = 40) -> Comparisons:
    embeddings, persons = people(count, 4, spread, seed)
    first, second = all_pairs(len(persons))
    scores = similarities(embeddings, first, second)
    return Comparisons(scores, persons[first] == persons[second], persons[first], persons[second])


def plain_tar(scores: np.ndarray, same: np.ndarray, far: float) -> float:
    """The best share of same persons over all thresholds that keep to the rate."""
    candidates = [np.inf, *np.unique(scores)]
    fars = np.array([(scores[~same] >= t).mean() for t in candidates])
    tars = np.array([(scores[same] >= t).mean() for t in candidates])
    return float(tars[fars <= far].max())


def plain_eer(scores: np.ndarray, same: np.ndarray) -> float:
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


def plain_accuracy(scores: np.ndarray, same: np.ndarray, folds: np.ndarray) -> float:
    """Thresholds between all scores, and one beyond either end."""
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
    return float(low), float(high)  # type: ignore[return-value]


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
    with pytest.raises(ArgumentError, match="float16"):
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


# Identification


@pytest.mark.parametrize("template", ["float32", "float16", "int8"])
def test_identification_is_numpys(template: str) -> None:
    embeddings, persons = people(60, 3, 1.6)
    enrolled = (np.arange(180) % 3 == 0) & (persons < 40)
    probes = np.arange(180) % 3 != 0
    got = identify(
        embeddings[enrolled], persons[enrolled], embeddings[probes], persons[probes],
        template=template,
    )  # fmt: skip
    whose = persons[probes]
    table = embeddings[probes] @ embeddings[enrolled].T
    best, top = table.argmax(1), table.max(1)
    right, mated = persons[enrolled][best] == whose, whose < 40
    tolerance = 0 if template == "float32" else 0.02
    assert got.rank1(10).value == pytest.approx(right[mated].mean(), abs=tolerance)
    measured = got.rates((0.1, 0.02), 10)
    assert measured is not None
    for point in measured.points:
        candidates = np.unique(top)
        fars = np.array([(top[~mated] >= t).mean() for t in candidates])
        dirs = np.array([(right & (top >= t))[mated].mean() for t in candidates])
        assert point.tar.value == pytest.approx(dirs[fars <= point.far].max(), abs=tolerance)


def test_nobody_is_found_without_a_face_and_the_best_template_counts() -> None:
    rows = np.eye(4, dtype=np.float32)
    gallery, whose = rows[[0, 1, 2]], np.array([5, 5, 6], np.int32)
    probes, probed = rows[[1, 2, 3, 0]], np.array([5, 6, 9, 6], np.int32)
    found = np.array([True, False, True, True])
    got = identify(gallery, whose, probes, probed, found=found)
    assert got.right.tolist() == [True, False, False, False]
    assert got.mated.tolist() == [True, True, False, True]
    assert got.comparisons.scores.tolist() == [1, -np.inf, 0, -np.inf]
    everyone = identify(gallery, whose, probes[:1], probed[:1])
    assert everyone.rates() is None and everyone.rank1().value == 1
    with pytest.raises(EvaluationError, match="nobody"):
        identify(rows[:0], whose[:0], probes, probed)
    with pytest.raises(EvaluationError, match="no probe"):
        identify(gallery, whose, probes[2:3], probed[2:3])


def test_a_set_is_split_by_first_photos() -> None:
    enrolled, probes = split(np.array([3, 1, 3, 3, 2, 1], np.int32))
    assert enrolled.tolist() == [True, True, False, False, False, False]
    assert (enrolled ^ probes).all()


def test_best_matches_are_exact_in_blocks() -> None:
    gallery, _ = people(700, 1, 0.0)
    probes, _ = people(700, 4, 0.5)
    best, similarity = best_matches(gallery, probes)
    table = probes @ gallery.T
    np.testing.assert_array_equal(best, table.argmax(1))
    np.testing.assert_allclose(similarity, table.max(1), atol=1e-6)


# Synthetic persons


@pytest.mark.heavy
def test_synthetic_people_have_the_statistics_of_real_ones() -> None:
    embeddings, persons = people(300, 4, 0.9)
    first, second = all_pairs(len(persons))
    real = similarities(embeddings, first, second)
    same = persons[first] == persons[second]
    one, other = synthetic_people(embeddings, persons, 4000, 2)
    assert one.shape == (4000, 64) and one.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-6)
    own = (one * other).sum(1)
    assert own.mean() == pytest.approx(real[same].mean(), abs=0.02)
    assert own.std() == pytest.approx(real[same].std(), rel=0.2)
    foreign = one[:1000] @ other[1000:].T
    assert foreign.mean() == pytest.approx(real[~same].mean(), abs=0.02)
    assert foreign.std() == pytest.approx(real[~same].std(), rel=0.1)
    again = synthetic_people(embeddings, persons, 4000, 2)
    np.testing.assert_array_equal(again[0], one)
    with pytest.raises(EvaluationError, match="several photos"):
        synthetic_people(embeddings[:4], persons[:4], 5, 2)


# Calibration


def test_thresholds_keep_to_their_rates_and_no_more() -> None:
    random = np.random.default_rng(5)
    scores = np.concatenate([random.normal(0, 0.1, 400_000), [0.9] * 10]).astype(np.float32)
    same = scores == np.float32(0.9)
    units = np.zeros(len(scores), np.int32)
    thresholds = calibrate(Comparisons(scores, same, units, units))
    assert set(thresholds) == set(CALIBRATED)
    for name, (value, pairs) in thresholds.items():
        assert pairs == 400_000
        assert (scores[~same] >= value).mean() <= CALIBRATED[name]
        assert (scores[~same] >= value - 1e-4).mean() >= CALIBRATED[name]
    facts = {"detector": "d", "template": "int8", "flip": True, "photos": 7}
    text = OWN_CARD[: OWN_CARD.index("[thresholds")] + card_text(thresholds, 'my "set"', facts)
    card = parse_card(text, "test")
    strict = card.thresholds["cosine_strict"]
    assert (strict.value, strict.pairs) == thresholds["cosine_strict"]
    assert strict.fmr == 1e-4
    assert 'my "set", 7 photos' in strict.how and "with flip" in strict.how


def test_too_few_pairs_calibrate_nothing() -> None:
    with pytest.raises(EvaluationError, match="300000 or more"):
        calibrate(compared())
