"""Same person or not."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.embed.verdict import Verdict, verify
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import FloatArray


def unit(*values: float) -> FloatArray:
    vector = np.array(values, np.float32)
    vector /= np.linalg.norm(vector)
    return vector


def test_similarity_is_the_cosine() -> None:
    a, b = unit(1, 0, 0, 0), unit(1, 1, 0, 0)
    verdict = verify(a, b, 0.7)
    assert verdict.similarity == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert verdict == Verdict(True, verdict.similarity, 0.7)
    assert not verify(a, b, 0.71).same
    assert verify(a, a, 1.0).same
    assert verify(a, -a, -1.0).same


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([1.0, 0.0], ArgumentTypeError, r"got \["),
        (np.array([1.0, 0.0]), ArgumentTypeError, "got float64"),
        (np.ones((1, 2), np.float32), ArgumentError, r"got shape \(1, 2\); \(D,\)"),
        (np.empty(0, np.float32), ArgumentError, r"got shape \(0,\)"),
        (np.array([1.0, 1.0], np.float32), ArgumentError, "got norm 1.414; 1 is wanted"),
        (np.array([np.nan, 1.0], np.float32), ArgumentError, "got norm nan"),
    ],
)
def test_bad_embeddings(bad: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"embedding_a: {message}"):
        verify(bad, unit(1, 0), 0.5)  # type: ignore[arg-type]
    with pytest.raises(error, match=f"embedding_b: {message}"):
        verify(unit(1, 0), bad, 0.5)  # type: ignore[arg-type]


def test_embeddings_of_two_models() -> None:
    with pytest.raises(ArgumentError, match="one embedder only"):
        verify(unit(1, 0), unit(1, 0, 0), 0.5)


@pytest.mark.parametrize("threshold", [None, "0.3", [0.3]])
def test_no_threshold_says_how_to_get_one(threshold: object) -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"threshold: got .*embedder\.threshold.*eval pairs"
    ):
        verify(unit(1, 0), unit(1, 0), threshold)  # type: ignore[arg-type]


def test_thresholds_of_numpy_are_numbers() -> None:
    for threshold in (np.float32(0.5), np.float64(0.5), np.int64(1), 1):
        assert verify(unit(1, 0), unit(1, 0), threshold).same  # type: ignore[arg-type]


@pytest.mark.parametrize("threshold", [1.5, -2.0, float("nan")])
def test_bad_threshold(threshold: float) -> None:
    with pytest.raises(ArgumentError, match=r"a cosine similarity in -1\.\.1"):
        verify(unit(1, 0), unit(1, 0), threshold)
