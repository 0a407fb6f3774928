"""`rostro eval pose` on a few photos: figures, files, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import rostro as api
from rostro.types import Image
from tests.support.command_line import assert_refused, rostro
from tests.support.labelled_faces import face_points, write_mat, write_pts

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture
def labelled(photo: Image, tmp_path: Path) -> Path:
    """A face that is labelled as turned; the same with its head upside down; and nobody."""
    folder = tmp_path / "labelled"
    (face,) = api.Detector(threads=1)(photo)
    corners = np.tile(face.box.reshape(2, 2), (34, 1)).astype(np.float64)
    for name, roll in (("a", 0.0), ("b", 120.0)):
        write_mat(folder / f"{name}.mat", corners, (-40, 10, roll))
        api.save_image(folder / f"{name}.jpg", photo)
    write_mat(folder / "nobody.mat", face_points(), (10, 0, 0))
    return folder


def test_figures_and_files(labelled: Path, tmp_path: Path) -> None:
    plot = tmp_path / "errors.svg"
    arguments = ["eval", "pose", labelled, "--samples", 20, "--threads", 1]
    result = rostro(*arguments, "--json", "--plot", plot)
    assert result.exit_code == 0, result.stderr
    got = json.loads(result.stdout)
    assert (got["within_99"]["faces"], got["within_99"]["missed"]) == (2, 1)
    assert (got["all"]["faces"], got["all"]["missed"]) == (3, 1)
    assert (got["landmarks"], got["pose"]) == ("detector", "fit, 30 degrees")
    figures = [got["within_99"][name]["value"] for name in ("yaw", "pitch", "roll")]
    assert got["within_99"]["mean"]["value"] == pytest.approx(np.mean(figures), abs=1e-5)
    # The face looks nearly straight ahead, and the second is no other but for its label.
    assert figures[0] > 10 and figures[2] < 30
    assert got["all"]["roll"]["value"] > 45
    assert got["groups"]["yaw 30-60"]["yaw"] == got["within_99"]["yaw"]
    assert got["groups"]["yaw 0-30"] == {
        "faces": 1, "missed": 1, "yaw": None, "pitch": None, "roll": None, "mean": None,
        "geodesic": None,
    }  # fmt: skip
    assert "geodesic" in plot.read_text()
    shown = rostro(*arguments).stdout
    assert "within 99 degrees: 2 faces, 1 not found" in shown and "all: 3 faces" in shown


def test_bad_input(labelled: Path, tmp_path: Path) -> None:
    run = ["eval", "pose", labelled, "--threads", 1]
    assert_refused(rostro(*run, "--pose", "detector"), "a.jpg", "without a pose")
    assert_refused(rostro(*run, "--pose", "nothing"), "'nothing'")
    assert_refused(rostro("eval", "pose", tmp_path / "absent"), "no such folder")
    write_pts(labelled / "c.pts", face_points())
    assert_refused(rostro(*run), "c.png", "no pose")
