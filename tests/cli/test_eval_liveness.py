"""`rostro eval liveness`: rates, what was skipped, and the threshold of a card."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rostro.models.card_toml import parse_card
from tests.support.command_line import assert_one_error, rostro
from tests.support.tiny_liveness import CARD, tiny_liveness


@pytest.fixture
def folders(astronaut: Path, hopper: Path, tmp_path: Path) -> tuple[Path, Path, Path]:
    """Live faces, attacks of two kinds, some of them as the tiny network has them, and the card."""
    live, attacks = tmp_path / "live", tmp_path / "attacks"
    for folder in (live, attacks / "screen", attacks / "print"):
        folder.mkdir(parents=True)
    for name, path in (("a", astronaut), ("h", hopper)):
        photo = np.asarray(Image.open(path).convert("RGB"))
        Image.fromarray(photo).save(live / f"{name}.png")
        Image.fromarray(photo[..., ::-1].copy()).save(attacks / "screen" / f"{name}.png")
    Image.open(astronaut).save(attacks / "print" / "taken_for_live.png")
    Image.new("RGB", (200, 200)).save(attacks / "print" / "nobody.png")
    (live / "notes.txt").write_text("none")
    return live, attacks, tiny_liveness(tmp_path)


@pytest.mark.usefixtures("default_models")
def test_the_command(folders: tuple[Path, Path, Path]) -> None:
    live, attacks, card = folders
    result = rostro("eval", "liveness", live, attacks, "--model", card, "--json", "--samples", 50)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["threshold"], found["threshold_origin"]) == (0.6, "of the card")
    assert found["apcer"]["value"] == 1 and found["bpcer"]["value"] == 0
    assert found["acer"]["value"] == 0.5
    assert found["apcer_by_species"]["print"]["value"] == 1
    assert found["apcer_by_species"]["screen"]["value"] == 0
    assert 0.5 < found["auc"]["value"] < 1
    assert found["attacks"]["print"] == {
        "pictures": 2, "faces": 1, "without_face": 1, "unreadable": 0,
    }  # fmt: skip
    assert "skipped 1 .txt file" in result.stderr
    assert "print: 1 of 2 pictures show no face, 0 could not be read" in result.stderr
    (live / "broken.png").write_bytes(b"none")
    told = rostro("eval", "liveness", live, attacks, "--model", card, "--threshold", "0.99999")
    assert told.exit_code == 1
    assert "live: 0 of 3 pictures show no face, 1 could not be read" in told.stderr
    assert "at the threshold 0.99999 (given):" in told.stdout
    assert "APCER of screen" in told.stdout and "suggested threshold 0." in told.stdout


@pytest.mark.usefixtures("default_models")
def test_the_command_calibrates_a_card(folders: tuple[Path, Path, Path]) -> None:
    live, attacks, card = folders
    (attacks / "print" / "taken_for_live.png").unlink()
    bare = CARD.split("[thresholds")[0]
    card.write_text(bare)
    asked = ("eval", "liveness", live, attacks, "--model", card)
    result = rostro(*asked, "--calibrate", "some photos")
    (attacks / "print" / "nobody.png").unlink()
    assert result.exit_code == 0 and "print: no face at all" in result.stderr
    made = parse_card(f"{bare}\n{result.stdout}", "tiny-live.toml").thresholds["live"]
    assert 0.1 < made.value < 0.9
    assert made.how.startswith(
        "some photos, 2 live faces and 2 attacks of 1 species, found by yunet"
    )
    strict = json.loads(rostro(*asked, "--max-apcer", "0", "--json").stdout)
    assert strict["threshold_origin"] == "suggested" and strict["apcer"]["value"] == 0
    assert strict["threshold"] == strict["suggested"]["threshold"]


def test_the_command_refuses_what_is_not_there(tmp_path: Path) -> None:
    card = tiny_liveness(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    result = rostro("eval", "liveness", empty, empty, "--model", card)
    assert result.exit_code == 1
    assert_one_error(result, "empty: no picture in this folder")
