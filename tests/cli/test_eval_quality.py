"""`rostro eval quality` on a few photos: figures, files, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.support.command_line import assert_refused, rostro
from tests.support.labelled_folder import list_of_pairs

pytestmark = [pytest.mark.usefixtures("default_models"), pytest.mark.heavy]


def run(*arguments: object) -> Result:
    return rostro("eval", "quality", *arguments, "--threads", 1, "--samples", 20)


def test_curves_of_a_list(people: Path, tmp_path: Path) -> None:
    listed = list_of_pairs(tmp_path / "pairs.txt")
    plot = tmp_path / "curves.svg"
    result = run(
        people, "--pairs", listed, "--json", "--by", "norms", "--by", "-scores", "--plot", plot
    )
    assert result.exit_code == 0, result.stderr
    got = json.loads(result.stdout)
    assert list(got["curves"]) == ["norms", "-scores", "random"]
    assert (got["same"], got["different"], got["without_face"]) == (10, 6, 1)
    assert got["fnmr"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    curve = got["curves"]["norms"]
    assert len(curve["fnmr"]) == len(got["shares"]) == 100 and curve["area"]["value"] == 0
    assert "share of comparisons discarded" in plot.read_text()


def test_damage_of_a_folder(people: Path) -> None:
    result = run(people, "--damage", 2)
    assert result.exit_code == 0, result.stderr
    assert "share discarded 0 to 0.2" in result.stdout
    assert "  scores" in result.stdout and "  random" in result.stdout
    assert "damage {" in result.stdout and "same" in result.stdout


def test_bad_input(people: Path, tmp_path: Path) -> None:
    assert_refused(run(people, "--by", "sharp"), "measure: got 'sharp'", "scores", "norms")
    assert_refused(run(people, "--by", "boxes"), "of 4 numbers a face", "boxes.0")
    assert_refused(run(tmp_path / "none"), "no such folder")
    assert_refused(run(people, "--plot", "x.pdf"), ".png or .svg")
    assert run(people, "--limit", 0).exit_code == 2
    assert run(people, "--damage", -1).exit_code == 2
