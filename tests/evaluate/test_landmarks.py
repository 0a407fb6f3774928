"""Errors of landmarks: by hand, by plain NumPy, and bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import rostro
from rostro import Faces
from rostro.errors import ArgumentError, EvaluationError
from rostro.evaluate.labelled_faces import LabelledFace, find_faces, groups, read_labels
from rostro.evaluate.landmarks import FAILURE, Length, face_errors, score
from rostro.types import FloatArray
from tests.support.labelled_faces import face_points, found
from tests.support.shared import shared_data

TRUTH = face_points()
LABEL = LabelledFace(Path("a.jpg"), TRUTH, None, "")


def with_points(points: NDArray[np.float64], scheme: str = "ibug68") -> Faces:
    return found(TRUTH).with_columns(points=points[None].astype(np.float32), scheme=scheme)


def five(truth: NDArray[np.float64]) -> FloatArray:
    rows = [truth[36:42].mean(0), truth[42:48].mean(0), truth[30], truth[48], truth[54]]
    return np.array(rows, np.float32)[None]


@pytest.mark.parametrize(("length", "pixels"), [("corners", 80.0), ("pupils", 60.0), ("box", None)])
def test_every_point_off_by_three_and_four_pixels(length: Length, pixels: float | None) -> None:
    if pixels is None:
        width, height = np.ptp(TRUTH, axis=0)
        pixels = float(np.sqrt(width * height))
    moved = TRUTH + np.array([3, 4])
    for faces in (
        with_points(moved),
        with_points(np.concatenate([moved, np.full((68, 1), 99)], 1)),
        found(TRUTH).with_columns(landmarks=five(moved)),
    ):
        (error,) = face_errors([LABEL], [faces], length)
        assert error == pytest.approx(5 / pixels, rel=1e-5)


def test_the_mesh_is_compared_where_it_has_the_same_places() -> None:
    mesh = np.zeros((478, 3))
    places = {33: 36, 133: 39, 362: 42, 263: 45, 4: 30, 61: 48, 291: 54}
    for ours, theirs in places.items():
        mesh[ours, :2] = TRUTH[theirs]
    assert face_errors([LABEL], [with_points(mesh, "mesh478")])[0] == pytest.approx(0, abs=1e-6)
    mesh[4, 0] += 56  # of seven, over 80
    (error,) = face_errors([LABEL], [with_points(mesh, "mesh478")])
    assert error == pytest.approx(56 / 7 / 80, rel=1e-5)


def test_other_schemes_are_converted_where_that_is_exact() -> None:
    lips = np.delete(TRUTH, [60, 64], 0)
    moved = lips + np.array([8, 0])
    assert face_errors([LABEL], [with_points(moved, "ibug66")])[0] == pytest.approx(0.1, rel=1e-5)
    for scheme, count in (("wflw98", 98), ("jd106", 106)):
        # One place for all points: off from the truth by the mean distance to all 68, or to five.
        points = np.full((count, 2), 100.0)
        wanted = TRUTH if scheme == "wflw98" else five(TRUTH)[0]
        error = np.linalg.norm(wanted - 100, axis=1).mean() / 80
        got = face_errors([LABEL], [with_points(points, scheme)])
        assert got[0] == pytest.approx(error, rel=1e-5)


def test_figures() -> None:
    errors = np.array([0.02, 0.04, 0.08, 0.2, np.inf])
    got = score(errors)
    assert (got.faces, got.missed) == (5, 1)
    assert got.error is not None
    assert got.error.value == pytest.approx(errors[:4].mean())
    assert got.error.low <= got.error.value <= got.error.high
    assert got.failures.value == pytest.approx(2 / 5)  # 8 % itself has not failed
    steps = np.linspace(0, FAILURE, 100_001)
    curve = np.array([(errors <= step).mean() for step in steps])
    assert got.area.value == pytest.approx(curve.mean(), abs=1e-4)
    assert score(errors) == got, "the same draws every time"
    assert score(np.full(3, 0.01)).area.low == pytest.approx(1 - 0.01 / FAILURE)
    nothing = score(np.full(3, np.inf))
    assert nothing.error is None and nothing.failures.value == 1 and nothing.area.value == 0


def test_intervals_cover_the_mean() -> None:
    """Of samples of 50 errors, 95 % of the intervals hold the mean of all; 90 of 100 at least."""
    random = np.random.default_rng(0)
    held = 0
    for _ in range(100):
        got = score(random.gamma(4, 0.01, 50), samples=200).error
        assert got is not None
        held += got.low <= 0.04 <= got.high
    assert held >= 88


def test_bad_input() -> None:
    with pytest.raises(ArgumentError, match='got "none"'):
        face_errors([LABEL], [with_points(TRUTH, "none")])
    with pytest.raises(EvaluationError, match="no landmarks"):
        face_errors([LABEL], [found(TRUTH)])
    flat = TRUTH.copy()
    flat[45] = flat[36]
    label = LabelledFace(Path("a.jpg"), flat, None, "")
    with pytest.raises(EvaluationError, match="corners coincide"):
        face_errors([label], [with_points(TRUTH)])
    assert np.isfinite(face_errors([label], [with_points(TRUTH)], "pupils")).all()


@pytest.mark.heavy
@pytest.mark.usefixtures("default_models")
def test_five_points_of_yunet() -> None:
    """Measured with independent code: 7.10 % on all 1,304 faces within 30 degrees of yaw."""
    labels = read_labels(shared_data("aflw2000"))
    within = groups(labels)["yaw 0-30"]
    chosen = [label for label, there in zip(labels, within, strict=True) if there]
    got = score(face_errors(chosen, find_faces(chosen, rostro.Detector(threads=1))))
    assert (got.faces, got.missed) == (133, 3)
    assert got.error is not None and abs(got.error.value - 0.071) < 0.005
