"""Poses that fit points, against OpenCV: in turn, in one run, on the same points, one thread.

    python benchmarks/peers_pose.py [--rounds 200] [--write]

16 faces a call, 100 pixels from eye to eye, with noise of 1 pixel. OpenCV takes one face at a time;
its iterative method wants a start where there are only five points, and has that of a face that
looks ahead. Reprojection errors are compared before anything is timed.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import rostro
from peers_image import Work, measure
from report import Page, argument_parser, heading, table

PACKAGES = ("rostro", "numpy", "opencv-python-headless")
CAMERA = rostro.Camera(800, 800, 320, 240)
MATRIX = np.array([[CAMERA.fx, 0, CAMERA.cx], [0, CAMERA.fy, CAMERA.cy], [0, 0, 1]])
NO_DISTORTION = np.zeros(5)
FACES = 16


def points_of(scheme: str) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    angles = rng.uniform([-60, -30, -30], [60, 30, 30], (FACES, 3))
    depth = CAMERA.fx * 0.063 / 100
    places = np.hstack([rng.uniform(-0.1, 0.1, (FACES, 2)), np.full((FACES, 1), depth)])
    rotations = rostro.rotations.matrix_from_angles(angles)
    pixels = rostro.project_points(rostro.mean_face(scheme), rotations, places, CAMERA)
    return (pixels + rng.normal(0, 1, pixels.shape)).astype(np.float32)


def works_of(scheme: str) -> dict[str, Work]:
    points, face = points_of(scheme), rostro.mean_face(scheme)
    pixels = points.astype(np.float64)

    def with_rostro() -> rostro.Poses:
        return rostro.fit_pose(points, scheme, CAMERA)

    def with_opencv() -> list[tuple[Any, Any]]:
        found: list[tuple[Any, Any]] = []
        for each in pixels:
            start = np.zeros((3, 1)), np.array([[0.0], [0.0], [0.5]])
            _, turn, place = cv2.solvePnP(
                face, each, MATRIX, NO_DISTORTION, start[0], start[1], len(face) < 6,
                cv2.SOLVEPNP_ITERATIVE,
            )  # fmt: skip
            found.append((turn, place))
        return found

    errors = []
    for each, (turn, place) in zip(pixels, with_opencv(), strict=True):
        projected, _ = cv2.projectPoints(face, turn, place, MATRIX, NO_DISTORTION)
        errors.append(np.sqrt(np.square(projected[:, 0] - each).sum(axis=1).mean()))
    if (with_rostro().errors > np.array(errors) + 1e-3).any():
        raise SystemExit(f"{scheme}: OpenCV's reprojection errors are smaller")
    return {"**rostro `fit_pose`**": with_rostro, "OpenCV solvePnP, iterative": with_opencv}


def report(rounds: int = 60, *, write: bool = False) -> None:
    """Prints, and writes, docs/measured/pose.md."""
    cv2.setNumThreads(1)
    page = Page("pose", "Poses that fit points, beside OpenCV")
    page.show(f"{heading(PACKAGES)}; {FACES} faces a call; one thread")
    rows = []
    for scheme in ("five", "ibug68", "mesh478"):
        seconds = measure(works_of(scheme), rounds)
        ours, _ = next(iter(seconds.values()))
        for name, (value, _) in seconds.items():
            rows.append([scheme, name, f"{1e6 * value / FACES:.2f}", f"{value / ours:.1f}"])
    page.show(table(["points", "by", "us a face", "times rostro's"], rows))
    if write:
        page.save()


if __name__ == "__main__":
    parser = argument_parser(__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    report(arguments.rounds, write=arguments.write)
