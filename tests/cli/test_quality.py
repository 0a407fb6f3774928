"""`rostro quality` as scripts and people see it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from rostro.pictures.images import load_image, save_image
from tests.support.command_line import rostro
from tests.support.tiny_parts import tiny_parts

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def blurred(tmp_path: Path, astronaut: Path) -> Path:
    path = tmp_path / "blurred.png"
    save_image(path, cv2.GaussianBlur(load_image(astronaut), (0, 0), 6))  # type: ignore[arg-type]
    return path


def test_a_table_with_reasons(astronaut: Path, blurred: Path) -> None:
    result = rostro("quality", "--threads", "1", astronaut, blurred, "--why")
    assert result.exit_code == 0
    header, good, bad, why = result.stdout.splitlines()
    assert header.split() == ["face", "score", "quality", "reasons", "picture"]
    _, _, better, no_reasons, path = good.split()
    assert no_reasons == "-" and path == str(astronaut)
    _, _, worse, reasons, _ = bad.split()
    assert reasons == "blurred" and float(worse) < 0.7 < float(better)
    assert why.strip().startswith("the face is blurred") and "hold still" in why


def test_json_with_all_measures(blurred: Path) -> None:
    (entry,) = json.loads(rostro("quality", "--json", "--for", "enroll", blurred).stdout)
    (face,) = entry["faces"]
    assert "BLURRED" in face["reasons"] and any("blurred" in line for line in face["why"])
    assert 0 <= face["quality"] < 0.7
    assert face["attributes"]["quality.sharpness"] < 10
    assert face["measured"]["sharpness"] < 0.3 and face["measured"]["eyes_open"] is None


def test_what_covers_a_face(tmp_path: Path, astronaut: Path) -> None:
    """By a network that takes green for hands, and the astronaut's mouth painted green."""
    card, hidden = tiny_parts(tmp_path), tmp_path / "hidden.png"
    image = load_image(astronaut)
    image[145:200, 170:280] = (0, 255, 0)
    save_image(hidden, image)
    asked = ("quality", "--for", "enroll", "--attributes", card, "--json")
    (entry,) = json.loads(rostro(*asked, hidden).stdout)
    (face,) = entry["faces"]
    assert "COVERED" in face["reasons"] and any("of the mouth" in line for line in face["why"])
    assert face["measured"]["mouth_visible"] < 0.4 and face["measured"]["eyes_visible"] == 1
    assert set(face["attributes"]["parts"]) == {"face", "hand"}


def test_the_quality_is_drawn(tmp_path: Path, astronaut: Path) -> None:
    drawn, boxed = tmp_path / "drawn.png", tmp_path / "boxed.png"
    assert rostro("quality", "-o", drawn, astronaut).exit_code == 0
    assert rostro("detect", "-o", boxed, astronaut).exit_code == 0
    assert (load_image(drawn) != load_image(boxed)).any()


@pytest.mark.parametrize("command", ["quality", "pose", "landmarks"])
def test_a_picture_on_its_side(tmp_path: Path, astronaut: Path, command: str) -> None:
    lying = tmp_path / "lying.png"
    save_image(lying, np.ascontiguousarray(np.rot90(load_image(astronaut))))
    (entry,) = json.loads(rostro(command, "--turn", "always", "--json", lying).stdout)
    (wanted,) = json.loads(rostro(command, "--json", astronaut).stdout)
    (face,), (upright,) = entry["faces"], wanted["faces"]
    assert face["attributes"]["turn"] == 90
    width = load_image(astronaut).shape[1]
    x1, y1, x2, y2 = upright["box"]
    assert face["box"] == pytest.approx([y1, width - 1 - x2, y2, width - 1 - x1], abs=2)
    if command == "quality":
        assert face["quality"] == pytest.approx(upright["quality"], abs=0.02)
    if command == "pose":  # of the head in the picture as it lies
        assert face["pose"][2] == pytest.approx(upright["pose"][2] - 90, abs=4)
