"""Cards of embedders that are wrong, or another network's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, EngineError, ModelError
from rostro.faces import Faces
from rostro.types import Image
from tests.support.tiny_embedder import a_face, tiny_network, write_card


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"template": "arcfase"}, 'template: got "arcfase"; one of "arcface", "ffhq"'),
        ({"std": 0.0}, "input.std: got 0.0; a number from"),
        ({"size": (9000, 112)}, "input.size[0]: got 9000; a number from"),
        ({"dim": 0}, "embed.dim: got 0; a number from 1"),
        ({"more": "flip = 1"}, "embed.flip: got 1; true or false"),
        ({"more": "landmarks = true"}, "embed.landmarks: got True; text"),
        ({"template": "box", "more": 'landmarks = "points"'}, "landmarks: got"),
    ],
)
def test_nonsense_in_a_card_is_one_error(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    # Without the network: what is wrong with the card alone needs none.
    with pytest.raises(ModelError, match="tiny") as caught:
        rostro.Embedder(write_card(tmp_path, **options))  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_network_that_is_not_its_cards(photo: Image, tmp_path: Path) -> None:
    tiny_network(tmp_path, (112, 112))
    wrong = rostro.Embedder(write_card(tmp_path, dim=512), threads=1)
    with pytest.raises(ModelError, match=r"tiny: gave \(1, 12\).*\(1, 512\) are wanted"):
        wrong(photo, a_face(photo))
    with pytest.raises(ModelError, match="and points, is wanted; it has x"):
        rostro.Embedder(write_card(tmp_path, more='landmarks = "points"'))
    flat = rostro.Embedder(write_card(tmp_path), threads=1)
    black = np.zeros((1, 112, 112, 3), np.uint8)
    with pytest.raises(EngineError, match="norm 0"):
        rostro.Embedder(write_card(tmp_path, mean=0.0), threads=1).embed_crops(black)
    no_points = Faces(np.zeros((1, 4), np.float32), np.ones(1, np.float32), None)
    with pytest.raises(ArgumentError, match="without landmarks"):
        flat(photo, no_points)
