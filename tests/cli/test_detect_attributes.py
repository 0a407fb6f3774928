"""`rostro detect --attributes` as scripts and people see it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rostro.pictures.images import load_image
from tests.attributes.test_attributes import two_inputs
from tests.support.command_line import assert_one_error, rostro
from tests.support.tiny_attributes import tiny_attributes

pytestmark = pytest.mark.usefixtures("default_models")


def test_what_models_say_is_printed_below_each_face(tmp_path: Path, astronaut: Path) -> None:
    card = tiny_attributes(tmp_path)
    result = rostro("detect", "--attributes", card, "--threads", "1", astronaut)
    _, row, words = result.stdout.splitlines()
    assert row.endswith(str(astronaut))
    assert words.startswith("      red 0.") and "colorful green blue" in words
    assert "age 1" in words and "mood " in words and "parts" not in words


def test_json_has_all_numbers_labels_and_the_shares_of_masks(
    tmp_path: Path, astronaut: Path
) -> None:
    cards = [tiny_attributes(tmp_path), two_inputs(tmp_path)]  # the latter takes poses
    options = [each for card in cards for each in ("--attributes", card)]
    result = rostro("detect", *options, "--threads", "1", "--json", astronaut)
    ((face,),) = [entry["faces"] for entry in json.loads(result.stdout)]
    assert face["labels"]["color"] == "red"
    attributes = face["attributes"]
    assert sum(attributes["color"]) == pytest.approx(1, abs=1e-3)
    assert sum(attributes["parts"].values()) == pytest.approx(1, abs=1e-3)
    assert attributes["parts"].keys() <= {"red", "green", "blue"}
    pitch, yaw, _ = attributes["angles"]
    np.testing.assert_allclose([yaw, -pitch], face["pose"][:2], atol=6)


def test_what_models_say_is_drawn(tmp_path: Path, astronaut: Path) -> None:
    plain, drawn = tmp_path / "plain.png", tmp_path / "drawn.png"
    rostro("detect", "-o", plain, "--threads", "1", astronaut)
    card = tiny_attributes(tmp_path)
    rostro("detect", "-o", drawn, "--attributes", card, "--threads", "1", astronaut)
    changed = (load_image(plain) != load_image(drawn)).any(axis=2)
    assert 0.005 < changed.mean() < 0.2


def test_a_model_that_says_nothing_of_faces_is_one_error(astronaut: Path) -> None:
    result = rostro("detect", "--attributes", "yunet-2023mar", astronaut)
    assert result.exit_code == 1
    assert_one_error(result, "yunet-2023mar")
