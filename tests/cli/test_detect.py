"""`rostro detect` as scripts and people see it: output, exit status, one line for an error."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image

from rostro import engines
from rostro.pictures.images import load_image
from tests.support.command_line import assert_one_error, rostro

pytestmark = pytest.mark.usefixtures("default_models")


# Where the astronaut's face is, to a few pixels.
FACE_BOX = (178, 63, 268, 176)


def boxes_of(result: Result) -> dict[str, list[list[float]]]:
    """Boxes by the names of the files, from --json."""
    return {
        Path(entry["file"]).name: [face["box"] for face in entry["faces"]]
        for entry in json.loads(result.stdout)
    }


def test_detect_prints_a_table(astronaut: Path) -> None:
    result = rostro("detect", astronaut)
    assert result.exit_code == 0
    header, row = result.stdout.splitlines()
    assert header.split() == ["face", "score", "x1", "y1", "x2", "y2", "landmarks", "picture"]
    face, score, *box = row.split()[:6]
    assert face == "1"
    assert float(score) > 0.9
    np.testing.assert_allclose([float(value) for value in box], FACE_BOX, atol=8)
    assert row.endswith(f" {astronaut}")


def test_detect_json(astronaut: Path) -> None:
    result = rostro("detect", "--json", astronaut)
    (entry,) = json.loads(result.stdout)
    assert (entry["file"], entry["width"], entry["height"]) == (str(astronaut), 512, 512)
    (face,) = entry["faces"]
    np.testing.assert_allclose(face["box"], FACE_BOX, atol=8)
    assert 0.9 < face["score"] <= 1
    left_eye, right_eye, nose, left_mouth, right_mouth = face["landmarks"]
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_eye[1] < nose[1] < left_mouth[1]
    assert left_mouth[0] < right_mouth[0]


def test_detect_options(astronaut: Path) -> None:
    strict = rostro("detect", "--json", "--score-threshold", "0.99", astronaut)
    assert boxes_of(strict) == {"astronaut.png": []}
    small = rostro("detect", "--json", "--det-size", "256x256", "--threads", "1", astronaut)
    np.testing.assert_allclose(boxes_of(small)["astronaut.png"], [FACE_BOX], atol=12)
    for options in (
        ["--det-size", "auto", "--min-face", "60"],
        ["--det-size", "native"],
        ["--tile", "300x300"],
    ):
        found = rostro("detect", "--json", *options, "--threads", "1", astronaut)
        np.testing.assert_allclose(boxes_of(found)["astronaut.png"], [FACE_BOX], atol=12)


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_detect_with_each_engine(astronaut: Path, engine: str) -> None:
    result = rostro("detect", "--json", "--engine", engine, astronaut)
    np.testing.assert_allclose(boxes_of(result)["astronaut.png"], [FACE_BOX], atol=8)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rgba.png", lambda picture: picture.convert("RGBA")),
        ("grey.png", lambda picture: picture.convert("L")),
        ("palette.png", lambda picture: picture.quantize(128)),
        ("cmyk.jpg", lambda picture: picture.convert("CMYK")),
        ("rotated.jpg", lambda picture: picture.transpose(Image.Transpose.ROTATE_90)),
        (
            "deep.png",
            lambda picture: Image.fromarray(np.asarray(picture.convert("L")).astype("u2") * 257),
        ),
    ],
)
def test_detect_finds_the_face_in_every_kind_of_picture(
    astronaut: Path, tmp_path: Path, name: str, change: Callable[[Image.Image], Image.Image]
) -> None:
    exif = Image.Exif()
    if name == "rotated.jpg":
        exif[0x0112] = 6  # "turn me clockwise", as cameras say it
    change(Image.open(astronaut)).save(tmp_path / name, exif=exif, quality=95)
    result = rostro("detect", "--json", tmp_path / name)
    np.testing.assert_allclose(boxes_of(result)[name], [FACE_BOX], atol=8)


def test_pictures_without_a_face(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "one_pixel.png")
    Image.new("RGB", (300, 2)).save(tmp_path / "strip.png")
    Image.new("RGB", (300, 200), "white").save(tmp_path / "white.png")
    result = rostro("detect", tmp_path)
    assert result.exit_code == 0
    assert result.stdout.count("no face") == 3


def test_huge_picture(astronaut: Path, tmp_path: Path) -> None:
    picture = Image.new("RGB", (12_000, 9_000))
    picture.paste(Image.open(astronaut).resize((5120, 5120)), (3000, 2000))
    picture.save(tmp_path / "huge.jpg", quality=80)
    result = rostro("detect", "--json", tmp_path / "huge.jpg")
    assert result.stderr == ""
    expected = np.multiply(FACE_BOX, 10) + np.array([3000, 2000, 3000, 2000])
    np.testing.assert_allclose(boxes_of(result)["huge.jpg"], [expected], atol=150)


def test_detect_takes_files_folders_and_patterns(astronaut: Path, tmp_path: Path) -> None:
    deep = tmp_path / "photos" / "deep"
    deep.mkdir(parents=True)
    for target in (tmp_path / "photos" / "a.png", deep / "b.PNG", tmp_path / "photos" / "[1].png"):
        shutil.copy(astronaut, target)
    (tmp_path / "photos" / "notes.txt").write_text("no picture")
    everything = ["[1].png", "a.png", "b.PNG"]
    photos = tmp_path / "photos"
    assert sorted(boxes_of(rostro("detect", "--json", photos))) == everything
    assert sorted(boxes_of(rostro("detect", "--json", photos / "*.png"))) == ["[1].png", "a.png"]
    assert list(boxes_of(rostro("detect", "--json", photos / "**" / "*.PNG"))) == ["b.PNG"]
    assert list(boxes_of(rostro("detect", "--json", photos / "[1].png"))) == ["[1].png"]
    twice = rostro("detect", "--json", photos / "a.png", photos / "?.png")
    assert len(json.loads(twice.stdout)) == 1


def test_drawing_to_a_file(astronaut: Path, tmp_path: Path) -> None:
    target = tmp_path / "drawn.png"
    assert rostro("detect", astronaut, "-o", target).exit_code == 0
    changed = (load_image(target) != load_image(astronaut)).any(axis=2)
    x1, y1, x2, _ = FACE_BOX
    assert changed[y1 - 8 : y1 + 9, x1:x2].any(axis=0).all(), "the upper edge of the box"
    assert not changed[300:, 300:].any()


def test_drawings_to_a_folder_keep_their_folders(astronaut: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        Image.open(astronaut).save(tmp_path / "in" / folder / "a.gif")
    result = rostro("detect", tmp_path / "in", "-o", tmp_path / "out")
    assert result.exit_code == 0
    written = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert [path.relative_to(tmp_path / "out").parts for path in written] == [
        ("one", "a.gif.png"),
        ("two", "a.gif.png"),
    ]


def test_originals_are_never_overwritten(astronaut: Path, tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    shutil.copy(astronaut, photo)
    for output in (photo, tmp_path):
        result = rostro("detect", photo, "-o", output)
        assert result.exit_code == 2
        assert "would overwrite" in result.stderr
    assert photo.read_bytes() == astronaut.read_bytes()


def test_one_file_for_many_pictures(astronaut: Path, hopper: Path, tmp_path: Path) -> None:
    result = rostro("detect", astronaut, hopper, "-o", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "one file for 2 pictures" in result.stderr


def test_output_that_cannot_be_written(astronaut: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = rostro("detect", astronaut, "-o", tmp_path / "file" / "a.png")
    assert result.exit_code == 1
    assert_one_error(result, str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("missing.jpg", None, "no such file"),
        ("empty.jpg", b"", "the file is empty"),
        ("text.jpg", b"hello", "not a picture"),
        ("none*.jpg", None, "no such file"),
        ("cut.png", "half", "cannot be read"),
    ],
)
def test_one_bad_picture_among_many(
    astronaut: Path, tmp_path: Path, name: str, content: bytes | str | None, cause: str
) -> None:
    if content == "half":
        content = astronaut.read_bytes()[:400_000]
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    shutil.copy(astronaut, tmp_path / "good.png")
    result = rostro("detect", "--json", tmp_path / name, tmp_path / "good.png")
    assert result.exit_code == 1
    assert_one_error(result, name, cause)
    assert list(boxes_of(result)) == ["good.png"]


def test_folder_without_a_picture(tmp_path: Path) -> None:
    result = rostro("detect", tmp_path)
    assert result.exit_code == 1
    assert_one_error(result, str(tmp_path), "no picture in this folder")


def test_unknown_model(astronaut: Path) -> None:
    result = rostro("detect", "--detector", "yunet-2024", astronaut)
    assert result.exit_code == 1
    assert_one_error(result, "yunet-2024", "yunet-2023mar")


def test_model_for_another_task(astronaut: Path) -> None:
    result = rostro("detect", "--detector", "sface-2021dec", astronaut)
    assert result.exit_code == 1
    assert_one_error(result, "sface-2021dec")


def test_pictures_that_lie_in_the_output_folder(astronaut: Path, tmp_path: Path) -> None:
    photos, best = tmp_path / "photos", tmp_path / "photos" / "best"
    best.mkdir(parents=True)
    for path in (photos / "a.png", best / "a.png", best / "b.png"):
        shutil.copy(astronaut, path)
    refused = rostro("detect", photos, "-o", best)
    assert refused.exit_code == 2
    assert f"{best / 'a.png'} exists already; --overwrite replaces" in refused.stderr
    assert (best / "a.png").read_bytes() == astronaut.read_bytes()
    # Drawings of an earlier run are no pictures to search, but they may be replaced.
    for _ in range(2):
        result = rostro("detect", "--json", photos, "-o", best, "--overwrite")
        assert result.exit_code == 0
        assert [Path(entry["file"]) for entry in json.loads(result.stdout)] == [photos / "a.png"]
        assert result.stderr == f"rostro: {photos}: skipped 1 output folder\n"
    assert (best / "a.png").read_bytes() != astronaut.read_bytes()
    assert (best / "b.png").read_bytes() == astronaut.read_bytes()
    pattern = rostro("detect", "--json", photos / "**" / "*.png", "-o", best, "--overwrite")
    assert [Path(entry["file"]) for entry in json.loads(pattern.stdout)] == [photos / "a.png"]


def test_no_two_drawings_have_one_name(astronaut: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    picture = Image.open(astronaut).resize((128, 128))
    for name in ("p.gif", "p.gif.png", "p.gif-2.png"):
        picture.save(photos / name)
    assert rostro("detect", photos, "-o", tmp_path / "out").exit_code == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["p.gif-2.png", "p.gif-3.png", "p.gif.png"]


def test_drawings_stay_in_their_folder(
    astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    for path in ("here/a.png", "there/b.png"):
        shutil.copy(astronaut, tmp_path / path)
    monkeypatch.chdir(tmp_path / "here")
    both = ("a.png", "../there/b.png", "../here/a.png")
    assert rostro("detect", *both, "-o", "out").exit_code == 0
    written = sorted(path.as_posix() for path in Path("out").rglob("*.png"))
    assert written == ["out/here/a.png", "out/there/b.png"]


def test_an_output_that_is_another_file(astronaut: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    result = rostro("detect", astronaut, "-o", tmp_path / "notes.txt", "--overwrite")
    assert result.exit_code == 2
    assert "neither a folder nor a picture" in result.stderr


def test_what_a_folder_run_skips_is_told(astronaut: Path, tmp_path: Path) -> None:
    for name in ("a.jfif", "film.mov", "notes.txt", ".hidden.png", "@eaDir/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.open(astronaut).convert("RGB").save(tmp_path / name, "JPEG")
    (tmp_path / "b.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    result = rostro("detect", "--json", tmp_path)
    assert result.exit_code == 1, "b.heic is a picture, and is not read"
    assert list(boxes_of(result)) == ["a.jfif"]
    skipped, error = result.stderr.splitlines()
    assert skipped == (
        f"rostro: {tmp_path}: skipped 1 .mov file, 1 .txt file, 1 hidden file, "
        "1 hidden or system folder"
    )
    assert error.startswith("rostro: error: ") and "b.heic: " in error


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--det-size", "1000000x1000000"], 2),
        (["--det-size", f"3x{'9' * 5000}"], 2),
        (["--det-size", "640x480x3"], 2),
        (["--det-size", "auto", "--min-face", "0.001"], 1),
        (["--det-size", "auto", "--min-face", "1e-300"], 1),
    ],
)
def test_sizes_beyond_all_measure(astronaut: Path, options: list[str], status: int) -> None:
    result = rostro("detect", "--json", astronaut, *options)
    assert result.exit_code == status
    if status == 1:
        assert_one_error(result)
    else:
        assert "sides of 1 to 16384, or 'auto' or 'native' is wanted" in result.stderr


def test_a_jpeg_without_its_end_marker(astronaut: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.open(astronaut).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[:-2])
    result = rostro("detect", "--json", path)
    assert result.exit_code == 0
    np.testing.assert_allclose(boxes_of(result)["a.jpg"], [FACE_BOX], atol=8)
    warning = f"rostro: warning: {path}: the end marker of the JPEG is missing"
    assert result.stderr.startswith(warning) and result.stderr.count("\n") == 1


def test_the_bound_on_pixels_can_be_set(
    astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("1", (600, 600)).save(tmp_path / "large.png")
    monkeypatch.setenv("ROSTRO_MAX_PIXELS", "300000")
    result = rostro("detect", "--json", tmp_path / "large.png", astronaut)
    assert result.exit_code == 1
    assert_one_error(result, "large.png: too large: 600x600", "limit of 300000")
    assert list(boxes_of(result)) == ["astronaut.png"]


def test_a_picture_that_lies_on_its_side(astronaut: Path, tmp_path: Path) -> None:
    """The boxes are those in the picture as it is."""
    lying = tmp_path / "lying.png"
    with Image.open(astronaut) as portrait:
        size = portrait.size
        portrait.transpose(Image.Transpose.ROTATE_90).save(lying)
    result = rostro("detect", "--json", "--turn", "auto", lying)
    (box,) = boxes_of(result)["lying.png"]
    x1, y1, x2, y2 = FACE_BOX
    np.testing.assert_allclose(box, [y1, size[0] - 1 - x2, y2, size[0] - 1 - x1], atol=8)
    (face,) = json.loads(result.stdout)[0]["faces"]
    assert face["attributes"]["turn"] == 90
