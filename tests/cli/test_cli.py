"""The command line as scripts and people see it: output, exit status, one line for an error."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from rostro import engines, models
from rostro.cli import cli
from rostro.pictures.images import load_image
from rostro.samples import ASTRONAUT, GRACE_HOPPER
from tests.support.shared import shared_data

pytestmark = pytest.mark.usefixtures("default_models")

# Where the astronaut's face is, to a few pixels.
FACE_BOX = (178, 63, 268, 176)


@pytest.fixture(scope="module")
def astronaut() -> Path:
    return ASTRONAUT.fetch()


@pytest.fixture(scope="module")
def hopper() -> Path:
    return GRACE_HOPPER.fetch()


def rostro(*arguments: str | Path) -> Result:
    """Run a command in this process. Whatever rostro does not expect comes out as an exception."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_one_error(result: Result, *parts: str) -> None:
    assert result.stderr.startswith("rostro: error: ")
    assert result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


def boxes_of(result: Result) -> dict[str, list[list[float]]]:
    """Boxes by the names of the files, from --json."""
    return {
        Path(entry["file"]).name: [face["box"] for face in entry["faces"]]
        for entry in json.loads(result.stdout)
    }


# The program


@pytest.mark.processes
def test_help_loads_no_engine_and_no_pillow() -> None:
    script = """
import sys
from rostro.cli import cli
try:
    cli(["--help"])
finally:
    heavy = {"onnxruntime", "ncnn", "onnx", "PIL", "tqdm"} & set(sys.modules)
    print("loaded:", sorted(heavy))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "loaded: []" in done.stdout
    for name in ("detect", "embed", "verify", "models", "eval", "demo", "doctor"):
        assert f"\n  {name} " in done.stdout


@pytest.mark.processes
def test_python_m_rostro() -> None:
    command = [sys.executable, "-m", "rostro", "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("rostro, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["detect"],
        ["detect", "a.jpg", "--threads", "0"],
        ["detect", "a.jpg", "--det-size", "640"],
        ["detect", "a.jpg", "--min-face", "0"],
        ["detect", "a.jpg", "--tile", "auto"],
        ["detect", "a.jpg", "--score-threshold", "2"],
        ["detect", "a.jpg", "--engine", "tensorflow"],
        ["embed", "a.jpg"],
        ["embed", "a.jpg", "-o", "a.txt"],
        ["verify", "a.jpg"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    result = rostro(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_paths: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rostro.cli.detect.find_pictures", interrupt)
    result = rostro("detect", "a.jpg")
    assert result.exit_code == 130
    assert result.stderr == ""


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_paths: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("rostro.cli.detect.find_pictures", fail)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        rostro("detect", "a.jpg")


@pytest.mark.processes
@pytest.mark.skipif(os.name != "posix", reason="closed pipes are POSIX here")
def test_closed_pipe_is_quiet(astronaut: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "rostro", "detect", str(astronaut)]
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True)
    assert done.returncode != 0
    assert done.stderr == ""


# detect


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


# embed


def test_embed(astronaut: Path, hopper: Path, tmp_path: Path) -> None:
    two = Image.new("RGB", (1024, 600))
    two.paste(Image.open(astronaut).resize((400, 400)), (0, 0))
    two.paste(Image.open(hopper), (500, 0))
    two.save(tmp_path / "two.png")
    output = tmp_path / "faces.npz"
    assert rostro("embed", astronaut, tmp_path / "two.png", "-o", output).exit_code == 0
    with np.load(output) as faces:
        embeddings = faces["embeddings"]
        assert embeddings.shape == (3, 128) and embeddings.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
        assert faces["boxes"].shape == (3, 4) and faces["scores"].shape == (3,)
        assert faces["files"].tolist() == [str(astronaut)] + [str(tmp_path / "two.png")] * 2
        assert faces["index"].tolist() == [0, 0, 1]
        assert faces["embedder"] == "sface-2021dec"
        # The same woman once more, and another one.
        similarities = sorted(embeddings[1:] @ embeddings[0])
        assert similarities[0] < 0.362 < 0.7 < similarities[1]

    largest = tmp_path / "largest.npz"
    assert rostro("embed", "--largest", tmp_path / "two.png", "-o", largest).exit_code == 0
    with np.load(largest) as faces:
        assert len(faces["embeddings"]) == 1
        assert faces["boxes"][0, 0] > 500, "the larger one is on the right"


def test_embed_no_face(tmp_path: Path) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "black.png")
    assert rostro("embed", tmp_path / "black.png", "-o", tmp_path / "a.npz").exit_code == 0
    with np.load(tmp_path / "a.npz") as faces:
        assert faces["embeddings"].shape == (0, 128)


def test_embed_writes_nothing_when_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no")
    result = rostro("embed", tmp_path / "a.jpg", "-o", tmp_path / "a.npz")
    assert result.exit_code == 1
    assert_one_error(result, "a.jpg")
    assert not (tmp_path / "a.npz").exists()
    result = rostro("embed", tmp_path / "a.jpg", "-o", tmp_path / "none" / "a.npz")
    assert result.exit_code == 1
    assert_one_error(result, "there is no folder")


# verify


@pytest.fixture(scope="module")
def altered(astronaut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The astronaut's photo mirrored, of half the size and darker."""
    path = tmp_path_factory.mktemp("altered") / "altered.png"
    Image.fromarray(np.asarray(Image.open(astronaut))[::2, ::-2] // 2).save(path)
    return path


def test_verify_same_and_different(astronaut: Path, altered: Path, hopper: Path) -> None:
    same = rostro("verify", astronaut, altered)
    assert same.exit_code == 0
    assert same.stdout.startswith("same person: similarity 0.")
    assert "threshold 0.362 (of sface-2021dec)" in same.stdout
    different = rostro("verify", astronaut, hopper)
    assert different.exit_code == 1
    assert different.stdout.startswith("different persons: similarity ")
    assert different.stderr == ""


def test_verify_threshold_and_json(astronaut: Path, altered: Path) -> None:
    result = rostro("verify", "--json", "--threshold", "0.999", astronaut, altered)
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["same"] is False
    assert 0.362 < document["similarity"] < 0.999
    assert (document["threshold"], document["threshold_origin"]) == (0.999, "given")


def test_verify_takes_the_largest_face(astronaut: Path, hopper: Path, tmp_path: Path) -> None:
    two = Image.new("RGB", (1024, 600))
    two.paste(Image.open(astronaut).resize((400, 400)), (0, 0))
    two.paste(Image.open(hopper), (500, 0))
    two.save(tmp_path / "two.png")
    result = rostro("verify", hopper, tmp_path / "two.png")
    assert result.exit_code == 0
    assert "2 faces, the largest is compared" in result.stderr


def test_verify_cannot_decide(astronaut: Path, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "black.png")
    for other, cause in (("black.png", "no face found"), ("none.png", "no such file")):
        result = rostro("verify", astronaut, tmp_path / other)
        assert result.exit_code == 3
        assert_one_error(result, other, cause)
        assert result.stdout == ""


def test_verify_never_takes_a_bug_for_a_decision(
    astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("rostro.cli.verify.open_pipeline", fail)
    result = rostro("verify", astronaut, astronaut)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr and "a bug" in result.stderr


def test_verify_on_lfw() -> None:
    lfw = shared_data("lfw")
    lines = (lfw / "pairsDevTest.txt").read_text().splitlines()

    def photo(name: str, number: str) -> Path:
        return lfw / "images" / name / f"{name}_{int(number):04}.jpg"

    wrong = 0
    for line in lines[1:501:50]:
        name, i, j = line.split()
        wrong += rostro("verify", photo(name, i), photo(name, j)).exit_code != 0
    for line in lines[501::50]:
        name, i, other, j = line.split()
        wrong += rostro("verify", photo(name, i), photo(other, j)).exit_code != 1
    assert wrong <= 1, f"{wrong} of 20 pairs"


# doctor


def test_doctor() -> None:
    result = rostro("doctor")
    assert result.exit_code == 0
    for part in ("rostro", "python", "onnxruntime", "simd used", "threads", "yunet-2023mar"):
        assert part in result.stdout
    document = json.loads(rostro("doctor", "--json").stdout)
    assert document["models"]["yunet-2023mar"]["onnx"] == "ok"
    assert document["cpu"]["simd used"] in document["cpu"]["simd levels"]
    assert document["cpu"]["threads"] >= 1
    assert document["cache"]["writable"] is True


def test_doctor_without_models_and_engines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engines, "installed", lambda: dict.fromkeys(engines.ENGINES))
    result = rostro("doctor")
    assert result.exit_code == 0
    assert "engine onnxruntime is not installed: pip install onnxruntime" in result.stdout
    assert "yunet-2023mar is not installed: rostro models install" in result.stdout
    assert not (tmp_path / "cache").exists(), "doctor changes nothing"


@pytest.mark.usefixtures("cache")
def test_doctor_sees_damage() -> None:
    damaged = models.resolve("yunet-2023mar").files["onnx"]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    result = rostro("doctor", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["models"]["yunet-2023mar"]["onnx"] == "damaged"
    assert any("rostro models install yunet-2023mar" in line for line in document["warnings"])


def test_doctor_sees_a_cache_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "file" / "cache"))
    result = rostro("doctor")
    assert result.exit_code == 0
    assert "cannot be written" in result.stdout


# demo


def test_demo(tmp_path: Path) -> None:
    result = rostro("demo", "-o", tmp_path / "demo")
    assert result.exit_code == 0
    assert "the same person" in result.stdout
    assert "different persons" in result.stdout
    for stage in ("detect", "align", "embed"):
        assert f"\n  {stage} " in result.stdout
    written = sorted(path.name for path in (tmp_path / "demo").iterdir())
    assert written == ["astronaut-altered.jpg", "astronaut.jpg", "hopper.jpg"]
