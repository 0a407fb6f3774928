"""`rostro eval unrecognizable`: the center that it writes makes a quality."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import rostro as library
from rostro.attributes.quality_network import NetworkQuality, read_center
from tests.support.command_line import assert_refused, rostro
from tests.support.tiny_embedder import tiny_network, write_card


@pytest.fixture
def card(tmp_path: Path) -> Path:
    tiny_network(tmp_path, (112, 112))
    return write_card(tmp_path, more='[quality]\nkind = "recognizability"\ncenter = "center.npz"\n')


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    folder = tmp_path / "hopeless"
    folder.mkdir()
    for number in range(5):
        image = random.integers(60, 120, (40, 30, 3), np.uint8)
        library.save_image(folder / f"{number}.png", image)
    return folder


def test_the_center_of_crops(card: Path, crops: Path, tmp_path: Path) -> None:
    output = tmp_path / "center.npz"
    arguments = ("eval", "unrecognizable", crops, "--crops", "--embedder", card, "-o", output)
    result = rostro(*arguments, "--json", "--engine", "onnxruntime", "--threads", 1)
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["photos"], facts["without_face"], facts["embedder"]) == (5, 0, "tiny")
    assert 0 <= facts["mean_distance"] <= facts["largest_distance"] < 0.1
    center = read_center(output)
    assert center.shape == (12,) and np.linalg.norm(center) == pytest.approx(1, abs=1e-6)
    assert NetworkQuality(card, engine="onnxruntime").kind == "recognizability"
    again = rostro(*arguments)
    assert again.exit_code == 2 and "exists already" in again.stderr


def test_bad_input(crops: Path, tmp_path: Path, card: Path) -> None:
    output = tmp_path / "center.npz"
    run = ("eval", "unrecognizable")
    assert rostro(*run, crops).exit_code == 2
    assert rostro(*run, crops, "-o", tmp_path / "center.txt").exit_code == 2
    assert_refused(rostro(*run, tmp_path / "none", "-o", output), "no such folder")
    (tmp_path / "empty").mkdir()
    assert_refused(
        rostro(*run, tmp_path / "empty", "-o", output, "--crops", "--embedder", card),
        "no face was found on its 0 photos",
    )
    assert not output.exists()
