"""``rostro eval pairs`` and ``identify`` on a few photos: figures, files, and bad input."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import rostro
from rostro.cli import cli
from rostro.evaluate.labelled_photos import read_pairs
from rostro.samples import ASTRONAUT, GRACE_HOPPER

pytestmark = pytest.mark.usefixtures("default_models")


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cli, ["eval", *map(str, arguments), "--threads", "1"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def assert_one_error(result: Result, *parts: str) -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("rostro: error: ") and result.stderr.count("\n") == 1
    for part in parts:
        assert part in result.stderr


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two persons on several photos each, made of one, and a grey picture of a third."""
    folder = tmp_path_factory.mktemp("people")
    for name, sample in (("A", ASTRONAUT), ("G", GRACE_HOPPER)):
        image = rostro.load_image(sample.fetch())
        versions = [image, image[:, ::-1], image // 2, 255 - (255 - image) // 2]
        for number, version in enumerate(versions, 1):
            path = folder / name / f"{name}_{number:04}.jpg"
            path.parent.mkdir(exist_ok=True)
            rostro.save_image(path, np.ascontiguousarray(version))
    (folder / "nobody").mkdir()
    rostro.save_image(folder / "nobody" / "nobody_0001.jpg", np.full((90, 90, 3), 99, np.uint8))
    return folder


def list_of_pairs(path: Path, lines: list[str] | None = None) -> Path:
    same = ["A\t1\t2", "G\t1\t2", "A 1 3", "G 1 3", "A 2 3"] * 2
    different = ["A 1 G 1", "A 2 G 1", "A 3 G 3", "A 1 nobody 1", "G\t2\tnobody\t1"] * 2
    path.write_text("\n".join(lines or ["10", *same, *different]) + "\n")
    return path


def test_pairs_of_a_list(people: Path, tmp_path: Path) -> None:
    listed = list_of_pairs(tmp_path / "pairs.txt")
    plot = tmp_path / "roc.svg"
    result = run(
        "pairs", people, "--pairs", listed, "--json", "--samples", 20, "--far", 0.1,
        "--template", "int8", "--plot", plot, "--impostors", 2,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    got = json.loads(result.stdout)
    assert got["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert got["equal_error_rate"]["value"] == 0
    assert [point["far"] for point in got["points"]] == [0.1]
    assert got["points"][0]["tar"]["value"] == 1
    assert (got["same"], got["different"], got["photos"], got["without_face"]) == (10, 10, 7, 1)
    assert (got["embedder"], got["template"], got["bytes"]) == ("sface-2021dec", "int8", 132)
    assert "TAR" in plot.read_text()
    assert "A_000" in result.stderr and "G_000" in result.stderr and "nobody" not in result.stderr


def test_all_pairs_of_a_folder(people: Path) -> None:
    result = run("pairs", people, "--samples", 20, "--flip")
    assert result.exit_code == 0, result.stderr
    assert "accuracy" not in result.stdout
    assert "TAR at FAR 0.001      1.0000" in result.stdout
    assert "same 12, different 24" in result.stdout and "flip True" in result.stdout


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
    assert rostro.load_image(tmp_path / "dir.png").shape == (750, 900, 3)


def test_calibration_prints_tables_of_a_card(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_one_error(run("pairs", people, "--calibrate", "two people"), "16 pairs", "300000")
    monkeypatch.setattr("rostro.evaluate.calibration._LEAST_ERRORS", 1e-4)
    printed = run("pairs", people, "--calibrate", "two people").stdout
    thresholds = tomllib.loads(printed)["thresholds"]
    assert thresholds["cosine"]["pairs"] == 16  # none with the picture of nobody
    assert thresholds["cosine"]["fmr"] == 1e-3 and 0 < thresholds["cosine"]["value"] < 0.363
    assert thresholds["cosine_strict"]["how"].startswith("two people, 9 photos, faces by yunet")


def test_lists_of_sets_and_of_a_development_split(people: Path, tmp_path: Path) -> None:
    of_a_set = ["A 1 2", "G\t3\t4", "A 1 G 1", "A 2 G 1"]
    sets = read_pairs(list_of_pairs(tmp_path / "sets.txt", ["3\t2", *of_a_set * 3]), people)
    assert sets.folds.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    names = [path.name for path in sets.photos.paths]
    assert [names[i] for i in sets.first[:2]] == ["A_0001.jpg", "G_0003.jpg"]
    assert [names[i] for i in sets.second[:2]] == ["A_0002.jpg", "G_0004.jpg"]
    split = read_pairs(list_of_pairs(tmp_path / "split.txt"), people)
    assert split.folds.tolist() == [*range(10), *range(10)]


BAD_LISTS = {
    "empty": ([""], ("line 1", "number of folds")),
    "a word": (["ten"], ("line 1", "number of folds")),
    "too short": (["10", "A 1 2"], ("1 pairs", "20")),
    "few": (["2", "A 1 2", "A 1 2", "A 1 G 1", "A 1 G 1"], ("10 of either kind",)),
}


@pytest.mark.parametrize("case", BAD_LISTS)
def test_bad_lists(people: Path, tmp_path: Path, case: str) -> None:
    lines, parts = BAD_LISTS[case]
    listed = list_of_pairs(tmp_path / "pairs.txt", lines)
    assert_one_error(run("pairs", people, "--pairs", listed), "pairs.txt", *parts)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("A 1 3", "A 1 x", ("line 4", "'A 1 x'")),
        ("A 1 3", "A 1", ("line 4", "PERSON i j")),
        ("A 1 3", "A 1 G 3", ("line 4", "same persons")),
        ("A 1 G 1", "A 1 2", ("line 12", "different ones")),
        ("A 1 3", "A 1 9", ("A_0009.jpg", "no such photo")),
    ],
)
def test_bad_lines(
    people: Path, tmp_path: Path, old: str, new: str, parts: tuple[str, ...]
) -> None:
    listed = list_of_pairs(tmp_path / "pairs.txt")
    listed.write_text(listed.read_text().replace(old, new, 1))
    assert_one_error(run("pairs", people, "--pairs", listed), *parts)


def test_bad_folders_and_usage(people: Path, tmp_path: Path) -> None:
    assert_one_error(run("pairs", tmp_path / "none"), "no such folder")
    assert_one_error(run("identify", tmp_path), "no photo in it")
    assert_one_error(run("pairs", people / "A"), "no photo in it")
    assert_one_error(run("pairs", people, "--pairs", tmp_path / "none"), "no such file")
    assert_one_error(run("pairs", people, "--plot", "x.pdf"), ".png or .svg")
    assert run("pairs", people, "--calibrate", "x", "--json").exit_code == 2
    assert run("pairs", people, "--far", 2).exit_code == 2
    alone = tmp_path / "one" / "A"
    alone.mkdir(parents=True)
    (alone / "a.jpg").symlink_to(people / "A" / "A_0001.jpg")
    assert_one_error(run("pairs", tmp_path / "one"), "both are wanted")
    assert_one_error(run("identify", tmp_path / "one"), "nobody is enrolled")
    (alone / "b.jpg").write_bytes(b"no picture")
    assert_one_error(run("pairs", tmp_path / "one"), "b.jpg")
