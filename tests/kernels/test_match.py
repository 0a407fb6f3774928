"""Quantised embeddings and the search over them, against NumPy, on every SIMD level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import FloatArray

Arrays = tuple[NDArray[np.int8], FloatArray, NDArray[np.int8], FloatArray]
Mask = NDArray[np.bool_]

any_level = pytest.mark.parametrize("level", rostro.simd.levels())


@pytest.fixture(autouse=True)
def _keep_level() -> Iterator[None]:
    before = rostro.simd.level()
    yield
    rostro.simd.use(before)


def templates(n: int, q: int, dim: int, seed: int, largest: int = 127) -> Arrays:
    """Random codes and scales of n rows and q queries; with small codes most similarities tie."""
    random = np.random.default_rng(seed)
    codes, queries = (
        random.integers(-largest, largest + 1, (rows, dim)).astype(np.int8) for rows in (n, q)
    )
    scales, query_scales = (
        random.integers(1, 4, rows).astype(np.float32) / np.float32(1000) for rows in (n, q)
    )
    return codes, scales, queries, query_scales


def plain_search(
    arrays: Arrays, k: int, mask: Mask | None = None
) -> tuple[NDArray[np.int64], FloatArray]:
    """The definition: every similarity, a stable sort, the first k of the rows that take part."""
    codes, scales, queries, query_scales = arrays
    dots = (queries.astype(np.int64) @ codes.astype(np.int64).T).astype(np.float32)
    similarities = dots * (scales[None, :] * query_scales[:, None])
    rows = np.arange(len(codes)) if mask is None else np.flatnonzero(mask)
    order = rows[np.argsort(-similarities[:, rows], axis=1, kind="stable")][:, :k]
    return order, np.take_along_axis(similarities, order, axis=1)


def check_search(arrays: Arrays, k: int, mask: Mask | None = None, threads: int | None = 1) -> None:
    indices, similarities = rostro.search_int8(*arrays, k, mask=mask, threads=threads)
    wanted_indices, wanted_similarities = plain_search(arrays, k, mask)
    assert indices.dtype == np.int64 and similarities.dtype == np.float32
    np.testing.assert_array_equal(indices, wanted_indices)
    np.testing.assert_array_equal(similarities, wanted_similarities)


@any_level
@pytest.mark.parametrize("largest", [1, 127])
@pytest.mark.parametrize(
    ("n", "q", "dim", "k"),
    [(1, 1, 1, 1), (5, 2, 3, 10), (64, 1, 64, 5), (65, 5, 128, 65), (1000, 9, 100, 5),
     (700, 1, 512, 3), (333, 64, 513, 7)],
)  # fmt: skip
def test_search_is_exact(level: str, n: int, q: int, dim: int, k: int, largest: int) -> None:
    rostro.simd.use(level)
    arrays = templates(n, q, dim, seed=n, largest=largest)
    check_search(arrays, k)
    check_search(arrays, k, mask=np.random.default_rng(1).random(n) < 0.3)
    check_search(arrays, k, threads=None)


@any_level
@given(data=st.data())
def test_search_of_any_shape_and_values(level: str, data: st.DataObject) -> None:
    rostro.simd.use(level)
    dim = data.draw(st.integers(1, 140), "dim")
    n, q = data.draw(st.integers(0, 140), "n"), data.draw(st.integers(0, 9), "q")
    codes = hnp.arrays(np.int8, (n, dim), elements=st.integers(-128, 127))
    queries = hnp.arrays(np.int8, (q, dim), elements=st.integers(-127, 127))
    scale = st.floats(0, np.float32(1e14).item() / 2, width=32)
    arrays = (
        data.draw(codes, "codes"),
        data.draw(hnp.arrays(np.float32, n, elements=scale), "scales"),
        data.draw(queries, "queries"),
        data.draw(hnp.arrays(np.float32, q, elements=scale), "query_scales"),
    )
    mask = data.draw(st.none() | hnp.arrays(np.bool_, n), "mask")
    check_search(arrays, data.draw(st.integers(1, 150), "k"), mask)


@any_level
@given(
    v=hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=130),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    )
)
def test_quantised_codes_of_any_numbers(level: str, v: FloatArray) -> None:
    rostro.simd.use(level)
    codes, scales = rostro.quantize_embeddings(v)
    largest = np.abs(v).max(axis=1)
    largest[largest < 2.0**-118] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.rint(v * (np.float32(127) / largest)[:, None])
    np.testing.assert_array_equal(codes, np.where(largest[:, None] > 0, wanted, 0).astype(np.int8))
    np.testing.assert_array_equal(scales, largest / np.float32(127))


def test_similarity_is_the_cosine() -> None:
    random = np.random.default_rng(3)
    v = random.standard_normal((50, 512)).astype(np.float32)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    codes, scales = rostro.quantize_embeddings(v)
    assert np.abs(codes).max(axis=1).tolist() == [127] * 50
    indices, similarities = rostro.search_int8(codes, scales, codes[:9], scales[:9], 50)
    assert indices[:, 0].tolist() == list(range(9))
    cosines = np.take_along_axis(v[:9] @ v.T, indices, axis=1)
    np.testing.assert_allclose(similarities, cosines, atol=2e-3)


def test_rows_of_zeros() -> None:
    codes, scales = rostro.quantize_embeddings(np.zeros((2, 5), np.float32))
    assert not codes.any() and not scales.any()
    indices, similarities = rostro.search_int8(codes, scales, codes[:1], scales[:1], 2)
    assert indices.tolist() == [[0, 1]] and not similarities.any()


def test_results_shrink_to_the_rows_that_take_part() -> None:
    arrays = templates(10, 3, 8, seed=0)
    mask = np.zeros(10, bool)
    assert rostro.search_int8(*arrays, 4, mask=mask)[0].shape == (3, 0)
    mask[[2, 7]] = True
    assert rostro.search_int8(*arrays, 4, mask=mask)[0].shape == (3, 2)
    assert rostro.search_int8(*arrays, 10**30)[0].shape == (3, 10)
    codes, scales, queries, query_scales = arrays
    assert rostro.search_int8(codes[:0], scales[:0], queries, query_scales, 4)[0].shape == (3, 0)
    assert rostro.search_int8(codes, scales, queries[:0], query_scales[:0], 4)[0].shape == (0, 4)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"codes": np.zeros((4, 6), np.uint8)}, ArgumentTypeError, "codes: got uint8 .* int8"),
        ({"codes": [[1, 2]]}, ArgumentTypeError, "codes: got list"),
        ({"codes": np.zeros((4, 12), np.int8)[:, ::2]}, ArgumentError, "not C-contiguous"),
        ({"codes": np.zeros(4, np.int8)}, ArgumentError, r"codes: .* \(4,\)"),
        ({"scales": np.ones(3, np.float32)}, ArgumentError, r"scales: .* \(3,\).* \(4,\)"),
        ({"scales": np.ones(4)}, ArgumentTypeError, "scales: got float64"),
        (
            {"scales": np.array([1, 1, np.nan, 1], np.float32)},
            ArgumentError,
            r"scales\[2\]: got nan",
        ),
        (
            {"queries": np.zeros((2, 5), np.int8)},
            ArgumentError,
            "queries: got 5 columns; 6 are wanted",
        ),
        ({"queries": np.full((2, 6), -128, np.int8)}, ArgumentError, r"queries\[0, 0\]: got -128"),
        ({"query_scales": np.ones((2, 1), np.float32)}, ArgumentError, "query_scales: "),
        ({"query_scales": -np.ones(2, np.float32)}, ArgumentError, r"query_scales\[0\]: got -1"),
        ({"mask": np.ones(4, np.uint8)}, ArgumentTypeError, "mask: got uint8 .* bool"),
        ({"mask": np.ones(5, bool)}, ArgumentError, r"mask: .* \(4,\)"),
        ({"k": 0}, ArgumentError, "k: got 0; an integer of at least 1"),
        ({"k": 2.0}, ArgumentTypeError, "k: got 2.0; an integer"),
        ({"threads": 0}, ArgumentError, "threads"),
    ],
)
def test_search_refuses(change: dict[str, object], error: type[Exception], message: str) -> None:
    codes, scales, queries, query_scales = templates(4, 2, 6, seed=0)
    arguments: dict[str, Any] = {"codes": codes, "scales": scales, "queries": queries, "k": 1}
    arguments |= {"query_scales": query_scales, **change}
    with pytest.raises(error, match=message):
        rostro.search_int8(**arguments)


@pytest.mark.parametrize(
    ("embeddings", "error", "message"),
    [
        (np.ones((2, 3)), ArgumentTypeError, "embeddings: got float64 .*float32"),
        (np.ones(3, np.float32), ArgumentError, r"embeddings: .* \(3,\)"),
        (np.ones((2, 6), np.float32)[:, ::2], ArgumentError, "not C-contiguous"),
        (np.ones((2, 0), np.float32), ArgumentError, "embeddings: got 0 columns"),
        (
            np.array([[1, 2], [3, np.inf]], np.float32),
            ArgumentError,
            r"embeddings\[1, 1\]: got inf",
        ),
        (np.array([[np.nan, 2]], np.float32), ArgumentError, r"embeddings\[0, 0\]: got nan"),
    ],
)
def test_quantize_refuses(embeddings: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rostro.quantize_embeddings(embeddings)  # type: ignore[arg-type]
