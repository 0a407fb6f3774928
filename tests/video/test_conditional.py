"""Fusion by a network that sees the distribution of a set, beside plain NumPy."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rostro.errors import ArgumentError, ArgumentTypeError, ModelError
from rostro.types import FloatArray
from rostro.video import ConditionalTemplate, MeanTemplate
from tests.support.streams import unit
from tests.support.there import there
from tests.support.tiny_fuser import tiny_fuser, weights

DIM = 16
EMBEDDINGS: FloatArray = unit(np.random.default_rng(7).normal(size=(40, DIM))).astype(np.float32)
STATISTICS: dict[str, Any] = {
    "mean": np.mean,
    "deviation": np.std,
    "least": np.min,
    "most": np.max,
}


def wanted(statistics: list[str]) -> Any:
    rows = EMBEDDINGS.astype(np.float64)
    told = [np.tile(STATISTICS[name](rows, axis=0), (len(rows), 1)) for name in statistics]
    first, second = weights(DIM * (1 + len(statistics)))
    logits = np.tanh(np.concatenate([rows, *told], axis=1) @ first) @ second
    shares = np.exp(logits - logits.max())
    return unit((shares * rows).sum(axis=0))


@pytest.mark.parametrize(
    "statistics", [[], ["mean", "deviation"], ["most", "least", "mean"]], ids="-".join
)
def test_it_is_what_numpy_gives_in_any_order(tmp_path: Path, statistics: list[str]) -> None:
    card = tiny_fuser(tmp_path, DIM, statistics)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(EMBEDDINGS))
        template, other = (ConditionalTemplate(card, threads=1) for _ in range(2))
        assert template.result() is None
        for begin in range(0, 30, 10):
            template.add(EMBEDDINGS[order[begin : begin + 10]])
        other.add(EMBEDDINGS[order[30:]])
        template.merge(other)
        np.testing.assert_allclose(there(template.result()), wanted(statistics), atol=1e-5)
        np.testing.assert_array_equal(
            pickle.loads(pickle.dumps(template)).result(), template.result()
        )


def test_what_cannot_be_fused_is_told(tmp_path: Path) -> None:
    template: Any = ConditionalTemplate(tiny_fuser(tmp_path, DIM, ["mean"]), threads=1)
    template.add(EMBEDDINGS)
    before = template.result()
    bad = EMBEDDINGS.copy()
    bad[3, 1] = np.inf
    with pytest.raises(ArgumentError, match="embedding: got numbers that are not finite"):
        template.add(bad)
    with pytest.raises(ArgumentError, match=r"embeddings: got shape \(40, 8\)"):
        template.add(np.ascontiguousarray(EMBEDDINGS[:, :8]))
    with pytest.raises(ArgumentTypeError, match="embeddings: got float64"):
        template.add(EMBEDDINGS.astype(float))
    with pytest.raises(ArgumentTypeError, match="other: got"):
        template.merge(MeanTemplate(DIM))
    np.testing.assert_array_equal(template.result(), before)
    with pytest.raises(ModelError, match="gave 80 numbers for 40 embeddings"):
        wide = ConditionalTemplate(tiny_fuser(tmp_path, DIM, ["mean"], outputs=2), threads=1)
        wide.add(EMBEDDINGS)
        wide.result()
    card = tiny_fuser(tmp_path, DIM, ["median"])
    with pytest.raises(ModelError, match=r"fuse.statistics.*median"):
        ConditionalTemplate(card)
    card = tiny_fuser(tmp_path, DIM, ["mean"])
    card.write_text(card.read_text().replace('"fuse"', '"quality"'))
    with pytest.raises(ModelError, match="key fuse: unknown where task"):
        ConditionalTemplate(card)
