"""Faces of single frames, brought together to tracks, and the gaps between them covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from rostro.faces import Faces
from rostro.types import FloatArray
from rostro.video.anonymize.hiding import enlarged
from rostro.video.tracker import NOBODY, Tracker
from rostro.video.tracker_settings import TrackerSettings

__all__ = ["Seen", "Sightings", "Track", "covered", "link"]

_LEAST = 1e-3  # of scores, for the tracker's thresholds


class Seen(NamedTuple):
    """The faces of a frame.

    Attributes:
        frame: its number.
        time: seconds.
        faces: boxes, scores and, where they are known by a gallery, embeddings.
    """

    frame: int
    time: float
    faces: Faces


@dataclass(slots=True)
class Sightings:
    """Where one face was seen: as rows of a frame, in order."""

    frames: list[int] = field(default_factory=list)
    boxes: list[FloatArray] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    embeddings: list[FloatArray] = field(default_factory=list)


@dataclass(slots=True)
class Track:
    """Where a face is, by frames; between two of them it moves evenly.

    Attributes:
        frames: numbers, growing.
        boxes: (N, 4) float32 of the regions to be hidden at these.
        hide: whether it is to be hidden.
        name: of the gallery, where it was recognized.
        similarity: to whom of the gallery it is most like, where that was asked.
        seen: in how many frames the detector found it.
    """

    frames: list[int]
    boxes: FloatArray
    hide: bool = True
    name: str | None = None
    similarity: float | None = None
    seen: int = 0

    def at(self, frame: int) -> FloatArray:
        """The region, (4,) float32, in a frame from the first to the last."""
        after = int(np.searchsorted(self.frames, frame))
        if self.frames[after] == frame:
            found: FloatArray = self.boxes[after]
            return found
        begin, end = self.frames[after - 1], self.frames[after]
        share = np.float32((frame - begin) / (end - begin))
        between: FloatArray = (1 - share) * self.boxes[after - 1] + share * self.boxes[after]
        return between


def link(seen: Sequence[Seen], cuts: Sequence[int], gap: float) -> list[Sightings]:
    """The faces of a video, each as long as it is never unseen for more than ``gap`` seconds; none
    goes on over a cut. What the tracker gives to nobody is a face of its own."""
    tracker = Tracker(
        TrackerSettings(
            low_score=_LEAST, high_score=2 * _LEAST, start_score=2 * _LEAST,
            confirm_hits=1, max_lost=max(gap, TrackerSettings.lost_after),
        )
    )  # fmt: skip
    begins = set(cuts)
    open_: dict[int, Sightings] = {}
    last: dict[int, float] = {}
    found: list[Sightings] = []
    before = float("-inf")
    for frame, time, faces in seen:
        if frame in begins or time <= before:
            tracker.restart()
            open_.clear()
        before = time
        columns = tracker(faces, time).columns()
        for row, id_ in enumerate(columns["ids"].tolist()):
            track = open_.get(id_)
            if track is None or id_ == NOBODY or time - last[id_] > gap:
                track = open_[id_] = Sightings()
                found.append(track)
            last[id_] = time
            track.frames.append(frame)
            track.boxes.append(columns["boxes"][row])
            track.scores.append(float(columns["scores"][row]))
            if "embeddings" in columns and columns["embeddings"][row].any():
                track.embeddings.append(columns["embeddings"][row])
    return found


def covered(track: Sightings, scene: tuple[int, int], margin: int) -> Track:
    """The regions of a face, also for ``margin`` frames before it was first seen and after it was
    last seen, within its scene (first frame, last frame). There the region is where the face was
    and where it would have moved to."""
    boxes = enlarged(np.stack(track.boxes))
    frames = list(track.frames)
    early, late = max(frames[0] - margin, scene[0]), min(frames[-1] + margin, scene[1])
    places = dict(zip(frames, boxes, strict=True))
    places.setdefault(early, _moved(frames, boxes, early))
    places.setdefault(late, _moved(frames[::-1], boxes[::-1], late))
    at = sorted(places)
    return Track(at, np.stack([places[frame] for frame in at]), seen=len(frames))


def _moved(frames: Sequence[int], boxes: FloatArray, to: int) -> FloatArray:
    """The union of the first box and of where it came from, by how it moved in the next frames."""
    later = min(3, len(frames) - 1)
    if later == 0:
        first: FloatArray = boxes[0]
        return first
    speed = (boxes[later] - boxes[0]) / (frames[later] - frames[0])
    most = np.tile(boxes[0, 2:] - boxes[0, :2], 2)  # it may have jumped
    other = boxes[0] + np.clip(speed * (to - frames[0]), -most, most)
    low, high = np.minimum(boxes[0], other), np.maximum(boxes[0], other)
    found: FloatArray = np.concatenate([low[:2], high[2:]])
    return found
