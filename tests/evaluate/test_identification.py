"""Identification: against plain NumPy, and worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.errors import EvaluationError
from rostro.evaluate.identification import best_matches, identify, split
from tests.support.embeddings import people


@pytest.mark.parametrize("storage", ["float32", "float16", "int8"])
def test_identification_is_numpys(storage: str) -> None:
    embeddings, persons = people(60, 3, 1.6)
    enrolled = (np.arange(180) % 3 == 0) & (persons < 40)
    probes = np.arange(180) % 3 != 0
    got = identify(
        embeddings[enrolled], persons[enrolled], embeddings[probes], persons[probes],
        storage=storage,
    )  # fmt: skip
    whose = persons[probes]
    table = embeddings[probes] @ embeddings[enrolled].T
    best, top = table.argmax(1), table.max(1)
    right, mated = persons[enrolled][best] == whose, whose < 40
    tolerance = 0 if storage == "float32" else 0.02
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
