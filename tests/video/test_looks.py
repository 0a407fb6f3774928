"""When the detector looks, on videos made of real photos."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import rostro
from rostro.types import Image
from rostro.video import FaceTracker
from rostro.video.looks import Looks
from tests.support.streams import RATE, walking
from tests.support.videos import frames, people


@pytest.fixture(scope="module")
def pipeline(default_models: object) -> rostro.FacePipeline:
    return rostro.FacePipeline(embedder=None, threads=1)


def still(count: int, comes: int, sigma: float = 0.0) -> Iterator[Image]:
    """Three who do not move, and from frame ``comes`` on a fourth."""
    scene = walking(2)
    scene.there[0, 3] = False
    before, after = frames(scene, people(1))
    random = np.random.default_rng(0)
    for index in range(count):
        frame = after.copy() if index >= comes else before.copy()
        if sigma:
            noise = random.normal(0, sigma, frame.shape)
            frame = (frame + noise).clip(0, 255).astype(np.uint8)
        yield frame


@pytest.mark.parametrize("sigma", [0.0, 4.0])
def test_who_comes_between_two_looks_is_found_at_once(
    pipeline: rostro.FacePipeline, sigma: float
) -> None:
    tracker = FaceTracker(pipeline, detect_every=30)
    found = [len(tracker(frame, i / RATE)) for i, frame in enumerate(still(16, 10, sigma))]
    assert found[9] == 3 and found[10] == 4
    assert tracker.looks["motion"] == 1


def test_nothing_is_looked_at_where_nothing_comes(pipeline: rostro.FacePipeline) -> None:
    tracker = FaceTracker(pipeline, detect_every=10)
    for index, frame in enumerate(still(40, 40, 4.0)):
        tracker(frame, index / RATE)
    assert tracker.looks["motion"] == 0 and tracker.looks["due"] == 4
    assert tracker.detected == sum(tracker.looks.values())


def test_what_only_waves_is_passed_over_more_and_more() -> None:
    looks = Looks(5)
    random = np.random.default_rng(0)
    nobody = np.empty((0, 4), np.float32)
    moved = []
    for index in range(100):
        frame = np.full((120, 160, 3), 100, np.uint8)
        x = int(random.integers(0, 100))
        frame[40:90, x : x + 50] = 200
        why = looks.why(frame, "bgr", nobody, None)
        looks.looked(why, nobody, 0)
        moved += [index // 5] if why == "motion" else []
    assert looks.counts["due"] == 20
    assert moved == [0, 2, 5, 10, 19]  # one interval is passed over, then two, four, eight


def test_the_motion_of_the_camera_is_no_motion_in_the_frame() -> None:
    looks = Looks(1000)
    texture = np.random.default_rng(1).integers(60, 160, (24, 64, 3))
    wide = np.kron(texture, np.ones((20, 20, 1), np.int64)).astype(np.uint8)
    nobody = np.empty((0, 4), np.float32)
    move = np.array([[1, 0, -16], [0, 1, 0]], np.float32)
    for index in range(30):
        frame = np.ascontiguousarray(wide[:, 16 * index : 16 * index + 640])
        looks.looked(looks.why(frame, "bgr", nobody, move if index else None), nobody, 0)
    assert looks.counts == {"due": 1, "weak": 0, "motion": 0}
