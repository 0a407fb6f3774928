"""Ids that last: the faces of a stream's frames, brought together by the core's tracker."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentTypeError
from rostro.faces import Faces, check_faces
from rostro.support.arguments import check_number, shown
from rostro.types import FloatArray
from rostro.video.tracker_settings import TrackerSettings

__all__ = ["MOST_EVENTS", "NOBODY", "Event", "Predicted", "Tracker"]

NOBODY = -1
"""The id of a face that is nobody's, or not yet somebody's."""
MOST_EVENTS = 1000
"""Events that are kept for who does not ask; the oldest go first."""


class Event(NamedTuple):
    """What happened to a face that is followed.

    Attributes:
        kind: ``"appeared"``: somebody new is there, or somebody who had left; ``"lost"``: not seen
            for ``lost_after`` seconds; ``"found"``: seen again after that; ``"left"``: not seen for
            ``max_lost`` seconds.
        id: of the face.
        time: of the frame, seconds.
        name: that a `rostro.FaceTracker` gives; ``None`` otherwise.
    """

    kind: str
    id: int
    time: float
    name: str | None = None


class Predicted(NamedTuple):
    """Where faces are expected.

    Attributes:
        ids: (N,) int64.
        boxes: (N, 4) float32, ``x1, y1, x2, y2`` in pixels.
        unseen: (N,) float64, seconds since each was seen.
    """

    ids: NDArray[np.int64]
    boxes: FloatArray
    unseen: NDArray[np.float64]


class Tracker:
    """Gives the faces of a stream ids that last.

    A Kalman filter a face, for frames that may come at any time; association in two stages by
    score, as ByteTrack; the embeddings of the faces, where there are any, say who is who before
    motion does. So ids that were exchanged while two people crossed are mended, and who comes back
    has the old id.

    A stream has one order, so one thread calls a tracker; calls of several do not run at once. It
    is pickled as its settings: the copy has seen nothing.

    Args:
        settings: `TrackerSettings`; by default the usual ones.

    Raises:
        ArgumentError, ArgumentTypeError: settings that are out of range or do not go together.
    """

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        if settings is None:
            settings = TrackerSettings()
        if not isinstance(settings, TrackerSettings):
            raise ArgumentTypeError(f"settings: got {shown(settings)}; TrackerSettings is wanted")
        self.settings = settings
        self._task = _core.TrackerTask(settings.for_core())
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)

    def __call__(self, faces: Faces, time: float, motion: FloatArray | None = None) -> Faces:
        """The same faces with ``ids``, -1 of those that are nobody's, or not yet.

        With ``smooth`` their boxes and landmarks are smoothed.

        Args:
            faces: of the next frame. Embeddings may be zeros for faces that were not embedded.
            time: of the frame in seconds, from any beginning, after the last one. A time that turns
                back by more than ``restart_after`` begins a new stream, see `restart`.
            motion: (2, 3) float32, from the pixels of the frame before to this one's, where the
                camera's motion is known.

        Raises:
            ArgumentError, ArgumentTypeError: a time that is not after the last one, faces that
                cannot be followed, a motion that cannot be undone. Nothing is changed then.
        """
        columns = check_faces("faces", faces).columns()
        ids, boxes, landmarks = self._task.step(
            columns["boxes"],
            columns["scores"],
            columns.get("landmarks"),
            columns.get("embeddings"),
            check_number("time", time),
            motion,
        )
        self._keep_events()
        columns["ids"] = ids
        if boxes is not None:
            columns["boxes"] = boxes
        if landmarks is not None:
            columns["landmarks"] = landmarks
        return Faces.of_checked(columns, faces.scheme)

    def events(self) -> list[Event]:
        """What happened since the last call, in its order; at most the last 1,000 events."""
        found = list(self._events)
        self._events.clear()
        return found

    def predict(self, time: float) -> Predicted:
        """Where the faces that have an id and have not left are expected, oldest first.

        Raises:
            ArgumentError, ArgumentTypeError: a time before the last frame's.
        """
        return Predicted(*self._task.predict(check_number("time", time)))

    def restart(self) -> None:
        """A new stream begins, with any time: all leave, and are known again by embeddings."""
        self._task.restart()
        self._keep_events()

    def _keep_events(self) -> None:
        self._events.extend(Event(*event) for event in self._task.events())

    def __reduce__(self) -> tuple[Callable[[], Tracker], tuple[()]]:
        return functools.partial(type(self), self.settings), ()
