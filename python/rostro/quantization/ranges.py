"""Which range of values int8 is to cover, from the values that a layer met on real photos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.quantization import Method
from rostro.types import FloatArray

__all__ = ["KnownRanges", "Ranges", "Spans"]

_BINS = 4096  # over -limit..limit; the limit doubles where a value is beyond it
_SAMPLED = 50_000  # values of one array that go into the histogram; the extremes are exact
_PERCENTILE = 99.99
_LEVELS = 128  # of one sign, for the entropy
_STEP = 16  # bins between the limits that are tried for the entropy


class Spans(Protocol):
    """Ranges by name."""

    def __getitem__(self, name: str) -> tuple[float, float]:
        """The least and the largest value that are to be told apart."""
        ...

    def limit(self, name: str) -> float:
        """The largest absolute value of the range."""
        ...


class KnownRanges:
    """Ranges that were found before; see `Spans`."""

    def __init__(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        self._ranges = ranges

    def __getitem__(self, name: str) -> tuple[float, float]:
        if name not in self._ranges:
            raise ModelError(f"the network has a tensor {name}, the ranges of int8 do not know it")
        return self._ranges[name]

    def limit(self, name: str) -> float:
        return max(map(abs, self[name]))


class Ranges:
    """Collects values by name and gives a range for each name.

    Args:
        method: ``"minmax"``: all values; ``"percentile"``: all but 0.005 % at either end;
            ``"entropy"``: cut where the distribution in 128 steps differs least from the original
            (Kullback-Leibler divergence; S. Migacz, "8-bit inference with TensorRT", GTC 2017).
    """

    def __init__(self, method: Method) -> None:
        self._method = method
        self._spreads: dict[str, _Spread] = {}

    def add(self, arrays: Mapping[str, FloatArray]) -> None:
        """Count in the values of one run."""
        for name, array in arrays.items():
            self._spreads.setdefault(name, _Spread()).add(array)

    def __getitem__(self, name: str) -> tuple[float, float]:
        """The least and the largest value that are to be told apart."""
        low, high = self._of(self._spreads[name])
        # As float32, in as few digits as tell it: what a card keeps of it is the same.
        return float(str(np.float32(low))), float(str(np.float32(high)))

    def _of(self, spread: _Spread) -> tuple[float, float]:
        if self._method == "minmax":
            return spread.low, spread.high
        cut = spread.percentile if self._method == "percentile" else spread.entropy
        low, high = cut()
        return max(low, spread.low), min(high, spread.high)

    def limit(self, name: str) -> float:
        """The largest absolute value of the range."""
        return max(map(abs, self[name]))


class _Spread:
    def __init__(self) -> None:
        self.low, self.high = np.inf, -np.inf
        self._limit = 0.0
        self._counts: NDArray[np.int64] = np.zeros(_BINS, np.int64)

    def add(self, array: FloatArray) -> None:
        values: FloatArray = array.ravel()
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        largest = max(abs(self.low), abs(self.high))
        if self._limit == 0.0:
            self._limit = largest or 1.0
        while self._limit < largest:
            self._double()
        values = values[:: max(1, len(values) // _SAMPLED)]
        self._counts += np.histogram(values, _BINS, (-self._limit, self._limit))[0]

    def _double(self) -> None:
        quarter = _BINS // 4
        self._counts = np.pad(self._counts.reshape(-1, 2).sum(axis=1), quarter)
        self._limit *= 2

    def percentile(self) -> tuple[float, float]:
        edges = np.linspace(-self._limit, self._limit, _BINS + 1)
        share = np.cumsum(self._counts) / self._counts.sum()
        tail = (1 - _PERCENTILE / 100) / 2
        low = edges[int(np.searchsorted(share, tail))]
        high = edges[min(int(np.searchsorted(share, 1 - tail)) + 1, _BINS)]
        return float(low), float(high)

    def entropy(self) -> tuple[float, float]:
        half = _BINS // 2
        counts = (self._counts[half:] + self._counts[:half][::-1]).astype(np.float64)
        # The many exact zeros that a ReLU leaves are told apart whatever the limit is.
        counts[0] = 0
        tried = range(_LEVELS, half + 1, _STEP)
        kept = min(tried, key=lambda kept: _divergence(counts, kept))
        limit = self._limit * kept / half
        return -limit, limit


def _divergence(counts: NDArray[np.float64], kept: int) -> float:
    """Of the first ``kept`` bins in `_LEVELS` steps from what they stand for."""
    wanted = counts[:kept].copy()
    there = wanted > 0
    wanted[-1] += counts[kept:].sum()  # what is cut off is taken for the limit
    step = np.arange(kept) * _LEVELS // kept
    filled = np.bincount(step, there, _LEVELS)
    sums = np.bincount(step, counts[:kept], _LEVELS)
    given = np.where(there, (sums / np.maximum(filled, 1))[step], 0)
    if wanted.sum() == 0 or given.sum() == 0:
        return np.inf
    wanted, given = wanted / wanted.sum(), given / given.sum()
    both = (wanted > 0) & (given > 0)
    lost = wanted[~both].sum()  # no step stands for these at all
    return float((wanted[both] * np.log(wanted[both] / given[both])).sum() + lost * 10)
