"""`rostro eval wider` with detections and ground truth that cannot be used."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from click.testing import Result

from rostro.evaluate.wider_detections import write_detections
from tests.support.command_line import assert_refused, rostro


def run(*arguments: object) -> Result:
    return rostro("eval", "wider", *arguments)


Spoil = Callable[[Path], None]


def replace_text(name: str, text: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).write_text(text)

    return spoil


def empty(folder: Path) -> None:
    for event in folder.iterdir():
        shutil.rmtree(event)


PARADE = "0--Parade/a.txt"


BAD_DETECTIONS: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "four numbers": (replace_text(PARADE, "a\n1\n0 0 9 9\n"), ("a.txt, line 3", "'0 0 9 9'")),
    "a word": (replace_text(PARADE, "a\n2\n0 0 9 9 .1\n0 0 9 x .1\n"), ("line 4", "score")),
    "not finite": (replace_text(PARADE, "a\n1\n0 0 9 9 nan\n"), ("line 3", "nan")),
    "too few lines": (replace_text(PARADE, "a\n2\n0 0 9 9 0.1\n"), ("a.txt", "2 faces", "1 lines")),
    "no count": (replace_text(PARADE, "a\n0 0 9 9 0.1\n"), ("a.txt", "number of faces")),
    "empty file": (replace_text(PARADE, ""), ("a.txt", "number of faces")),
    "another image's": (replace_text(PARADE, "b\n0\n"), ("a.txt", "'b'")),
    "unknown image": (replace_text("0--Parade/z.txt", "z\n0\n"), ("0--Parade/z",)),
    "no event": (replace_text("z.txt", "z\n0\n"), ("z.txt", "EVENT/NAME.txt")),
    "nothing": (empty, ("no det",)),
}


@pytest.mark.parametrize("case", BAD_DETECTIONS)
def test_bad_detections_are_one_clear_error(truth: Path, found: Path, case: str) -> None:
    spoil, parts = BAD_DETECTIONS[case]
    spoil(found)
    assert_refused(run("--detections", found, "--ground-truth", truth, "--json"), *parts)


def test_bad_zips_are_one_clear_error(truth: Path, found: Path, tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    assert_refused(run("--detections", archive, "--ground-truth", truth), "no such file")
    archive.write_bytes(b"no zip at all")
    assert_refused(run("--detections", archive, "--ground-truth", truth), "no zip")
    zipfile.ZipFile(archive, "w").close()
    assert_refused(run("--detections", archive, "--ground-truth", truth), "no detections")
    write_detections(archive, {"0--Parade/a": np.ones((99, 5))})
    damaged = bytearray(archive.read_bytes())
    damaged[80:90] = b"0123456789"
    archive.write_bytes(damaged)
    assert_refused(run("--detections", archive, "--ground-truth", truth), "no zip")


def spoil_events(folder: Path) -> None:
    path = folder / "wider_easy_val.mat"
    content = scipy.io.loadmat(path)
    scipy.io.savemat(path, {"event_list": content["event_list"][:1], "gt_list": content["gt_list"]})


def spoil_indices(folder: Path) -> None:
    path = folder / "wider_hard_val.mat"
    content = scipy.io.loadmat(path)
    content["gt_list"][0, 0][0, 0] = np.array([[2]])
    scipy.io.savemat(path, {key: content[key] for key in ("event_list", "gt_list")})


def spoil_by(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "wider_face_val.mat"
        path.write_bytes(change(path.read_bytes()))

    return spoil


BAD_TRUTH: dict[str, tuple[Spoil, tuple[str, ...]]] = {
    "missing file": (
        lambda folder: (folder / "wider_hard_val.mat").unlink(),
        ("wider_hard_val.mat: no such file",),
    ),
    "cut short": (spoil_by(lambda data: data[:-7]), ("wider_face_val.mat", "no MATLAB 5 file")),
    "another format": (spoil_by(lambda _: b"garbled" * 99), ("wider_face_val.mat", "begin")),
    "empty": (spoil_by(lambda _: b""), ("wider_face_val.mat", "begin")),
    "no variables": (spoil_by(lambda data: data[:128]), ("no variable event_list and no fa",)),
    "an event is missing": (spoil_events, ("wider_easy_val.mat", "events")),
    "faces that are not there": (spoil_indices, ("wider_hard_val.mat", "0--Parade/a has 1 faces")),
}


@pytest.mark.parametrize("case", BAD_TRUTH)
def test_bad_ground_truth_is_one_clear_error(truth: Path, found: Path, case: str) -> None:
    spoil, parts = BAD_TRUTH[case]
    spoil(truth)
    assert_refused(run("--detections", found, "--ground-truth", truth, "--json"), *parts)
