"""A stream to watch without networks: the core's tracker on boxes that are said, not detected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

import rostro
from rostro.types import Image
from rostro.video import Event, Frame, Identity, Problems, Tracker

PICTURE: Image = np.full((120, 160, 3), 90, np.uint8)


class SaidTracker:
    """What `rostro.video.watch` needs of a `FaceTracker`: one face each for some seconds.

    Args:
        stays: (first second, last second) of each face.
    """

    def __init__(self, stays: Sequence[tuple[float, float]]) -> None:
        self._stays = stays
        self._tracker = Tracker()
        self._events: list[Event] = []
        self.names: dict[int, Identity] = {}
        self.live: float | None = None
        self.restarts = 0
        self.detected = self.searched = self.embedded = 0
        self.dropped = {"search": 0, "stages": 0, "embed_new": 0, "embed_more": 0, "over": 0}
        self.spent = {"detect": 0.001}

    def __call__(self, image: Image, time: float) -> rostro.Faces:
        there = [n for n, (first, last) in enumerate(self._stays) if first <= time <= last]
        boxes = np.array([[50 * n, 20, 50 * n + 40, 70] for n in there], np.float32).reshape(-1, 4)
        columns = {} if self.live is None else {"live": np.full(len(there), self.live, np.float32)}
        faces = rostro.Faces(boxes, np.ones(len(there), np.float32), **columns)  # type: ignore[arg-type]
        self.detected += 1
        followed = self._tracker(faces, time)
        self._events = self._tracker.events()
        return followed

    def events(self) -> list[Event]:
        return self._events

    def identities(self) -> dict[int, Identity]:
        return self.names

    def close(self) -> None:
        pass

    def restart(self) -> None:
        self.restarts += 1
        self._tracker.restart()


class SaidSource:
    """Frames at ten a second, or what else happens: an exception is raised."""

    name, live, rate, size = "said", False, 10.0, (160, 120)

    def __init__(self, frames: Sequence[Frame | Exception]) -> None:
        self._frames = frames
        self.problems = Problems()

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._frames:
            if isinstance(frame, Exception):
                raise frame
            yield frame

    def close(self) -> None:
        pass


def ten_a_second(count: int, stream: int = 0) -> list[Frame]:
    return [Frame(PICTURE, number / 10, number, stream) for number in range(count)]
