"""What `rostro.Quality` measures in pixels, by the formulas of its guide in plain NumPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_ROWS, _COLUMNS = np.mgrid[:112, :112]
FACE = ((_COLUMNS - 56) / 38) ** 2 + ((_ROWS - 78) / 44) ** 2 <= 1
"""The face in an aligned crop."""
LEFT, RIGHT = (slice(72, 82), slice(28, 38)), (slice(72, 82), slice(74, 84))
"""Its cheeks."""


def luma(bgr: Pixels) -> NDArray[np.int64]:
    gray: NDArray[np.int64] = (bgr.astype(np.int64) @ np.array([15, 75, 38]) + 64) >> 7
    return gray


def _linear(value: NDArray[np.float64]) -> NDArray[np.float64]:
    light: NDArray[np.float64] = np.where(
        value > 0.04045, ((value + 0.055) / 1.055) ** 2.4, value / 12.92
    )
    return light


def luminance(bgr: Pixels) -> NDArray[np.int64]:
    light = _linear(bgr / 255) @ np.array([0.0722, 0.7152, 0.2126])
    rounded: NDArray[np.int64] = np.floor(light * 255 + 0.5).astype(np.int64)
    return rounded


def sharpness(crop: Pixels) -> float:
    gray = luma(crop)
    kept = total = 0.0
    for axis in (0, 1):
        # 9 times a pixel less the one before, and the mean over nine pixels less the one before.
        near = 9 * np.abs(gray - np.roll(gray, 1, axis))
        far = np.abs(np.roll(gray, -4, axis) - np.roll(gray, 5, axis))
        inner = np.zeros_like(FACE)
        inner[5:108, 5:108] = FACE[5:108, 5:108]
        kept += np.maximum(0, near - far)[inner].sum()
        total += near[inner].sum()
    rough = min(1.0, total / 9 / 2 / inner.sum() / 2)  # mean differences below two gray levels
    return float(kept / total * rough**2)


def exposure(crop: Pixels) -> tuple[float, float, float]:
    """Shares of the dark and of the bright, and the bits of entropy."""
    face = luminance(crop)[FACE]
    shares = np.bincount(face, minlength=256) / face.size
    shares = shares[shares > 0]
    return (face <= 25).mean(), (face >= 247).mean(), -(shares * np.log2(shares)).sum()


def illumination(crop: Pixels) -> float:
    left, right = (
        np.bincount(luminance(crop)[zone].ravel() // 8, minlength=32) / 100
        for zone in (LEFT, RIGHT)
    )
    return float(np.minimum(left, right).sum())


def natural_color(crop: Pixels) -> float:
    cheeks = np.concatenate([crop[LEFT].reshape(-1, 3), crop[RIGHT].reshape(-1, 3)])
    b, g, r = _linear(cheeks.mean(axis=0) / 255)
    to_xyz = np.array(
        [[0.43605, 0.38508, 0.14309], [0.22249, 0.71689, 0.06062], [0.01393, 0.0971, 0.71419]]
    )
    x, y, z = to_xyz @ [r, g, b] / [0.964221, 1, 0.825211]
    fx, fy, fz = (
        v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z)
    )
    a, b = 500 * (fx - fy), 200 * (fy - fz)
    if a < 0 or b < 0:
        return 100.0
    return float(np.hypot(max(0, 5 - a, a - 25), max(0, 5 - b, b - 35)))


def compression(image: Pixels, box: NDArray[np.float32]) -> float:
    height, width = image.shape[:2]
    taken = []
    for low, high, side in ((box[0], box[2], width), (box[1], box[3], height)):
        start, end = (int(np.clip(np.floor(v + 0.5), 0, side)) for v in (low, high))
        size = min(end - start, 128)
        taken.append(slice((start + end - size) // 2, (start + end - size) // 2 + size))
    gray = luma(image[taken[1], taken[0]])
    block = others = 0.1
    for plane in (gray, gray.T):
        apart = np.abs(np.diff(plane, axis=1))
        steps = np.maximum(0, 2 * apart[:, 1:-1] - apart[:, :-2] - apart[:, 2:])
        means = [steps[:, phase::8].mean() for phase in range(8)]
        block += max(means)
        others += (sum(means) - max(means)) / 7
    return block / others


def sigmoid(value: float, middle: float, width: float) -> float:
    return 1 / (1 + math.exp((middle - value) / width))


def components(measured: dict[str, float]) -> dict[str, float]:
    """0..100 of what is measured."""
    m = measured
    cosines = {name: np.cos(np.radians(m[name])) for name in ("yaw", "pitch", "roll")}
    found = {
        "sharpness": 100 * sigmoid(m["sharpness"], 0.4, 0.05),
        "compression": 100 * (1 - sigmoid(np.log2(m["compression"]), 2.8, 0.6)),
        "under_exposure": 120 * (0.832 - sigmoid(m["under_exposure"], 0.92, 0.05)),
        "over_exposure": 1 / (m["over_exposure"] + 0.01),
        "dynamic_range": 12.5 * m["dynamic_range"],
        "illumination": 100 * m["illumination"] ** 0.3,
        "natural_color": 200 * (1 - sigmoid(m["natural_color"], 0, 10)),
        "inter_eye_distance": 100 * sigmoid(m["inter_eye_distance"], 70, 20),
        "head_size": 200 * (1 - sigmoid(abs(m["head_size"] - 0.45), 0, 0.05)),
        "crop_left": 100 * sigmoid(m["crop_left"], 0.9, 0.1),
        "crop_right": 100 * sigmoid(m["crop_right"], 0.9, 0.1),
        "crop_above": 100 * sigmoid(m["crop_above"], 1.4, 0.1),
        "crop_below": 100 * sigmoid(m["crop_below"], 1.8, 0.1),
        **{name: 100 * max(0.0, cosine) ** 2 for name, cosine in cosines.items()},
        "certainty": 100 * m["certainty"],
    }
    return {name: float(np.clip(value, 0, 100)) for name, value in found.items()}
