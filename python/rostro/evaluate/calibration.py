"""Thresholds for a model card, at false match rates measured on pairs of different persons."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rostro import _core
from rostro.errors import EvaluationError
from rostro.evaluate.verification import Comparisons
from rostro.models.card import Threshold
from rostro.models.card_toml import thresholds_text

__all__ = ["CALIBRATED", "calibrate", "card_text"]

CALIBRATED = {"cosine": 1e-3, "cosine_strict": 1e-4}
"""The card's thresholds by name, and the false match rate of each."""

# With 30 errors a rate is within 30 % of the true one with 90 % confidence (Doddington et al., "The
# NIST speaker recognition evaluation", 2000, section 5, the rule of 30).
_LEAST_ERRORS = 30
_DECIMALS = 4


def calibrate(comparisons: Comparisons) -> dict[str, tuple[float, int]]:
    """The lowest threshold that keeps to each rate of `CALIBRATED`, rounded up to 4 decimals.

    Pairs with a photo without a face do not count.

    Returns:
        By name, the threshold and the number of pairs of different persons it was measured on.

    Raises:
        EvaluationError: too few such pairs for 30 false matches at the lowest rate.
    """
    scores = comparisons.scores[~comparisons.same]
    scores = np.sort(scores[np.isfinite(scores)])[::-1]
    pairs = len(scores)
    lowest = min(CALIBRATED.values())
    if pairs * lowest < _LEAST_ERRORS:
        raise EvaluationError(
            f"{pairs} pairs of different persons; {math.ceil(_LEAST_ERRORS / lowest)} or more are "
            f"wanted to measure a false match rate of {lowest:g}"
        )
    unit = 10**_DECIMALS
    found = {}
    for name, fmr in CALIBRATED.items():
        # The first score that may not be accepted any more: the threshold is above it.
        refused = float(scores[math.floor(pairs * fmr)])
        found[name] = ((math.floor(refused * unit) + 1) / unit, pairs)
    return found


def card_text(
    thresholds: Mapping[str, tuple[float, int]], data: str, facts: Mapping[str, Any]
) -> str:
    """The tables of a card in TOML.

    Args:
        thresholds: as `calibrate` gives them.
        data: what the photos are called.
        facts: ``detector``, ``storage``, ``flip`` (bool), ``photos``; ``refine`` where faces were
            aligned by the points of a landmark network, its name.
    """
    flip = "with" if facts["flip"] else "without"
    aligned = f", aligned by {facts['refine']}" if facts.get("refine") else ""
    how = (
        f"{data}, {facts['photos']} photos, faces by {facts['detector']}{aligned}, "
        f"{facts['storage']} templates, {flip} flip, rostro {_core.__version__}, "
        f"{datetime.date.today()}"
    )
    found = {
        name: Threshold(value, how, CALIBRATED[name], pairs)
        for name, (value, pairs) in thresholds.items()
    }
    return thresholds_text(found, facts.get("refine"))
