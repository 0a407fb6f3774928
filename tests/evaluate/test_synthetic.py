"""Synthetic people."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.errors import EvaluationError
from rostro.evaluate.synthetic import synthetic_people
from rostro.evaluate.verification import (
    all_pairs,
    similarities,
)
from tests.support.embeddings import people


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
