"""Labelled photos as AFLW2000 and 300-W lay them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy.io import savemat

from rostro import Faces


def face_points(seed: int = 0) -> NDArray[np.float64]:
    """(68, 2) points like a face's between 40 and 160 pixels, eyes and mouth where they belong."""
    points = np.random.default_rng(seed).uniform(60, 140, (68, 2))
    points[0], points[16], points[8] = (40, 80), (160, 80), (100, 160)
    points[36:42] = [[60, 80], [65, 78], [75, 78], [80, 80], [75, 82], [65, 82]]
    points[42:48] = [[120, 80], [125, 78], [135, 78], [140, 80], [135, 82], [125, 82]]
    points[30], points[48], points[54] = (100, 110), (75, 135), (125, 135)
    return points


def black_photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (200, 200)).save(path)


def write_mat(
    path: Path, points: NDArray[Any], angles: tuple[float, float, float] = (0, 0, 0)
) -> None:
    """A label of points and yaw, pitch and roll in degrees, and its photo."""
    black_photo(path.with_suffix(".jpg"))
    yaw, pitch, roll = np.radians(angles)
    pose = np.array([[pitch, yaw, roll, 100, 100, 0, 1]], np.float32)
    whole = np.concatenate([points, np.zeros((len(points), 1))], 1).T.astype(np.float32)
    savemat(path, {"Pose_Para": pose, "pt3d_68": whole, "roi": np.zeros((1, 4))})


def write_pts(path: Path, points: NDArray[Any]) -> None:
    """A label as 300-W has it, whose first pixel is 1, and its photo."""
    black_photo(path.with_suffix(".png"))
    rows = "".join(f"{x:.3f} {y:.3f}\n" for x, y in points + 1)
    path.write_text(f"version: 1\nn_points: {len(points)}\n{{\n{rows}}}\n")


def found(points: NDArray[np.float64]) -> Faces:
    """A table of one face, whose box is that of the points."""
    box = np.concatenate([points.min(0), points.max(0)]).astype(np.float32)
    return Faces(box[None], np.ones(1, np.float32))
