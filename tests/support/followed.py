"""Streams as trackers follow them, for `tests.support.mot_metrics`."""

from __future__ import annotations

import numpy as np

import rostro
from rostro.video import Tracker, TrackerSettings
from tests.support.bytetrack import ByteTrack
from tests.support.mot_metrics import Frame
from tests.support.streams import Detected


def by_rostro(
    stream: list[Detected],
    settings: TrackerSettings | None = None,
    *,
    embeddings: bool = True,
    motion: bool = True,
) -> list[Frame]:
    """Where faces are expected, as long as they are not lost: so what the detector misses is
    bridged."""
    tracker, frames = Tracker(settings), []
    for frame in stream:
        faces = rostro.Faces(frame.boxes, frame.scores, frame.landmarks)
        if embeddings:
            faces = faces.with_columns(embeddings=frame.embeddings)
        tracker(faces, frame.time, frame.motion if motion else None)
        expected = tracker.predict(frame.time)
        there = expected.unseen <= tracker.settings.lost_after
        boxes = expected.boxes[there].astype(np.float64)
        frames.append(Frame(frame.people, frame.truth, expected.ids[there], boxes))
    return frames


def by_bytetrack(stream: list[Detected], bridged: int = 0) -> list[Frame]:
    """The same with plain ByteTrack; ``bridged``: frames for which unseen faces are said to be
    where they are expected, which it does not do by itself."""
    tracker, frames = ByteTrack(), []
    for frame in stream:
        tracker(frame.boxes, frame.scores)
        there = [t for t in tracker.tracks if t.confirmed and tracker.frame - t.frame <= bridged]
        ids = np.array([t.id for t in there], np.int64)
        boxes = np.array([t.box for t in there]).reshape(-1, 4)
        frames.append(Frame(frame.people, frame.truth, ids, boxes))
    return frames
