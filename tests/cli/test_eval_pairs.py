"""`rostro eval pairs` on a few photos: figures, files, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from rostro.support.backports import tomllib
from tests.support.command_line import assert_refused, rostro
from tests.support.labelled_folder import list_of_pairs

pytestmark = pytest.mark.usefixtures("default_models")


def run(*arguments: object) -> Result:
    return rostro("eval", *arguments, "--threads", 1)


def test_pairs_of_a_list(people: Path, tmp_path: Path) -> None:
    listed = list_of_pairs(tmp_path / "pairs.txt")
    plot = tmp_path / "roc.svg"
    result = run(
        "pairs", people, "--pairs", listed, "--json", "--samples", 20, "--far", 0.1,
        "--storage", "int8", "--plot", plot, "--impostors", 2,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    got = json.loads(result.stdout)
    assert got["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert got["equal_error_rate"]["value"] == 0
    assert [point["far"] for point in got["points"]] == [0.1]
    assert got["points"][0]["tar"]["value"] == 1
    assert (got["same"], got["different"], got["photos"], got["without_face"]) == (10, 10, 7, 1)
    assert (got["embedder"], got["storage"], got["bytes"]) == ("sface-2021dec", "int8", 132)
    assert "TAR" in plot.read_text()
    assert "A_000" in result.stderr and "G_000" in result.stderr and "nobody" not in result.stderr


def test_all_pairs_of_a_folder(people: Path) -> None:
    result = run("pairs", people, "--samples", 20, "--flip")
    assert result.exit_code == 0, result.stderr
    assert "accuracy" not in result.stdout
    assert "TAR at FAR 0.001      1.0000" in result.stdout
    assert "same 12, different 24" in result.stdout and "flip True" in result.stdout


def test_calibration_prints_tables_of_a_card(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_refused(run("pairs", people, "--calibrate", "two people"), "16 pairs", "300000")
    monkeypatch.setattr("rostro.evaluate.calibration._LEAST_ERRORS", 1e-4)
    printed = run("pairs", people, "--calibrate", "two people").stdout
    thresholds = tomllib.loads(printed)["thresholds"]
    assert thresholds["cosine"]["pairs"] == 16  # none with the picture of nobody
    assert thresholds["cosine"]["fmr"] == 1e-3 and 0 < thresholds["cosine"]["value"] < 0.363
    assert thresholds["cosine_strict"]["how"].startswith("two people, 9 photos, faces by yunet")


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
    assert_refused(run("pairs", people, "--pairs", listed), "pairs.txt", *parts)


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
    assert_refused(run("pairs", people, "--pairs", listed), *parts)


def test_bad_folders_and_usage(people: Path, tmp_path: Path) -> None:
    assert_refused(run("pairs", tmp_path / "none"), "no such folder")
    assert_refused(run("pairs", people / "A"), "no photo in it")
    assert_refused(run("pairs", people, "--pairs", tmp_path / "none"), "no such file")
    assert_refused(run("pairs", people, "--plot", "x.pdf"), ".png or .svg")
    assert run("pairs", people, "--calibrate", "x", "--json").exit_code == 2
    assert run("pairs", people, "--far", 2).exit_code == 2
    alone = tmp_path / "one" / "A"
    alone.mkdir(parents=True)
    (alone / "a.jpg").symlink_to(people / "A" / "A_0001.jpg")
    assert_refused(run("pairs", tmp_path / "one"), "both are wanted")
    (alone / "b.jpg").write_bytes(b"no picture")
    assert_refused(run("pairs", tmp_path / "one"), "b.jpg")
