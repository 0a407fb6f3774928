"""The card of a quantised network."""

from __future__ import annotations

import dataclasses

from rostro import models
from rostro.models.card import Quantization
from rostro.models.card_reader import parse_card
from rostro.quantization.card_text import card_text
from tests.support.shared_cards import DETECTORS, EMBEDDERS


def test_a_written_card_is_read_as_it_was() -> None:
    figures = (("size, MB", 3.2, 1.5), ("landmark error, px", None, 0.25))
    made = Quantization("a", "ncnn", "int8", 'with "quotes"', ("conv_1",), (), figures)
    cards = [
        *DETECTORS.values(),
        *EMBEDDERS.values(),
        *(models.builtin_card(name) for name in models.cards()),
    ]
    for card in cards:
        files = tuple(dataclasses.replace(file, sources=()) for file in card.files)
        whole = dataclasses.replace(
            card, files=files, engines={}, ncnn_shapes=(), quantization=made
        )
        assert parse_card(card_text(whole), "card") == whole
