"""`rostro verify`: same person, different persons, or no decision."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.command_line import assert_one_error, rostro
from tests.support.shared import shared_data

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture(scope="module")
def altered(astronaut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The astronaut's photo mirrored, of half the size and darker."""
    path = tmp_path_factory.mktemp("altered") / "altered.png"
    Image.fromarray(np.asarray(Image.open(astronaut))[::2, ::-2] // 2).save(path)
    return path


def test_verify_same_and_different(astronaut: Path, altered: Path, hopper: Path) -> None:
    same = rostro("verify", astronaut, altered)
    assert same.exit_code == 0
    assert same.stdout.startswith("same person: similarity 0.")
    assert "threshold 0.362 (of sface-2021dec)" in same.stdout
    different = rostro("verify", astronaut, hopper)
    assert different.exit_code == 1
    assert different.stdout.startswith("different persons: similarity ")
    assert different.stderr == ""


def test_verify_threshold_and_json(astronaut: Path, altered: Path) -> None:
    result = rostro("verify", "--json", "--threshold", "0.999", astronaut, altered)
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["same"] is False
    assert 0.362 < document["similarity"] < 0.999
    assert (document["threshold"], document["threshold_origin"]) == (0.999, "given")


def test_verify_takes_the_largest_face(astronaut: Path, hopper: Path, tmp_path: Path) -> None:
    two = Image.new("RGB", (1024, 600))
    two.paste(Image.open(astronaut).resize((400, 400)), (0, 0))
    two.paste(Image.open(hopper), (500, 0))
    two.save(tmp_path / "two.png")
    result = rostro("verify", hopper, tmp_path / "two.png")
    assert result.exit_code == 0
    assert "2 faces, the largest is compared" in result.stderr


def test_verify_cannot_decide(astronaut: Path, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "black.png")
    for other, cause in (("black.png", "no face found"), ("none.png", "no such file")):
        result = rostro("verify", astronaut, tmp_path / other)
        assert result.exit_code == 3
        assert_one_error(result, other, cause)
        assert result.stdout == ""


@pytest.mark.parametrize("error", [MemoryError(), OSError(5, "Input/output error")])
def test_verify_never_takes_a_failure_for_a_decision(
    error: Exception, astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr("rostro.cli.verify.open_pipeline", fail)
    result = rostro("verify", astronaut, astronaut)
    assert result.exit_code == 3
    assert_one_error(result)


def test_verify_never_takes_a_bug_for_a_decision(
    astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("rostro.cli.verify.open_pipeline", fail)
    result = rostro("verify", astronaut, astronaut)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr and "a bug" in result.stderr


def test_verify_on_lfw() -> None:
    lfw = shared_data("lfw")
    lines = (lfw / "pairsDevTest.txt").read_text().splitlines()

    def photo(name: str, number: str) -> Path:
        return lfw / "images" / name / f"{name}_{int(number):04}.jpg"

    wrong = 0
    for line in lines[1:501:50]:
        name, i, j = line.split()
        wrong += rostro("verify", photo(name, i), photo(name, j)).exit_code != 0
    for line in lines[501::50]:
        name, i, other, j = line.split()
        wrong += rostro("verify", photo(name, i), photo(other, j)).exit_code != 1
    assert wrong <= 1, f"{wrong} of 20 pairs"
