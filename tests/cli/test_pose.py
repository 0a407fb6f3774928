"""`rostro pose` as scripts and people see it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rostro.pictures.images import load_image
from tests.support.command_line import assert_one_error, rostro

pytestmark = pytest.mark.usefixtures("default_models")


def test_a_table_and_json_of_poses(astronaut: Path) -> None:
    result = rostro("pose", "--threads", "1", astronaut)
    assert result.exit_code == 0
    header, row = result.stdout.splitlines()
    assert header.split() == ["face", "score", "yaw", "pitch", "roll", "+-", "metres", "error", "picture"]  # fmt: skip # noqa: E501
    assert row.split()[-1] == str(astronaut) and len(row.split()) == 9
    (entry,) = json.loads(rostro("pose", "--threads", "1", "--json", astronaut).stdout)
    (face,) = entry["faces"]
    assert np.abs(face["pose"]).max() < 30  # she looks nearly into the camera
    assert 0.2 < face["translation"][2] < 3
    assert set(face["attributes"]) == {"pose_error", "pose_sigma"}
    (farther,) = json.loads(rostro("pose", "--hfov", "30", "--json", astronaut).stdout)
    assert farther["faces"][0]["translation"][2] > 1.5 * face["translation"][2]


def test_axes_are_drawn(tmp_path: Path, astronaut: Path) -> None:
    drawn, boxed = tmp_path / "drawn.png", tmp_path / "boxed.png"
    assert rostro("pose", "-o", drawn, astronaut).exit_code == 0
    assert rostro("detect", "-o", boxed, astronaut).exit_code == 0
    axes = np.abs(load_image(drawn).astype(int) - load_image(boxed)).sum(axis=2) > 0
    assert 0.0005 < axes.mean() < 0.1


def test_wrong_usage(tmp_path: Path, astronaut: Path) -> None:
    missing = rostro("pose", "--model", tmp_path / "none.toml", astronaut)
    assert_one_error(missing, "none.toml")
    both = rostro("pose", "--model", "a", "--landmarks", "b", astronaut)
    assert both.exit_code == 2 and "one of them is wanted" in both.stderr
