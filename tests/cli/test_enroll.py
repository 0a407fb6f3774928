"""`rostro enroll`: whose pictures are whose, what is refused, and who is left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.support.command_line import rostro

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def people(astronaut: Path, hopper: Path, tmp_path: Path) -> Path:
    """people/ada/2023/1.png and people/bob/2023/1.jpg."""
    folder = tmp_path / "people"
    for name, photo in (("ada", astronaut), ("bob", hopper)):
        (folder / name / "2023").mkdir(parents=True)
        shutil.copy(photo, folder / name / "2023" / f"1{photo.suffix}")
    return folder


def counts(gallery: Path) -> dict[str, int]:
    listed: dict[str, int] = json.loads(rostro("gallery", "list", "--json", gallery).stdout)
    return listed


def test_the_first_level_is_the_person(people: Path, tmp_path: Path) -> None:
    gallery = tmp_path / "people.rostro"
    result = rostro("enroll", people, "--gallery", gallery)
    assert (result.exit_code, result.stderr) == (0, "")
    assert counts(gallery) == {"ada": 1, "bob": 1}


def test_hidden_and_system_folders_are_nobody(
    people: Path, astronaut: Path, tmp_path: Path
) -> None:
    for folder in (".thumbnails", "@eaDir", "#recycle", "__MACOSX", "ada/@eaDir", "bob/.cache"):
        (people / folder).mkdir()
        shutil.copy(astronaut, people / folder / "a.png")
    gallery = tmp_path / "people.rostro"
    result = rostro("enroll", people, "--gallery", gallery)
    assert result.exit_code == 0
    assert counts(gallery) == {"ada": 1, "bob": 1}
    assert result.stderr.splitlines() == [
        f"rostro: {people}: skipped 4 hidden or system folders",
        f"rostro: {people / 'ada'}: skipped 1 hidden or system folder",
        f"rostro: {people / 'bob'}: skipped 1 hidden or system folder",
    ]


def test_loose_pictures_are_refused(people: Path, astronaut: Path, tmp_path: Path) -> None:
    shutil.copy(astronaut, people / "loose.png")
    gallery = tmp_path / "people.rostro"
    result = rostro("enroll", people, "--gallery", gallery)
    assert result.exit_code == 1
    assert "loose.png: refused: in no folder of a person" in result.stderr
    assert "--name" in result.stderr
    assert counts(gallery) == {"ada": 1, "bob": 1}


def test_pictures_alone_need_a_name(people: Path, astronaut: Path, tmp_path: Path) -> None:
    gallery = tmp_path / "people.rostro"
    for path in (people / "ada" / "2023", astronaut):
        result = rostro("enroll", path, "--gallery", gallery)
        assert result.exit_code == 1
        assert "refused: in no folder of a person" in result.stderr
        assert result.stderr.count("\n") == 1
    assert not gallery.exists()
    named = rostro("enroll", people / "ada", astronaut, "--name", "Ada", "--gallery", gallery)
    assert named.exit_code == 0
    assert list(counts(gallery)) == ["Ada"]


def test_whoever_is_left_is_named(people: Path, tmp_path: Path) -> None:
    (people / "carla").mkdir()
    (people / "carla" / "a.heic").write_bytes(b"no")
    (people / "dora").mkdir()
    (people / "dora" / "notes.txt").write_text("no picture")
    Image.new("RGB", (200, 200)).save(people / "bob" / "black.png")
    gallery = tmp_path / "people.rostro"
    result = rostro("enroll", people, "--gallery", gallery)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines[0] == f"rostro: {people / 'dora'}: skipped 1 .txt file"
    assert "black.png: refused: no face found" in lines[1]
    assert "a.heic: not a picture" in lines[2]
    assert lines[3:] == ["rostro: error: no template of: carla, dora"]
    assert "2 templates of 2 people added" in result.stdout


def test_nobody_at_all(tmp_path: Path) -> None:
    (tmp_path / "people" / "ada").mkdir(parents=True)
    result = rostro("enroll", tmp_path / "people", "--gallery", tmp_path / "people.rostro")
    assert result.exit_code == 1
    assert "no folder of a person with a picture in it" in result.stderr
    missing = rostro("enroll", tmp_path / "none", "--gallery", tmp_path / "people.rostro")
    assert missing.exit_code == 1
    assert "no such folder" in missing.stderr
    assert not (tmp_path / "people.rostro").exists()


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name(name: str, astronaut: Path, tmp_path: Path) -> None:
    result = rostro("enroll", astronaut, "--name", name, "--gallery", tmp_path / "people.rostro")
    assert result.exit_code == 2
    assert "the name of a person is wanted" in result.stderr
