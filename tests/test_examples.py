"""Every program in examples/ runs, and finds what is there."""

from __future__ import annotations

import runpy
import shutil
import sys
from pathlib import Path

import pytest

import rostro as library
from rostro import models
from rostro.samples import ASTRONAUT, GRACE_HOPPER
from tests.support.movies import write_movie
from tests.support.tiny_embedder import tiny_network, write_card

EXAMPLES = Path(__file__).parents[1] / "examples"

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "astronaut.jpg", tmp_path / "officer.jpg"
    for photo, path in zip((ASTRONAUT, GRACE_HOPPER), paths, strict=True):
        shutil.copy(photo.fetch(), path)
    return paths


def run(
    name: str,
    *arguments: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out


def test_examples(
    pictures: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one, other = pictures

    def shown(name: str, *arguments: object) -> str:
        seen.add(name)
        return run(name, *arguments, monkeypatch=monkeypatch, capsys=capsys)

    seen: set[str] = set()
    drawn = tmp_path / "drawn.png"
    assert shown("detect_and_draw.py", one, drawn).startswith("box [17")
    assert drawn.stat().st_size > 10_000
    assert "the person, 1.00" in shown("recognize.py", one, one)
    assert "somebody unknown" in shown("recognize.py", one, other)
    assert "'brightness': " in shown("own_stage.py", one)
    movie = write_movie(tmp_path / "movie.mkv", [library.load_image(one)[:400, 60:460]] * 8)
    assert "face 1 appeared" in shown("follow_video.py", movie)
    movie.unlink()
    network = models.resolve(models.DEFAULTS["detect"]).files["onnx"]
    assert "'score': 0.9" in shown("own_network.py", one, network)
    for frame in shown("frames.py", tmp_path).splitlines():
        assert ": 1 faces in " in frame
    (tmp_path / "notes.txt").write_text("no picture")
    left_out, *found = shown("search_folder.py", one, tmp_path).splitlines()
    assert "notes.txt" in left_out
    assert [line.split()[1] for line in found] == ["astronaut.jpg", "drawn.png", "officer.jpg"]
    folder = tmp_path / "people"
    folder.mkdir()
    for picture in (one, other):
        shutil.copy(picture, folder)
    tiny_network(tmp_path, (112, 112))
    low = write_card(tmp_path)
    branched = shown("branch_by_quality.py", folder, one, low)
    assert branched.startswith("good face at [17") and "astronaut 1.00" in branched
    assert seen == {path.name for path in EXAMPLES.glob("*.py")}
