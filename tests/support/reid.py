"""The optional card ``omz-reid-0095``, made of the ONNX file of it in the test networks.

Its publisher's .xml is not among them: one that says the same in other words stands for it, with a
card that knows its hash. The weights are the publisher's, byte by byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rostro import models
from rostro.models import Model, builtin_card
from rostro.models.card import Card
from tests.support.openvino_writer import ir_of_onnx

NAME, FILE = "omz-reid-0095", "face-reidentification-retail-0095"
SHARED = "face_reidentification_retail_0095_f16"


def write_files(networks: Path, folder: Path) -> None:
    """Both files, of the ONNX file in the folder ``networks``."""
    ir_of_onnx(networks / f"{SHARED}.onnx", half=True).save(folder, FILE)


def known_card(folder: Path) -> Card:
    """The built-in card with the hash of the layers that `write_files` has written there."""
    card, layers = builtin_card(NAME), (folder / f"{FILE}.xml").read_bytes()
    xml, weights = card.files
    known = replace(xml, sha384=hashlib.sha384(layers).hexdigest(), size=len(layers))
    return replace(card, files=(known, weights))


@contextmanager
def reid_installed(card: Card, folder: Path, int8: bool | None = None) -> Iterator[Model]:
    """The model in the cache; meanwhile ``card`` is the built-in one."""
    cards = {name: builtin_card(name) for name in models.cards()} | {NAME: card}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "_builtin_card", lambda name: cards[name])
        yield models.install(NAME, source=folder, int8=int8)
