"""`rostro eval landmarks` on a few photos: figures, files, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import rostro as api
from rostro.evaluate.labelled_faces import read_labels
from rostro.types import Image
from tests.support.command_line import assert_refused, rostro
from tests.support.labelled_faces import black_photo, face_points, write_mat, write_pts

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def labelled(photo: Image, tmp_path: Path) -> Path:
    """A face labelled where YuNet finds it, but for one eye 10 px off; and a photo of nobody."""
    folder = tmp_path / "labelled"
    (face,) = api.Detector(threads=1)(photo)
    assert face.landmarks is not None
    points = np.tile(face.landmarks[2], (68, 1)).astype(np.float64)
    points[0], points[16] = face.box[:2], face.box[2:]
    points[36:42], points[42:48], points[48], points[54] = face.landmarks[[0, 1, 3, 4]]
    points[36:42, 1] += 10
    write_pts(folder / "some" / "a.pts", points)
    write_mat(folder / "b.mat", face_points(), (40, 0, 0))
    api.save_image(folder / "some" / "a.png", photo)
    return folder


def test_figures_and_files(labelled: Path, tmp_path: Path) -> None:
    plot = tmp_path / "errors.svg"
    arguments = ["eval", "landmarks", labelled, "--samples", 20, "--threads", 1]
    result = rostro(*arguments, "--json", "--plot", plot)
    assert result.exit_code == 0, result.stderr
    got = json.loads(result.stdout)
    assert (got["faces"], got["missed"], got["landmarks"]) == (2, 1, "detector")
    points = next(label.points for label in read_labels(labelled) if label.group)
    eyes = float(np.linalg.norm(points[36] - points[45]))
    assert got["nme"]["value"] == pytest.approx(10 / 5 / eyes, abs=1e-3)
    assert got["groups"]["some"]["nme"] == got["nme"] and got["groups"]["."]["nme"] is None
    assert got["groups"]["yaw 30-60"]["missed"] == 1
    assert got["failure_rate"]["value"] == 0.5 and got["auc"]["low"] <= got["auc"]["value"]
    assert "share of faces" in plot.read_text()
    again = rostro(*arguments, "--plot", plot)
    assert again.exit_code == 2 and "--overwrite" in again.stderr

    shown = rostro(*arguments, "--length", "box").stdout
    assert "all: 2 faces, 1 not found" in shown and "some: 1 faces" in shown
    assert "length box" in shown


def test_bad_input(tmp_path: Path) -> None:
    run = ["eval", "landmarks", tmp_path]
    assert_refused(rostro(*run), "no label in it")
    assert_refused(rostro("eval", "landmarks", tmp_path / "absent"), "no such folder")
    (tmp_path / "a.pts").write_text("{\n}\n")
    black_photo(tmp_path / "a.jpg")
    assert_refused(rostro(*run), "a.pts", "got 0 points")
    assert_refused(rostro(*run, "--plot", tmp_path / "a.gif"), "a.gif", ".svg")
