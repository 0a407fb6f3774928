"""`rostro eval wider`: the official figures, three images worked out by hand, and wrong usage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import Result

from rostro import models
from rostro.evaluate.wider_detections import ScoredBoxes, write_detections
from rostro.evaluate.wider_truth import read_truth
from rostro.pictures.images import load_image
from tests.support.command_line import assert_refused, rostro
from tests.support.shared import shared_data
from tests.support.wider import SETTINGS


def run(*arguments: object) -> Result:
    return rostro("eval", "wider", *arguments)


@pytest.mark.heavy
def test_the_official_result_on_all_images() -> None:
    folder = shared_data("widerface")
    expected = json.loads((folder / "reference" / "expected.json").read_text())
    result = run(
        *("--detections", folder / "reference" / "detections.zip"),
        *("--ground-truth", folder / "ground_truth", "--json"),
    )
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    got = json.loads(result.stdout)
    for setting in SETTINGS:
        assert got[setting] == pytest.approx(expected[setting], abs=1e-9)
    assert got["images"] == expected["images"]
    assert got["faces"] == {"easy": 7211, "medium": 13319, "hard": 31958}


@pytest.mark.usefixtures("default_models")
def test_the_default_detector_reaches_what_opencv_reaches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data("widerface")
    images, truth = folder / "images", folder / "ground_truth"
    there = run("--images", images, "--ground-truth", truth, "--json", "-o", tmp_path / "own.zip")
    assert there.exit_code == 0, there.stderr
    assert there.stderr == "rostro: 249 of the set's 3226 images are evaluated on\n"
    own = json.loads(there.stdout)
    assert (own["images"], own["det_size"]) == (249, "native")

    write_detections(tmp_path / "opencv.zip", opencv_detections(images, read_truth(truth)))
    opencv = json.loads(
        run("--detections", tmp_path / "opencv.zip", "--ground-truth", truth, "--json").stdout
    )
    with capsys.disabled():
        for name, figures in (("rostro", own), ("OpenCV", opencv)):
            shown = " ".join(f"{setting} {figures[setting]:.4f}" for setting in SETTINGS)
            print(f"\nWIDER FACE, 249 images, YuNet in {name}: {shown}", end="")
    for setting in SETTINGS:
        assert own[setting] == pytest.approx(opencv[setting], abs=0.002)

    written = run("--detections", tmp_path / "own.zip", "--ground-truth", truth, "--json")
    again = json.loads(written.stdout)
    assert [again[setting] for setting in SETTINGS] == [own[setting] for setting in SETTINGS]


def opencv_detections(folder: Path, names: Mapping[str, object]) -> dict[str, ScoredBoxes]:
    """OpenCV's own detector on the same file, with the settings of the card, on the same images."""
    model = models.resolve(models.DEFAULTS["detect"])
    assert model.card is not None and model.card.detect is not None
    file, settings = model.folder / model.card.files[0].name, model.card.detect
    detector = cv2.FaceDetectorYN.create(
        str(file), "", (32, 32), 0.02, settings.nms_threshold, settings.top_k
    )
    found = {}
    for name in names:
        path = folder / f"{name}.jpg"
        if path.is_file():
            image = load_image(path)
            detector.setInputSize((image.shape[1], image.shape[0]))
            _, faces = detector.detect(image)
            rows = np.empty((0, 15)) if faces is None else faces
            found[name] = rows[:, [0, 1, 2, 3, 14]].astype(np.float64)
    return found


def test_a_folder_and_a_zip_give_the_same(truth: Path, found: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "zipped"), "zip", tmp_path, "found")  # a folder deeper
    for path in (found, tmp_path / "zipped.zip"):
        result = run("--detections", path, "--ground-truth", truth, "--json")
        got = json.loads(result.stdout)
        assert result.stderr == ""
        assert got["easy"] == 1.0  # two faces, both found first
        assert got["medium"] == pytest.approx(2 / 3)  # one of three is missed
        assert got["hard"] == pytest.approx(1 / 2)  # b's found face is ignored there
        assert (got["images"], got["detections"]) == (3, 3)
    table = run("--detections", found, "--ground-truth", truth).stdout
    assert table.splitlines()[1] == "medium  0.6667   3 faces"


def test_a_subset_is_evaluated_and_told(truth: Path, found: Path) -> None:
    (found / "0--Parade" / "b.txt").unlink()
    result = run("--detections", found, "--ground-truth", truth, "--json")
    assert "2 of the set's 3 images" in result.stderr
    got = json.loads(result.stdout)
    assert (got["easy"], got["images"], got["faces"]["medium"]) == (1.0, 2, 1)
    whole = run("--detections", found, "--ground-truth", truth, "--json", "--subset", "all")
    assert "count as missed" in whole.stderr
    assert json.loads(whole.stdout)["medium"] == pytest.approx(1 / 3)


@pytest.mark.heavy
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_plot_is_a_picture(truth: Path, found: Path, tmp_path: Path, suffix: str) -> None:
    plot = tmp_path / f"curves{suffix}"
    assert run("--detections", found, "--ground-truth", truth, "--plot", plot).exit_code == 0
    if suffix == ".png":
        assert load_image(plot).shape == (750, 900, 3)
    else:
        assert "average precision" in plot.read_text()


def test_wrong_usage(truth: Path, found: Path, tmp_path: Path) -> None:
    assert run("--ground-truth", truth).exit_code == 2
    both = run("--ground-truth", truth, "--detections", found, "--images", found)
    assert both.exit_code == 2
    output = run("--ground-truth", truth, "--detections", found, "-o", tmp_path / "x.zip")
    assert output.exit_code == 2
    size = run("--ground-truth", truth, "--images", found, "--det-size", "big")
    assert size.exit_code == 2
    assert_refused(run("--ground-truth", truth, "--images", found), "0--Parade/a.jpg")
    plot = run("--ground-truth", truth, "--detections", found, "--plot", "x.pdf")
    assert_refused(plot, "x.pdf", ".png or .svg")


@pytest.mark.usefixtures("default_models")
def test_a_picture_that_cannot_be_read_ends_it(truth: Path, tmp_path: Path) -> None:
    (tmp_path / "0--Parade").mkdir()
    (tmp_path / "0--Parade" / "a.jpg").write_bytes(b"no picture")
    assert_refused(run("--ground-truth", truth, "--images", tmp_path), "a.jpg")


@pytest.mark.heavy
def test_evaluation_needs_no_extra_but_plots_do(truth: Path, found: Path, tmp_path: Path) -> None:
    script = f"""
import sys
sys.modules["matplotlib"] = None
sys.modules["scipy"] = None
from rostro.cli import cli
cli({["eval", "wider", "--detections", str(found), "--ground-truth", str(truth)]} + sys.argv[1:])
"""
    plot = ["--plot", str(tmp_path / "x.png")]
    for arguments, code in (([], 0), (plot, 1)):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True
        )
        assert done.returncode == code, done.stderr
        assert ("rostro[eval]" in done.stderr) == bool(code)
        assert done.stderr.count("\n") == code
