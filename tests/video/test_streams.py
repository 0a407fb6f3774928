"""Streams of known truth: ids last, and longer than with plain ByteTrack."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.video import Tracker, TrackerSettings
from tests.support.followed import by_bytetrack, by_rostro
from tests.support.mot_metrics import Frame, hota, score
from tests.support.streams import CLEAN, SCENES, Detected, Noise, crossing, detected, hidden


@functools.cache
def noisy(scene: str) -> list[Detected]:
    return detected(SCENES[scene](), Noise())


def test_no_id_is_exchanged_where_people_cross() -> None:
    stream = detected(crossing(), CLEAN)
    for embeddings in (True, False):
        assert score(by_rostro(stream, embeddings=embeddings)).switches == 0


@pytest.mark.parametrize("scene", SCENES)
def test_ids_last_with_noise_misses_and_false_alarms(scene: str) -> None:
    ours = by_rostro(noisy(scene))
    found = score(ours)
    assert found.idf1 >= 0.95
    plain = score(by_bytetrack(noisy(scene)))
    assert found.idf1 > plain.idf1 + 0.05 and found.mota > plain.mota + 0.05


def test_hota_is_above_plain_bytetrack() -> None:
    stream = noisy("crossing")
    assert hota(by_rostro(stream)) > hota(by_bytetrack(stream)) + 0.05


def keeps(frames: list[Frame], person: int = 0) -> bool:
    """Whether somebody has the same id in the middle of the first and of the last second."""
    ids = []
    for index in (45, len(frames) - 15):
        frame = frames[index]
        (row,) = np.flatnonzero(frame.people == person)
        near = np.abs(frame.boxes - frame.truth[row]).max(axis=1, initial=0) < 40
        ids.append(set(frame.ids[near].tolist()))
    return bool(ids[0] & ids[1])


@pytest.mark.heavy
def test_who_is_hidden_for_two_seconds_keeps_the_id() -> None:
    streams = [detected(hidden(160), Noise(), seed) for seed in range(40)]
    assert np.mean([keeps(by_rostro(stream)) for stream in streams]) >= 0.95
    assert np.mean([keeps(by_bytetrack(stream, 6)) for stream in streams[:10]]) < 0.5


def test_without_its_motion_the_camera_loses_them() -> None:
    stream = noisy("panning")
    with_motion = score(by_rostro(stream, embeddings=False))
    without = score(by_rostro(stream, embeddings=False, motion=False))
    assert with_motion.switches == 0 < without.switches


def errors(smooth: bool) -> tuple[float, float]:
    """How far left edges are from the truth, and by how much that changes from frame to frame."""
    tracker = Tracker(TrackerSettings(smooth=smooth))
    rows = []
    for frame in detected(SCENES["walking"](), Noise(missing=0, false_alarms=0)):
        faces = tracker(rostro.Faces(frame.boxes, frame.scores, frame.landmarks), frame.time)
        assert faces.landmarks is not None and frame.landmarks.shape == faces.landmarks.shape
        near = np.abs(frame.truth[:, None] - faces.boxes[None]).max(axis=2).argmin(axis=1)
        rows.append(faces.boxes[near, 0] - frame.truth[:, 0])
    found = np.array(rows)
    return float(np.abs(found).mean()), float(np.abs(np.diff(found, axis=0)).mean())


def test_smoothed_boxes_shake_less_and_are_nearer_to_the_truth() -> None:
    (distance, shake), (smooth_distance, smooth_shake) = errors(False), errors(True)
    assert smooth_shake < 0.5 * shake and smooth_distance < distance


def resident() -> int:
    """Bytes of memory in use by this process."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("no /proc")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.heavy
def test_ten_thousand_frames_take_no_more_memory() -> None:
    tracker, stream = Tracker(), noisy("crossing")
    tables = [rostro.Faces(f.boxes, f.scores, f.landmarks, embeddings=f.embeddings) for f in stream]
    before = 0
    for frame in range(12_000):
        if frame == 2_000:
            before = resident()
        tracker(tables[frame % len(tables)], frame / 30)
    assert resident() - before < 2**20
