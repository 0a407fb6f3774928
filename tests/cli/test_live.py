"""`--live`: a face that is not live is not matched, and the answer and the exit status say so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.command_line import assert_one_error, rostro
from tests.support.shared_cards import place
from tests.support.tiny_liveness import CARD, tiny_liveness

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture(scope="module")
def blue(astronaut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The astronaut's photo with red and blue swapped: an attack to the tiny network."""
    path = tmp_path_factory.mktemp("blue") / "blue.png"
    Image.fromarray(np.asarray(Image.open(astronaut))[..., ::-1].copy()).save(path)
    return path


def test_verify_refuses_what_is_not_live(astronaut: Path, blue: Path, tmp_path: Path) -> None:
    live = tiny_liveness(tmp_path)
    assert rostro("verify", astronaut, blue).exit_code == 0
    same = rostro("verify", astronaut, astronaut, "--live", live)
    assert same.exit_code == 0 and same.stdout.startswith("same person: ")
    refused = rostro("verify", astronaut, blue, "--live", live)
    assert refused.exit_code == 4
    assert refused.stdout.startswith(f"refused: {blue}: not live (0.")
    assert refused.stdout.endswith("; at least 0.60 is wanted)\n")
    assert refused.stdout.count("\n") == 1 and "same" not in refused.stdout
    document = json.loads(rostro("verify", blue, astronaut, "--live", live, "--json").stdout)
    assert document["same"] is None and document["similarity"] is None
    assert document["live"][0] < 0.6 < document["live"][1]
    assert document["refused"][0].startswith(f"{blue}: not live (0.")
    assert document["refused"][1] is None
    allowed = ("--live", live, "--live-threshold", "0", "--json")
    passed = rostro("verify", astronaut, blue, *allowed)
    document = json.loads(passed.stdout)
    assert passed.exit_code == 0 and document["same"] is True
    assert document["refused"] == [None, None]
    assert "live" not in json.loads(rostro("verify", astronaut, blue, "--json").stdout)


def test_identify_names_nobody_who_is_not_live(astronaut: Path, blue: Path, tmp_path: Path) -> None:
    live, gallery = tiny_liveness(tmp_path), tmp_path / "people.rostro"
    assert rostro("enroll", "--name", "eileen", astronaut, "--gallery", gallery).exit_code == 0
    assert "eileen" in rostro("identify", blue, "--gallery", gallery).stdout
    asked = ("identify", astronaut, blue, "--gallery", gallery, "--live", live)
    refused = rostro(*asked)
    assert refused.exit_code == 4
    first, second = refused.stdout.splitlines()
    assert "eileen (" in first
    assert "not live (0." in second and "eileen" not in second
    first, second = (
        picture["faces"][0] for picture in json.loads(rostro(*asked, "--json").stdout)["pictures"]
    )
    assert first["name"] == "eileen" and first["refused"] is None and first["live"] > 0.6
    assert second["name"] is None and second["similarity"] is None and second["live"] < 0.6
    assert second["refused"].startswith("not live (0.")
    well = rostro("identify", astronaut, "--gallery", gallery, "--live", live)
    assert well.exit_code == 0
    lost = rostro("identify", blue, tmp_path / "none.png", "--gallery", gallery, "--live", live)
    assert lost.exit_code == 1


def test_without_a_threshold_or_a_model_it_is_refused(astronaut: Path, tmp_path: Path) -> None:
    live = tiny_liveness(tmp_path, CARD.split("[thresholds")[0])
    result = rostro("verify", astronaut, astronaut, "--live", live)
    assert result.exit_code == 3
    assert_one_error(result, "tiny-live: its card gives no threshold 'live'; use --live-threshold")
    result = rostro("verify", astronaut, astronaut, "--live-threshold", "0.5")
    assert result.exit_code == 2 and "--live-threshold is for --live MODEL" in result.stderr
    result = rostro("verify", astronaut, astronaut, "--live", tmp_path / "none.toml")
    assert result.exit_code == 3
    assert_one_error(result, "none.toml")


@pytest.mark.heavy
def test_a_real_network_lets_a_photo_of_a_person_pass(astronaut: Path, tmp_path: Path) -> None:
    live = place("antispoof_128", "onnxruntime", tmp_path)
    passed = rostro("verify", astronaut, astronaut, "--live", live, "--json")
    assert passed.exit_code == 0 and json.loads(passed.stdout)["live"][0] > 0.5
