"""Cards of embedders that are wrong, or another network's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, EngineError, ModelError
from rostro.faces import Faces
from rostro.types import Image
from tests.support.tiny_embedder import ARCFACE, a_face, tiny_network, write_card


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"template": "arcfase"}, 'template: got "arcfase"; one of "arcface", "ffhq"'),
        ({"std": 0.0}, "input.std: got 0.0; a number from"),
        ({"size": (9000, 112)}, "input.size[0]: got 9000; a number from"),
        ({"dim": 0}, "embed.dim: got 0; a number from 1"),
        ({"more": "flip = 1"}, "embed.flip: got 1; true or false"),
        ({"more": "landmarks = true"}, "embed.landmarks: got True; text"),
        ({"template": [[0.3, 0.4]]}, "embed.template: got [[0.3, 0.4]]; a list of 5"),
        ({"template": [[0.3]] * 5}, "embed.template[0]: got [0.3]; a list of 2"),
        ({"template": [[40, 50]] * 5}, "embed.template[0][0]: got 40.0; a number from -1 to 2"),
        ({"template": [[0.5, 0.5]] * 5}, "template: got five points in one place"),
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


def test_five_points_of_a_card_are_a_crop_template(photo: Image, tmp_path: Path) -> None:
    """Those of ArcFace, in shares of the crop, are ArcFace; of another size they are scaled."""
    tiny_network(tmp_path, (112, 112))
    named = rostro.Embedder(write_card(tmp_path), threads=1)
    shares = (ARCFACE / 112).tolist()
    own = rostro.Embedder(write_card(tmp_path, template=shares), threads=1)
    assert (named.template, own.template) == ("arcface", "own")
    faces = a_face(photo)
    crops, same = own.crops(photo, faces), named.crops(photo, faces)
    assert np.abs(crops.astype(int) - same).max() <= 1
    tiny_network(tmp_path, (96, 64))
    card = write_card(tmp_path, template=shares, size=(96, 64))
    assert faces.landmarks is not None
    to = np.array(shares, np.float32) * np.array([96, 64], np.float32)
    matrix = rostro.kernels.estimate_similarity(faces.landmarks[0], to)
    want = cv2.warpAffine(photo, matrix, (96, 64))
    got = rostro.Embedder(card, threads=1).crops(photo, faces)[0]
    assert np.abs(got.astype(int) - want).mean() < 1


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
