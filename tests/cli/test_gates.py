"""What `rostro enroll` refuses and why, the best of several photos, the same photo again; and what
`rostro identify` says of a face that nobody has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

import rostro as library
from rostro import Reason
from tests.support.command_line import rostro
from tests.support.shared import shared_data
from tests.support.there import there

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture(scope="module")
def turned() -> Path:
    """A photo of a face that is turned too far for a template, and of which no more is wrong."""
    detector, gate = library.Detector(threads=1), library.Quality(purpose="enroll")
    for path in sorted((shared_data("lfw") / "images").glob("*/*.jpg"))[::10]:
        image = library.load_image(path)
        faces = detector(image)
        if len(faces) == 1 and there(gate(image, faces).reasons)[0] == Reason.TURNED:
            return path
    raise AssertionError("all of these look at the camera")


def counts(gallery: Path) -> dict[str, int]:
    listed: dict[str, int] = json.loads(rostro("gallery", "list", "--json", gallery).stdout)
    return listed


def test_a_turned_face_is_refused_and_forced(turned: Path, tmp_path: Path) -> None:
    options = (turned, "--name", "ada", "--gallery", tmp_path / "people.rostro")
    refused = rostro("enroll", *options)
    assert refused.exit_code == 1
    first, last = refused.stderr.splitlines()
    assert first.startswith(f"rostro: error: {turned}: refused: the face is turned ")
    assert "° is wanted: look at the camera. --force takes it all the same" in first
    assert last == "rostro: error: no template of: ada"
    assert "0 templates of 0 people added, 0 in all" in refused.stdout
    forced = rostro("enroll", "--force", *options)
    assert forced.exit_code == 0
    assert forced.stderr.startswith(f"rostro: {turned}: taken all the same: the face is turned ")
    assert counts(tmp_path / "people.rostro") == {"ada": 1}


@pytest.mark.parametrize("damage", ["blurred", "cut"])
def test_damaged_faces_are_refused_the_others_enrolled(
    damage: str, astronaut: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    with Image.open(astronaut) as photo:
        photo.save(folder / "a.png")
        if damage == "blurred":
            photo.filter(ImageFilter.GaussianBlur(4)).save(folder / "b.png")
        else:
            photo.crop((215, 0, 512, 512)).save(folder / "b.png")
    options = ("--name", "ada", "--gallery", tmp_path / "people.rostro")
    result = rostro("enroll", folder, *options)
    assert result.exit_code == 1
    words = {"blurred": "the face is blurred", "cut": "the picture ends"}[damage]
    (line,) = result.stderr.splitlines()
    assert "b.png: refused: " in line and words in line.lower()
    assert counts(tmp_path / "people.rostro") == {"ada": 1}
    assert rostro("enroll", "--force", folder, *options).exit_code == 0
    assert counts(tmp_path / "people.rostro") == {"ada": 2}


def test_the_same_photo_is_one_template(astronaut: Path, tmp_path: Path) -> None:
    """In another process, under another name of the file and in another format too, as long as its
    pixels are the same; a JPEG of it is another photo."""
    gallery = tmp_path / "people.rostro"
    options = ("--name", "ada", "--gallery", str(gallery), "--engine", "onnxruntime")
    assert "1 templates of 1 people added" in rostro("enroll", astronaut, *options).stdout
    command = [sys.executable, "-m", "rostro", "enroll", str(astronaut), *options]
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert again.stdout.splitlines() == [
        f"{astronaut}: is a template of ada already",
        f"{gallery}: 0 templates of 1 people added, 1 in all",
    ]
    with Image.open(astronaut) as photo:
        photo.save(tmp_path / "a.bmp")
        photo.save(tmp_path / "a.jpg", quality=60)
    assert "is a template of ada already" in rostro("enroll", tmp_path / "a.bmp", *options).stdout
    assert counts(gallery) == {"ada": 1}
    assert rostro("enroll", tmp_path / "a.jpg", *options).exit_code == 0
    assert counts(gallery) == {"ada": 2}


def test_the_best_of_several(astronaut: Path, hopper: Path, tmp_path: Path) -> None:
    people = tmp_path / "people"
    for name, path, blur in (("ada", astronaut, 4), ("bob", hopper, 9)):  # of a larger face
        (people / name).mkdir(parents=True)
        with Image.open(path) as photo:
            photo.save(people / name / "sharp.png")
            photo.filter(ImageFilter.GaussianBlur(blur / 3)).save(people / name / "a_soft.png")
            photo.filter(ImageFilter.GaussianBlur(blur)).save(people / name / "blurred.png")
    gallery = tmp_path / "people.rostro"
    result = rostro("enroll", "--best", "1", people, "--gallery", gallery)
    assert result.exit_code == 1  # the blurred ones are refused
    assert result.stderr.count("blurred.png: refused") == 2
    pipeline = library.FacePipeline(embedder=None, stages=[library.Quality()], threads=1)
    for name in ("ada", "bob"):
        pictures = [people / name / "sharp.png", people / name / "a_soft.png"]
        of = {path: pipeline(library.load_image(path))[0].quality or 0.0 for path in pictures}
        worse = min(pictures, key=lambda path: of[path])
        assert f"{worse}: left out, its quality is {of[worse]:.2f}\n" in result.stdout
    assert counts(gallery) == {"ada": 1, "bob": 1}
    assert rostro("enroll", "--best", "0", people, "--gallery", gallery).exit_code == 2


def test_identify_says_why_somebody_is_unknown(
    astronaut: Path, hopper: Path, tmp_path: Path
) -> None:
    gallery, blurred = tmp_path / "people.rostro", tmp_path / "blurred.png"
    assert rostro("enroll", hopper, "--name", "grace", "--gallery", gallery).exit_code == 0
    with Image.open(astronaut) as photo:
        photo.filter(ImageFilter.GaussianBlur(4)).save(blurred)
    options = ("--gallery", gallery, "--threshold", "0.5")
    known = rostro("identify", hopper, *options)
    assert known.exit_code == 0 and known.stdout.count("\n") == 1
    lines = rostro("identify", blurred, *options).stdout.splitlines()
    assert lines[0].endswith(": unknown")
    assert any(line.startswith("  the face is blurred") for line in lines[1:])
    document = json.loads(rostro("identify", "--json", blurred, hopper, *options).stdout)
    (unknown,), (found,) = (picture["faces"] for picture in document["pictures"])
    assert unknown["name"] is None and "BLURRED" in unknown["reasons"]
    assert any("the face is blurred" in sentence for sentence in unknown["why"])
    assert found["name"] == "grace" and found["reasons"] == [] and found["why"] == []
    assert 0 <= unknown["quality"] < found["quality"] <= 1


def test_who_lies_on_their_side_is_known(astronaut: Path, tmp_path: Path) -> None:
    gallery, lying = tmp_path / "people.rostro", tmp_path / "lying.png"
    with Image.open(astronaut) as photo:
        photo.transpose(Image.Transpose.ROTATE_270).save(lying)
    assert rostro("enroll", lying, "--name", "ada", "--gallery", gallery).exit_code == 0
    for picture in (astronaut, lying):
        found = rostro("identify", picture, "--gallery", gallery)
        assert ": ada (0.9" in found.stdout or ": ada (1.0" in found.stdout
    as_it_lies = rostro("identify", "--turn", "never", lying, "--gallery", gallery)
    assert ": ada" not in as_it_lies.stdout
    same = rostro("verify", astronaut, lying)
    assert same.exit_code == 0
