"""`rostro landmarks` as scripts and people see it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rostro.pictures.images import load_image
from tests.support.command_line import assert_one_error, rostro
from tests.support.tiny_landmarker import SHARES, tiny_landmarker

pytestmark = pytest.mark.usefixtures("default_models")


def test_a_table_and_json_of_all_points(tmp_path: Path, astronaut: Path) -> None:
    model = tiny_landmarker(tmp_path)
    result = rostro("landmarks", "--model", model, "--threads", "1", astronaut)
    assert result.exit_code == 0
    header, row = result.stdout.splitlines()
    assert header.split()[-3:] == ["certainty", "points", "picture"]
    assert row.split()[-2:] == ["5", str(astronaut)]
    (entry,) = json.loads(
        rostro("landmarks", "--model", model, "--threads", "1", "--json", astronaut).stdout
    )
    assert entry["scheme"] == "five"
    (face,) = entry["faces"]
    x1, y1, x2, y2 = face["box"]
    centre = np.array([(x1 + x2 - 1) / 2, (y1 + y2 - 1) / 2])
    wanted = centre + (SHARES - 0.5) * 1.5 * max(x2 - x1, y2 - y1)
    np.testing.assert_allclose(face["points"], wanted, atol=0.1)
    assert 0 < face["attributes"]["presence"] < 1 and len(face["attributes"]["color"]) == 3


def test_points_are_drawn(tmp_path: Path, astronaut: Path) -> None:
    model = tiny_landmarker(tmp_path)
    drawn = tmp_path / "drawn.png"
    result = rostro("landmarks", "--model", model, "-o", drawn, astronaut)
    assert result.exit_code == 0
    changed = np.abs(load_image(drawn).astype(int) - load_image(astronaut)).sum(axis=2) > 0
    assert 0.001 < changed.mean() < 0.1
    assert_one_error(rostro("landmarks", "--model", tmp_path / "none.toml", astronaut), "none.toml")
