"""Figures with intervals of 95 %.

They are bootstrap percentiles (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
chapter 13), of the same draws in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SAMPLES", "Estimate", "draws", "estimate", "mean"]

SAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval of 95 %."""

    value: float
    low: float
    high: float


def draws(units: int, samples: int = SAMPLES, seed: int = 0) -> Iterator[NDArray[np.int32]]:
    """How often each unit is drawn, samples x units, some samples at a time."""
    random = np.random.default_rng(seed)
    at_once = max(1, min(samples, 2**22 // units))
    for begin in range(0, samples, at_once):
        size = min(at_once, samples - begin)
        yield random.multinomial(units, np.full(units, 1 / units), size).astype(np.int32)


def estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    """The figure with the percentiles of what it is in the samples."""
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def mean(values: NDArray[np.float64], samples: int = SAMPLES, seed: int = 0) -> Estimate:
    """The mean of at least one value; the values are what is drawn."""
    drawn = [counts @ values / len(values) for counts in draws(len(values), samples, seed)]
    return estimate(float(values.mean()), np.concatenate(drawn))
