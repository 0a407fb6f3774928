"""`rostro enroll`, `identify` and `gallery`, on photos of people."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import rostro as library
from rostro.samples import ASTRONAUT, GRACE_HOPPER
from tests.support.command_line import rostro
from tests.support.shared import shared_data

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two folders of people, and a picture in one of them that shows nobody."""
    folder = tmp_path / "photos"
    for name, photo in (("astronaut", ASTRONAUT), ("grace hopper", GRACE_HOPPER)):
        (folder / name).mkdir(parents=True)
        shutil.copy(photo.fetch(), folder / name)
    Image.new("RGB", (200, 200)).save(folder / "astronaut" / "black.png")
    return folder


@pytest.fixture
def gallery(photos: Path, tmp_path: Path) -> Path:
    path = tmp_path / "people.rostro"
    (photos / "astronaut" / "black.png").unlink()
    assert rostro("enroll", photos, "--gallery", path).exit_code == 0
    return path


def test_enroll_a_folder_for_each_person(photos: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    result = rostro("enroll", photos, "--gallery", path)
    assert result.exit_code == 1
    assert "black.png: refused: no face found" in result.stderr
    assert "2 templates of 2 people added, 2 in all" in result.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listed = rostro("gallery", "list", path)
    assert listed.stdout.split("\n") == ["     1  astronaut", "     1  grace hopper", ""]
    assert json.loads(rostro("gallery", "list", "--json", path).stdout)["astronaut"] == 1
    shown = json.loads(rostro("gallery", "show", path).stdout)
    assert shown["people"] == 2 and shown["dim"] == 128
    assert shown["embedders"][0].startswith("sface-2021dec (version ")


def test_several_faces_are_refused(tmp_path: Path) -> None:
    two = Image.new("RGB", (1024, 600))
    two.paste(Image.open(ASTRONAUT.fetch()).resize((400, 400)), (0, 0))
    two.paste(Image.open(GRACE_HOPPER.fetch()), (500, 0))
    two.save(tmp_path / "two.png")
    options = (tmp_path / "two.png", "--gallery", tmp_path / "people.rostro", "--name", "grace")
    result = rostro("enroll", *options)
    assert result.exit_code == 1
    assert "two.png: refused: 2 faces; --largest takes the largest" in result.stderr
    assert rostro("enroll", "--largest", *options).exit_code == 0
    found = rostro("identify", GRACE_HOPPER.fetch(), "--gallery", tmp_path / "people.rostro")
    assert ": grace (0." in found.stdout


def test_identify(gallery: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.png"
    Image.fromarray(np.asarray(Image.open(ASTRONAUT.fetch()))[::2, ::-2] // 2).save(altered)
    result = rostro("identify", altered, "--gallery", gallery)
    assert result.exit_code == 0
    assert "face at " in result.stdout and ": astronaut (0." in result.stdout
    result = rostro("identify", "--json", "--threshold", "0.99", altered, "--gallery", gallery)
    document = json.loads(result.stdout)
    assert document["threshold"] == 0.99
    (face,) = document["pictures"][0]["faces"]
    assert face["name"] is None and len(face["box"]) == 4
    missing = rostro("identify", tmp_path / "none.png", "--gallery", gallery)
    assert missing.exit_code == 1 and "no such file" in missing.stderr


def test_rename_remove_forget_show(gallery: Path) -> None:
    assert rostro("gallery", "rename", gallery, "astronaut", "Eileen Collins").exit_code == 0
    shown = json.loads(rostro("gallery", "show", gallery, "Eileen Collins").stdout)
    assert shown == {"name": "Eileen Collins", "templates": 1, "metadata": {}}
    assert rostro("gallery", "forget", gallery, "Eileen Collins").exit_code == 0
    assert b"Collins" not in gallery.read_bytes()
    assert rostro("gallery", "remove", gallery, "grace hopper").exit_code == 0
    assert rostro("gallery", "list", gallery).stdout == ""
    nobody = rostro("gallery", "remove", gallery, "grace hopper")
    assert nobody.exit_code == 1
    assert nobody.stderr.startswith("rostro: error: 'grace hopper': nobody of this name")


def test_export_import_check(gallery: Path, tmp_path: Path) -> None:
    export, other = tmp_path / "out.npz", tmp_path / "other.rostro"
    assert "2 templates of 2 people" in rostro("gallery", "export", gallery, export).stdout
    assert "2 people in all" in rostro("gallery", "import", other, export).stdout
    assert rostro("gallery", "show", other).stdout == rostro("gallery", "show", gallery).stdout
    assert rostro("gallery", "check", other).stdout == f"{other}: whole\n"

    with library.Gallery.open(gallery) as people:
        codes = people._session.content.snapshot.chunks[0].visible.codes[0].tobytes()
    damaged = bytearray(gallery.read_bytes())
    damaged[damaged.find(codes[:16])] ^= 1
    gallery.write_bytes(damaged)
    check = rostro("gallery", "check", gallery)
    assert check.exit_code == 1
    assert "damaged: 1 of 2 templates" in check.stderr
    again = rostro("gallery", "export", gallery, export)
    assert again.exit_code == 2 and "exists already; --overwrite replaces" in again.stderr
    failed = rostro("gallery", "export", "--overwrite", gallery, export)
    assert "--salvage" in failed.stderr
    saved = rostro("gallery", "export", "--salvage", "--overwrite", gallery, export)
    assert saved.exit_code == 0 and "1 templates" in saved.stdout


def test_an_encrypted_gallery(photos: Path, tmp_path: Path) -> None:
    path, key, wrong = (tmp_path / name for name in ("people.rostro", "key", "wrong"))
    key.write_bytes(os.urandom(32))
    wrong.write_bytes(os.urandom(31))
    hopper = ("--name", "grace hopper", photos / "grace hopper")
    assert rostro("enroll", *hopper, "--gallery", path, "--key-file", key).exit_code == 0
    assert "grace hopper" in rostro("gallery", "list", path, "--key-file", key).stdout
    assert "is encrypted; open it with its key" in rostro("gallery", "list", path).stderr
    result = rostro("gallery", "list", path, "--key-file", wrong)
    assert result.exit_code == 1 and "31 bytes" in result.stderr


def test_people_of_lfw(tmp_path: Path) -> None:
    """Enrolled with one photo each, people are known on another one, and strangers are not."""
    images = shared_data("lfw") / "images"
    several = [folder for folder in sorted(images.iterdir()) if len(list(folder.iterdir())) > 1]
    known, strangers = several[:60:3], several[1:60:3]
    asked = tmp_path / "asked"
    asked.mkdir()
    for folder in known:
        first, second, *_ = sorted(folder.iterdir())
        target = tmp_path / "people" / folder.name
        target.mkdir(parents=True)
        shutil.copy(first, target)
        shutil.copy(second, asked / f"{folder.name}.jpg")
    for folder in strangers:
        shutil.copy(min(folder.iterdir()), asked / f"{folder.name}.jpg")
    path = tmp_path / "people.rostro"
    options = ("--gallery", path, "--threads", "1")
    rostro("enroll", "--largest", "--force", tmp_path / "people", *options)
    result = rostro("identify", "--json", asked, *options)
    assert result.exit_code == 0
    right = 0
    for picture in json.loads(result.stdout)["pictures"]:
        name = Path(picture["file"]).stem
        expected = name if name in {folder.name for folder in known} else None
        right += expected in [face["name"] for face in picture["faces"]]
    assert right >= len(known) + len(strangers) - 2
