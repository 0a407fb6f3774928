"""Thresholds for rates of false matches."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.errors import EvaluationError
from rostro.evaluate.calibration import CALIBRATED, calibrate, card_text
from rostro.evaluate.verification import (
    Comparisons,
)
from rostro.models.card_toml import parse_card
from tests.support.embeddings import compared
from tests.support.networks import OWN_CARD


def test_thresholds_keep_to_their_rates_and_no_more() -> None:
    random = np.random.default_rng(5)
    scores = np.concatenate([random.normal(0, 0.1, 400_000), [0.9] * 10]).astype(np.float32)
    same = scores == np.float32(0.9)
    units = np.zeros(len(scores), np.int32)
    thresholds = calibrate(Comparisons(scores, same, units, units))
    assert set(thresholds) == set(CALIBRATED)
    for name, (value, pairs) in thresholds.items():
        assert pairs == 400_000
        assert (scores[~same] >= value).mean() <= CALIBRATED[name]
        assert (scores[~same] >= value - 1e-4).mean() >= CALIBRATED[name]
    facts = {"detector": "d", "storage": "int8", "flip": True, "photos": 7}
    text = OWN_CARD[: OWN_CARD.index("[thresholds")] + card_text(thresholds, 'my "set"', facts)
    card = parse_card(text, "test")
    strict = card.thresholds["cosine_strict"]
    assert (strict.value, strict.pairs) == thresholds["cosine_strict"]
    assert strict.fmr == 1e-4
    assert 'my "set", 7 photos' in strict.how and "with flip" in strict.how


def test_too_few_pairs_calibrate_nothing() -> None:
    with pytest.raises(EvaluationError, match="300000 or more"):
        calibrate(compared())
