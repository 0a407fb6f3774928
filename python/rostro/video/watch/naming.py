"""A name for an unknown who is watched, asked for by another thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from rostro.errors import EnrollmentError
from rostro.gallery import Gallery
from rostro.video.enrolling import NO_LOOK, Candidate, enroll
from rostro.video.face_tracker import FaceTracker
from rostro.video.shots import BestShots
from rostro.video.watch.people import People

__all__ = ["Errands", "Naming"]

_T = TypeVar("_T")
_PATIENCE = 5.0  # seconds for the next frame


class Errands:
    """What other threads want done between two frames."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def run(self) -> None:
        """All that wait; called by the thread that watches."""
        while not self._waiting.empty():
            self._waiting.get()()

    def ask(self, work: Callable[[], _T], patience: float = _PATIENCE) -> _T:
        """What ``work`` gives, which is done between two frames.

        Raises:
            TimeoutError: no frame ended in so many seconds.
            Whatever ``work`` raised.
        """
        answer: Future[_T] = Future()

        def run() -> None:
            if answer.set_running_or_notify_cancel():  # else nobody waits any more
                try:
                    answer.set_result(work())
                except Exception as error:
                    answer.set_exception(error)

        self._waiting.put(run)
        try:
            return answer.result(patience)
        except TimeoutError:
            if not answer.cancel():
                raise
            raise TimeoutError(
                "no frame comes from the source; try again when it is back"
            ) from None


class Naming:
    """Enrolls somebody who is watched; called by the server's threads, one at a time.

    Args:
        tracker: that follows them.
        gallery: of the tracker, to which they are added.
        threshold: of the tracker.
        people, shots: of the same stream.
        errands: run by the thread that watches.
    """

    def __init__(
        self,
        tracker: FaceTracker,
        gallery: Gallery,
        threshold: float,
        people: People,
        shots: BestShots,
        errands: Errands,
    ) -> None:
        self._tracker = tracker
        self._gallery = gallery
        self._threshold = threshold
        self._people = people
        self._shots = shots
        self._errands = errands
        self._one = threading.Lock()

    def __call__(self, id_: int, name: str) -> list[str]:
        """Adds the template of somebody under a name, or says why not.

        Raises:
            ArgumentError: no such name can be written.
            GalleryError, WriteError, TimeoutError: as the gallery, or no frame comes.
        """
        with self._one:
            name = name.strip()
            candidate = self._errands.ask(lambda: self._candidate(id_))
            try:
                # The disk is waited for here, not between two frames.
                enroll(candidate, name, self._gallery, self._threshold)
            except EnrollmentError as error:
                return error.reasons
            self._errands.ask(lambda: self._tracker.named(id_))
            return []

    def _candidate(self, id_: int) -> Candidate | None:
        person, candidate = self._people.get(id_), self._tracker.candidate(id_)
        if person is None or candidate is None:
            return None
        shot = self._shots.get(id_)
        why = [NO_LOOK] if shot is None else shot.why
        return candidate._replace(name=person.name, refused=person.refused, why=why)
