"""Error-versus-discard curves against plain NumPy, and what they are of measures known to be good
and bad."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from rostro.attributes.reasons import Reason
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate.discard import RANDOM, SHARES, Discard, discard
from rostro.evaluate.verification import Comparisons, Indices, all_pairs

_Values = NDArray[np.float64]


class Set:
    """Photos of made-up persons; the worse a photo, the less it is like its person's others."""

    def __init__(self, persons: int = 60, photos: int = 4, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.persons = np.repeat(np.arange(persons, dtype=np.int32), photos)
        self.quality = random.random(len(self.persons))
        faces = random.standard_normal((persons, 32))[self.persons]
        faces += random.standard_normal(faces.shape) * (2.5 * (1 - self.quality))[:, None]
        faces /= np.linalg.norm(faces, axis=1, keepdims=True)
        self.first, self.second = all_pairs(len(faces))
        scores = (faces[self.first] * faces[self.second]).sum(1).astype(np.float32)
        one, other = self.persons[self.first], self.persons[self.second]
        self.compared = Comparisons(scores, one == other, one, other)
        self.random = random.random(len(faces))

    def curves(self, reasons: NDArray[np.uint32] | None = None, limit: float = 0.2) -> Discard:
        qualities = {"true": self.quality, "noise": self.random, "wrong": -self.quality}
        return discard(
            self.compared, self.first, self.second, qualities, reasons,
            fmr=0.01, limit=limit, samples=60,
        )  # fmt: skip


@pytest.fixture(scope="module")
def photos() -> Set:
    return Set()


@pytest.fixture(scope="module")
def found(photos: Set) -> Discard:
    return photos.curves()


def plain_threshold(compared: Comparisons, fmr: float) -> float:
    different = compared.scores[~compared.same]
    return float(min(s for s in compared.scores if (different >= s).mean() <= fmr))


def plain_curve(compared: Comparisons, quality: _Values, threshold: float) -> _Values:
    """FNMR after each number of comparisons of same persons is dropped, the worst first."""
    scores = compared.scores[compared.same][np.argsort(quality[compared.same], kind="stable")]
    return np.array([(scores[k:] < threshold).mean() for k in range(len(scores))])


def test_curves_are_those_of_plain_numpy(photos: Set, found: Discard) -> None:
    assert found.threshold == plain_threshold(photos.compared, 0.01)
    for name, quality in {"true": photos.quality, "noise": photos.random}.items():
        pairs = np.minimum(quality[photos.first], quality[photos.second])
        plain = plain_curve(photos.compared, pairs, found.threshold)
        count = len(plain)
        at = SHARES * count
        whole = at == at.round()
        # Two comparisons may have the same worse photo: they are dropped together, on average.
        same_pairs = pairs[photos.compared.same]
        tied = np.sort(same_pairs)
        free = np.array([i == 0 or i >= count or tied[i] != tied[i - 1] for i in at.astype(int)])
        assert (whole & free).sum() > 3
        got = found.curves[name].fnmr[whole & free]
        np.testing.assert_allclose(got, plain[at.astype(int)][whole & free], atol=1e-12)


def test_ties_are_dropped_as_by_chance(photos: Set) -> None:
    coarse = np.floor(photos.quality * 3)
    result = discard(
        photos.compared, photos.first, photos.second, {"coarse": coarse}, fmr=0.01, samples=1
    )
    pairs = np.minimum(coarse[photos.first], coarse[photos.second])
    random = np.random.default_rng(0)
    drawn = [
        plain_curve(photos.compared, pairs + random.uniform(0, 0.5, len(pairs)), result.threshold)
        for _ in range(300)
    ]
    count = int(photos.compared.same.sum())
    at = [round(share * count) for share in (0.1, 0.3, 0.6)]
    got = np.interp(np.array(at) / count, SHARES, result.curves["coarse"].fnmr)
    np.testing.assert_allclose(got, np.mean(drawn, axis=0)[at], atol=5e-3)


def test_areas_are_mean_heights(found: Discard) -> None:
    for curve in found.curves.values():
        fine = np.interp(np.linspace(0, 0.2, 2001), SHARES, curve.fnmr)
        assert curve.partial.value == pytest.approx(fine.mean(), abs=2e-3)
        assert curve.area.value == pytest.approx(curve.fnmr.mean(), abs=5e-3)


def test_a_good_measure_is_below_chance_and_a_bad_one_above(found: Discard) -> None:
    assert list(found.curves) == ["true", "noise", "wrong", RANDOM]
    true, noise, wrong, chance = found.curves.values()
    np.testing.assert_allclose(chance.fnmr, found.fnmr.value)
    assert chance.area.value == pytest.approx(found.fnmr.value)
    assert true.behind.value == true.behind.low == true.behind.high == 0
    assert chance.behind.low > 0 and noise.behind.low > 0
    assert wrong.partial.value > chance.partial.value > true.partial.value
    assert true.area.value < 0.5 * chance.area.value
    assert noise.partial.low < chance.partial.value < noise.partial.high
    for curve in found.curves.values():
        assert (curve.low <= curve.fnmr + 1e-9).all() and (curve.fnmr <= curve.high + 1e-9).all()


def test_what_is_said_of_nothing_is_dropped_first(photos: Set) -> None:
    unknown = photos.quality.copy()
    unknown[:20] = np.nan
    result = discard(
        photos.compared, photos.first, photos.second, {"q": unknown}, fmr=0.01, samples=2
    )
    kept = (photos.first >= 20) & (photos.second >= 20) & photos.compared.same
    share = 1 - kept.sum() / photos.compared.same.sum()
    got = np.interp(share, SHARES, result.curves["q"].fnmr)
    without = (photos.compared.scores[kept] < result.threshold).mean()
    assert got == pytest.approx(without, abs=5e-3)


def test_reasons_say_what_they_save(photos: Set) -> None:
    bad = photos.quality < 0.2
    reasons = np.where(bad, Reason.BLURRED, 0) | np.where(photos.random < 0.1, Reason.SMALL, 0)
    result = photos.curves(reasons.astype(np.uint32))
    assert list(result.reasons) == ["BLURRED", "SMALL", "any"]
    cost = result.reasons["BLURRED"]
    same = photos.compared.same
    carried = (bad[photos.first] | bad[photos.second])[same]
    wrong = photos.compared.scores[same] < result.threshold
    assert cost.photos == pytest.approx(bad.mean())
    assert cost.refused == pytest.approx(carried.mean())
    assert cost.fnmr.value == pytest.approx(wrong[~carried].mean())
    assert cost.saved.value == pytest.approx(wrong.mean() - wrong[~carried].mean())
    assert cost.saved.low > 0
    by_chance = result.reasons["SMALL"].saved
    assert by_chance.low < 0.02 and by_chance.value < 0.5 * cost.saved.value


def test_every_face_may_be_refused(photos: Set) -> None:
    cost = photos.curves(np.full(len(photos.quality), Reason.DARK, np.uint32)).reasons["any"]
    assert cost.refused == 1 and np.isnan(cost.fnmr.value) and np.isnan(cost.saved.low)


def test_bad_input(photos: Set) -> None:
    with pytest.raises(ArgumentError, match="limit: got 0"):
        photos.curves(limit=0)
    with pytest.raises(ArgumentError, match="qualities"):
        discard(photos.compared, photos.first, photos.second, {})
    one = photos.compared.same
    parts: list[Indices] = [photos.compared.first[one], photos.compared.second[one]]
    alone = Comparisons(photos.compared.scores[one], one[one], *parts)
    with pytest.raises(EvaluationError, match="both are wanted"):
        discard(alone, photos.first[one], photos.second[one], {"q": photos.quality})
