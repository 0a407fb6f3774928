"""What comes into a video outside the faces that are followed."""

from __future__ import annotations

import numpy as np
import pytest

from rostro import _core
from rostro.errors import ArgumentError
from rostro.types import FloatArray, Image

NOBODY: FloatArray = np.empty((0, 4), np.float32)
RANDOM = np.random.default_rng(0)
TEXTURE: Image = np.kron(
    RANDOM.integers(60, 160, (24, 32, 3)), np.ones((20, 20, 1), np.int64)
).astype(np.uint8)


def noisy(image: Image, sigma: float) -> Image:
    return (image + RANDOM.normal(0, sigma, image.shape)).clip(0, 255).astype(np.uint8)


def with_something(image: Image, side: int) -> Image:
    changed = image.copy()
    changed[200 : 200 + side, 300 : 300 + side] = 230
    return changed


@pytest.mark.parametrize("sigma", [0.0, 5.0, 20.0])
def test_what_comes_in_is_told_and_noise_is_not(sigma: float) -> None:
    watch = _core.MotionWatch()
    watch.see(TEXTURE, "bgr", None)
    assert watch.changed(NOBODY)  # nothing was kept
    watch.keep(NOBODY)
    for _ in range(20):
        watch.see(noisy(TEXTURE, sigma), "bgr", None)
        assert not watch.changed(NOBODY)
        watch.accept()
    watch.see(noisy(with_something(TEXTURE, 40), sigma), "bgr", None)
    assert watch.changed(NOBODY)
    followed = np.array([[300, 200, 340, 240]], np.float32)
    assert not watch.changed(followed)


def test_brighter_light_is_nothing_new() -> None:
    watch = _core.MotionWatch()
    watch.see(TEXTURE, "bgr", None)
    watch.keep(NOBODY)
    watch.see(TEXTURE + np.uint8(25), "bgr", None)
    assert not watch.changed(NOBODY)


def test_the_motion_of_the_camera_is_made_up_for() -> None:
    watch = _core.MotionWatch()
    watch.see(TEXTURE, "bgr", None)
    watch.keep(NOBODY)
    moved = np.roll(TEXTURE, 70, 1)
    for step in (30, 40):  # in two frames
        watch.see(moved, "bgr", np.array([[1, 0, step], [0, 1, 0]], np.float32))
        watch.accept()
    assert not watch.changed(NOBODY)
    motion = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    watch.see(with_something(moved, 40), "bgr", motion)
    assert watch.changed(NOBODY)


def test_another_size_is_new_and_what_is_refused_changes_nothing() -> None:
    watch = _core.MotionWatch()
    watch.see(TEXTURE, "bgr", None)
    watch.keep(NOBODY)
    with pytest.raises(ArgumentError, match="motion"):
        watch.see(TEXTURE, "bgr", np.zeros((2, 3), np.float32))
    watch.see(TEXTURE, "bgr", None)
    assert not watch.changed(NOBODY)
    watch.see(np.ascontiguousarray(TEXTURE[:240]), "bgr", None)
    assert watch.changed(NOBODY)
