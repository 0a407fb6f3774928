"""Int8 matching measured against its peers: in turn, in one run, on the same inputs, one thread.

    python benchmarks/peers_match.py [--rows 200000] [--dim 512] [--rounds 15] [--write]

Needs faiss-cpu, numkong and usearch beside rostro. Every peer's inputs are prepared before it is
timed (indexes built, matrices packed). NumPy asks for huge pages for large arrays, so rostro and
the reads of `codes` have them, as a gallery's own matrix should.
"""

from __future__ import annotations

import os
from collections.abc import Callable

# BLAS reads this when it is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import faiss
import numkong
import numpy as np
from numpy.typing import NDArray
from usearch.compiled import MetricKind
from usearch.index import search as usearch_search

import rostro
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro.types import FloatArray

Candidates = dict[str, Callable[[], object]]

PACKAGES = ("rostro", "numpy", "faiss-cpu", "numkong", "usearch")


def unit_vectors(n: int, dim: int, seed: int) -> FloatArray:
    v = np.random.default_rng(seed).standard_normal((n, dim), np.float32)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    return v


def scalar_index(kind: int, v: FloatArray) -> faiss.IndexScalarQuantizer:
    index = faiss.IndexScalarQuantizer(v.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.train(v)
    index.add(v)
    return index


def check(
    found: NDArray[np.int64],
    codes: NDArray[np.int8],
    scales: FloatArray,
    queries: NDArray[np.int8],
) -> None:
    """The best match of every query is the one that NumPy finds."""
    for query, indices in zip(queries, found, strict=True):
        dots = codes.astype(np.float32) @ query.astype(np.float32)  # below 2**24: exact
        if np.argmax(dots * scales) != indices[0]:
            raise SystemExit("search_int8 missed the best row")


def search_candidates(rows: int, dim: int, query_count: int, k: int) -> Candidates:
    """Ways to find the k best of `rows` templates for each query."""
    v, query_v = unit_vectors(rows, dim, seed=1), unit_vectors(query_count, dim, seed=2)
    codes, scales = rostro.quantize_embeddings(v)
    queries, query_scales = rostro.quantize_embeddings(query_v)
    found, _ = rostro.search_int8(codes, scales, queries[:3], query_scales[:3], k)
    check(found, codes, scales, queries[:3])

    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(dim)
    flat.add(v)
    trained = scalar_index(faiss.ScalarQuantizer.QT_8bit, v)
    direct = scalar_index(faiss.ScalarQuantizer.QT_8bit_direct_signed, codes.astype(np.float32))
    direct_queries = queries.astype(np.float32)
    packed_rows, packed_queries = numkong.dots_pack(codes), numkong.dots_pack(queries)

    def numpy_float() -> object:
        similarities = query_v @ v.T
        return (
            np.argpartition(-similarities, k, axis=1)[:, :k] if query_count == 1 else similarities
        )

    def usearch_exact() -> object:
        return usearch_search(codes, queries, k, metric=MetricKind.IP, exact=True, threads=1)

    return {
        "read of the codes, `codes.view(int64).sum()`": lambda: codes.view(np.int64).sum(),
        "**rostro `search_int8`**": lambda: rostro.search_int8(
            codes, scales, queries, query_scales, k
        ),
        "faiss QT_8bit_direct_signed": lambda: direct.search(direct_queries, k),
        "faiss QT_8bit": lambda: trained.search(query_v, k),
        "faiss IndexFlatIP, float32": lambda: flat.search(query_v, k),
        "usearch exact, int8": usearch_exact,
        "NumKong `cdist`, no top-k": lambda: numkong.cdist(queries, codes, "dot"),
        "NumKong `dots_packed`, rows packed, no top-k": lambda: numkong.dots_packed(
            queries, packed_rows
        ),
        "NumKong `dots_packed`, queries packed, no top-k": lambda: numkong.dots_packed(
            codes, packed_queries
        ),
        "NumPy float32 `@`" + (" and argpartition" if query_count == 1 else ", no top-k"): (
            numpy_float
        ),
    }


def quantize_candidates(rows: int, dim: int) -> Candidates:
    v = unit_vectors(rows, dim, seed=3)

    def with_numpy() -> object:
        scale = np.abs(v).max(axis=1, keepdims=True) / 127
        return np.rint(v / scale).astype(np.int8), scale

    return {
        "**rostro `quantize_embeddings`**": lambda: rostro.quantize_embeddings(v),
        "NumPy": with_numpy,
    }


def section(title: str, candidates: Candidates, rounds: int, products: float = 0) -> str:
    """Markdown: medians, how many times rostro's each is and, for searches, the rate."""
    seconds = {
        name: float(np.median(values))
        for name, values in measure_in_turn(candidates, rounds, warm_up=1).items()
    }
    rostro_seconds = next(value for name, value in seconds.items() if "rostro" in name)
    rows = []
    for name, value in seconds.items():
        rate = f"{2 * products / value / 1e9:.0f} GOP/s" if products and "read" not in name else ""
        rows.append([title, name, f"{value * 1e3:.3f}", f"{value / rostro_seconds:.2f}", rate])
    return table(["work", "by", "median ms", "times rostro's", "rate"], rows) + "\n"


def report(rows: int = 200_000, dim: int = 512, rounds: int = 15, *, write: bool = False) -> None:
    """Prints, and writes, docs/measured/matching.md: every search, and quantisation."""
    page = Page("matching", "Matching, beside its peers")
    page.show(heading(PACKAGES) + "; one thread")
    for query_count in (1, 64):
        candidates = search_candidates(rows, dim, query_count, k=5)
        title = f"{query_count} of {rows:,} x {dim}, k = 5"
        few = rounds if query_count == 1 else max(3, rounds // 3)
        page.show(section(title, candidates, few, products=float(rows) * dim * query_count))
    page.show(section(f"quantise 1,000 x {dim}", quantize_candidates(1000, dim), 20 * rounds))
    if write:
        page.save()


if __name__ == "__main__":
    parser = argument_parser(__doc__.split("\n", 1)[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    report(arguments.rows, arguments.dim, arguments.rounds, write=arguments.write)
