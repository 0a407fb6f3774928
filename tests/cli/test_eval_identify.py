"""`rostro eval identify` on a few photos: figures, plots, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from rostro.pictures.images import load_image
from tests.support.command_line import assert_refused, rostro

pytestmark = pytest.mark.usefixtures("default_models")


def run(*arguments: object) -> Result:
    return rostro("eval", *arguments, "--threads", 1)


def test_identify_one_folder_and_two(people: Path, tmp_path: Path) -> None:
    result = run("identify", people, "--json", "--samples", 20, "--far", 0.5)
    got = json.loads(result.stdout)
    assert got["rank1"]["value"] == 1
    assert got["points"][0]["dir"]["value"] == 1
    assert (got["templates"], got["enrolled_probes"], got["strangers"]) == (2, 6, 1)

    gallery = tmp_path / "gallery"
    (gallery / "A").mkdir(parents=True)
    (gallery / "A" / "x.jpg").symlink_to(people / "A" / "A_0001.jpg")
    result = run(
        "identify", gallery, "--probes", people, "--samples", 20, "--plot", tmp_path / "dir.png"
    )
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("rank 1                1.0000")
    assert "DIR at FAR 0.01       1.0000" in result.stdout
    assert "templates 1, persons 1, enrolled probes 4, strangers 5" in result.stdout
    assert load_image(tmp_path / "dir.png").shape == (750, 900, 3)


def test_folders_that_will_not_do(people: Path, tmp_path: Path) -> None:
    assert_refused(run("identify", tmp_path), "no photo in it")
    alone = tmp_path / "one" / "A"
    alone.mkdir(parents=True)
    (alone / "a.jpg").symlink_to(people / "A" / "A_0001.jpg")
    assert_refused(run("identify", tmp_path / "one"), "nobody is enrolled")
