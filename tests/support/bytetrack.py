"""Plain ByteTrack, beside which rostro's tracker is measured.

Written after Zhang et al., "ByteTrack: Multi-object tracking by associating every detection box",
2022, algorithm 1, with the parameters of its section 4.1 and the Kalman filter of DeepSORT (Wojke
et al., 2017) over center, aspect and height: everything is a frame, not a second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tests.support.mot_metrics import Doubles, Ids, iou

HIGH, LOW, START = 0.6, 0.1, 0.7
BUFFER = 30  # frames that a lost track is kept
F = np.eye(8) + np.eye(8, k=4)


class Track:
    def __init__(self, box: Doubles, frame: int) -> None:
        measured = measurement(box)
        self.id = -1
        self.frame = frame
        self.confirmed = False
        self.mean = np.concatenate([measured, np.zeros(4)])
        height = measured[3]
        deviations = [height / 10, height / 10, 1e-2, height / 10]
        deviations += [height / 16, height / 16, 1e-5, height / 16]
        self.covariance = np.diag(np.square(deviations))

    def predict(self, lost: bool) -> None:
        if lost:
            self.mean[7] = 0
        height = self.mean[3]
        deviations = [height / 20, height / 20, 1e-2, height / 20]
        deviations += [height / 160, height / 160, 1e-5, height / 160]
        self.mean = F @ self.mean
        self.covariance = F @ self.covariance @ F.T + np.diag(np.square(deviations))

    def update(self, box: Doubles, frame: int) -> None:
        height = self.mean[3]
        noise = np.diag(np.square([height / 20, height / 20, 1e-1, height / 20]))
        gain = np.linalg.solve(self.covariance[:4, :4] + noise, self.covariance[:4]).T
        self.mean = self.mean + gain @ (measurement(box) - self.mean[:4])
        self.covariance = self.covariance - gain @ self.covariance[:4]
        self.frame = frame

    @property
    def box(self) -> Doubles:
        x, y, aspect, height = self.mean[:4]
        width = aspect * height
        return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


def measurement(box: Doubles) -> Doubles:
    width, height = box[2:] - box[:2]
    return np.array([*(box[:2] + box[2:]) / 2, width / height, height])


class ByteTrack:
    """``tracker(boxes, scores)`` gives an id a detection, -1 for none."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.frame = 0
        self.ids = 0

    def __call__(self, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> Ids:
        self.frame += 1
        given = boxes.astype(np.float64)
        said = np.full(len(boxes), -1)
        seen_before = {id(t) for t in self.tracks if t.frame == self.frame - 1}
        for track in self.tracks:
            track.predict(id(track) not in seen_before)
        high = [int(i) for i in np.flatnonzero(scores >= HIGH)]
        low = [int(i) for i in np.flatnonzero((scores >= LOW) & (scores < HIGH))]
        confirmed = [t for t in self.tracks if t.confirmed]
        confirmed, high = self._match(confirmed, high, given, said, 0.8)
        tracked = [t for t in confirmed if id(t) in seen_before]
        self._match(tracked, low, given, said, 0.5)
        unconfirmed, high = self._match(
            [t for t in self.tracks if not t.confirmed], high, given, said, 0.7
        )
        gone = {id(t) for t in unconfirmed}
        gone |= {id(t) for t in self.tracks if self.frame - t.frame > BUFFER}
        self.tracks = [t for t in self.tracks if id(t) not in gone]
        for index in high:
            if scores[index] >= START:
                track = Track(given[index], self.frame)
                self.tracks.append(track)
                if self.frame == 1:
                    said[index] = self._confirm(track)
        return said

    def _confirm(self, track: Track) -> int:
        if not track.confirmed:
            track.confirmed = True
            self.ids += 1
            track.id = self.ids
        return track.id

    def _match(
        self, tracks: list[Track], indices: list[int], boxes: Doubles, said: Ids, limit: float
    ) -> tuple[list[Track], list[int]]:
        """Updates what belongs together; the tracks and detections that are left."""
        if not tracks or not indices:
            return tracks, indices
        costs = 1 - iou(np.stack([t.box for t in tracks]), boxes[indices])
        rows, columns = linear_sum_assignment(np.minimum(costs, limit + 1e-6))
        pairs = [(i, j) for i, j in zip(rows, columns, strict=True) if costs[i, j] <= limit]
        for i, j in pairs:
            tracks[i].update(boxes[indices[j]], self.frame)
            said[indices[j]] = self._confirm(tracks[i])
        rest = {i for i, _ in pairs}, {j for _, j in pairs}
        return (
            [t for i, t in enumerate(tracks) if i not in rest[0]],
            [n for j, n in enumerate(indices) if j not in rest[1]],
        )
