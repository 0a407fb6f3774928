"""Crops by a card's rule, against OpenCV's."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from rostro.errors import ModelError
from rostro.faces import Faces
from rostro.models.card import Card, CropSettings
from rostro.models.card_toml import card_text, parse_card
from rostro.models.crop import crop_rule
from rostro.types import FloatArray, Image
from tests.support.networks import OWN_CARD
from tests.support.tiny_landmarker import CARD

BOX = (60.0, 40.0, 140.0, 150.0)
EYES = [[80, 90], [120, 70], [105, 100], [90, 120], [125, 110]]


def card(crop: CropSettings, size: tuple[int, int] = (96, 96)) -> Card:
    plain = parse_card(OWN_CARD, "own.toml")
    return replace(
        plain, crop=crop, input=replace(plain.input, channels="bgr", mean=0.0, std=1.0, size=size)
    )


def faces() -> Faces:
    return Faces(np.array([BOX], np.float32), np.ones(1, np.float32), np.array([EYES], np.float32))


def crop(photo: Image, settings: CropSettings, size: tuple[int, int]) -> tuple[Image, FloatArray]:
    rule = crop_rule(card(settings, size))
    tensor, transforms = rule.crop(photo, "bgr", faces().for_core(), 0, 1)
    return tensor[0].transpose(1, 2, 0).astype(np.uint8), transforms[0]


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        (CropSettings(), (45, 40, 155, 150)),
        (CropSettings(shape="width", scale=1.5), (40, 35, 160, 155)),
        (CropSettings(shape="stretch", shift=(0.5, 0.1)), (100, 51, 180, 161)),
        (CropSettings(scale=4.0), (-120, -125, 320, 315)),
    ],
)
def test_a_level_crop_is_the_padded_box_resized(
    photo: Image, settings: CropSettings, region: tuple[int, int, int, int]
) -> None:
    made, _ = crop(photo, settings, (64, 48))
    padded = cv2.copyMakeBorder(photo, 200, 200, 200, 200, cv2.BORDER_CONSTANT)
    x1, y1, x2, y2 = (side + 200 for side in region)
    plain = cv2.resize(padded[y1:y2, x1:x2], (64, 48), interpolation=cv2.INTER_LINEAR)
    difference = np.abs(made.astype(int) - plain)
    assert difference.mean() < 1 and difference.max() <= 3


def test_an_upright_crop_is_the_warp_by_its_transform_and_has_level_eyes(photo: Image) -> None:
    made, transform = crop(photo, CropSettings(scale=1.4, upright=True), (80, 80))
    plain = cv2.warpAffine(
        photo, transform, (80, 80), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    # OpenCV's bilinear weights have 5 bits.
    assert np.abs(made.astype(int) - plain).mean() < 1.5
    back = cv2.invertAffineTransform(transform)
    left, right = (back[:, :2] @ np.array(point) + back[:, 2] for point in EYES[:2])
    assert right[0] > left[0]
    assert right[1] == pytest.approx(left[1], abs=1e-3)
    assert np.hypot(*transform[:, 0]) == pytest.approx(1.4 * 110 / 80)


def test_a_card_says_its_crop_and_only_what_is_one() -> None:
    settings = CropSettings(around="points", shape="mean", scale=2.05, shift=(0.0, -0.12))
    points = parse_card(CARD, "points.toml")
    whole = replace(points, crop=settings)
    assert parse_card(card_text(whole), "points.toml") == whole
    for wrong, key in [("shape = 'round'", "crop.shape"), ("shift = [0]", "crop.shift")]:
        with pytest.raises(ModelError, match=key):
            parse_card(CARD.replace("scale = 1.5", wrong), "points.toml")
    with pytest.raises(ModelError, match="crop: unknown where task is embed"):
        parse_card(f"{OWN_CARD}\n[crop]\nscale = 2.0\n", "own.toml")
    with pytest.raises(ModelError, match="crop"):
        crop_rule(parse_card(OWN_CARD, "own.toml"))
