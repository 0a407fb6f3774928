"""Templates of many embeddings, beside plain NumPy, in any order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import FloatArray
from rostro.video import ClusterTemplate, MeanTemplate
from tests.support.streams import unit

RANDOM = np.random.default_rng(5)
EMBEDDINGS: FloatArray = unit(RANDOM.normal(size=(200, 64)) + 0.3).astype(np.float32)
WEIGHTS: FloatArray = RANDOM.uniform(0, 1, 200).astype(np.float32)
CENTERS: FloatArray = unit(RANDOM.normal(size=(4, 64))).astype(np.float32)
SHARPNESS = 12.0


def mean() -> Any:
    return unit(WEIGHTS.astype(float) @ EMBEDDINGS)


def clustered() -> Any:
    """All embeddings at once."""
    shares = np.exp(SHARPNESS * EMBEDDINGS.astype(float) @ CENTERS.T)
    shares = WEIGHTS[:, None] * shares / shares.sum(axis=1, keepdims=True)
    masses = shares.sum(axis=0)
    return unit((shares.T @ EMBEDDINGS / (masses[:, None] + 1)).sum(axis=0))


def templates() -> list[tuple[Any, Any]]:
    return [
        (lambda: MeanTemplate(64), mean()),
        (lambda: ClusterTemplate(CENTERS, sharpness=SHARPNESS), clustered()),
    ]


@pytest.mark.parametrize(("make", "wanted"), templates(), ids=["mean", "clusters"])
def test_in_any_order_and_in_parts_it_is_that_of_all_at_once(make: Any, wanted: Any) -> None:
    assert make().result() is None
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(200)
        one, parts = make(), [make(), make()]
        for count, index in enumerate(order):
            row = slice(index, index + 1)
            one.add(EMBEDDINGS[row], WEIGHTS[row])
            parts[count % 2].add(EMBEDDINGS[row], WEIGHTS[row])
        parts[0].merge(parts[1])
        np.testing.assert_allclose(one.result(), wanted, atol=1e-5)
        np.testing.assert_allclose(parts[0].result(), wanted, atol=1e-5)


def test_what_cannot_be_fused_changes_nothing() -> None:
    template: Any = MeanTemplate(64)
    template.add(EMBEDDINGS)
    before = template.result()
    bad = EMBEDDINGS.copy()
    bad[7, 3] = np.nan
    with pytest.raises(ArgumentError, match="embedding: got"):
        template.add(bad)
    with pytest.raises(ArgumentError, match="weight: got -1"):
        template.add(EMBEDDINGS, -np.ones(200, np.float32))
    with pytest.raises(ArgumentTypeError, match="embeddings: got float64"):
        template.add(EMBEDDINGS.astype(float))
    with pytest.raises(ArgumentTypeError, match="other: got"):
        template.merge(ClusterTemplate(CENTERS))
    with pytest.raises(ArgumentError, match="other: got 3"):
        template.merge(MeanTemplate(3))
    np.testing.assert_array_equal(template.result(), before)
