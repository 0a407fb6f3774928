"""A name for an unknown who is watched, asked for by another thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from rostro.errors import EnrollmentError
from rostro.gallery import Gallery
from rostro.video.enrolling import NO_LOOK, Candidate, enroll
from rostro.video.face_tracker import FaceTracker
from rostro.video.shots import BestShots
from rostro.video.watch.people import People

__all__ = ["Errand", "Errands", "Naming", "candidate_of"]

_T = TypeVar("_T")
_PATIENCE = 5.0  # seconds for the next frame


class Errand(Generic[_T]):
    """Work that one thread asks for and another one does, by calling this."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._answer: Future[_T] = Future()

    def __call__(self) -> None:
        if self._answer.set_running_or_notify_cancel():  # else nobody waits any more
            try:
                self._answer.set_result(self._work())
            except Exception as error:
                self._answer.set_exception(error)

    def wait(self, patience: float, otherwise: str) -> _T:
        """What the work gave.

        Args:
            patience: seconds.
            otherwise: said where it did not begin until then; now it will not.

        Raises:
            TimeoutError: it did not begin, or did not end.
            Whatever the work raised.
        """
        try:
            return self._answer.result(patience)
        except TimeoutError:
            if not self._answer.cancel():
                raise
            raise TimeoutError(otherwise) from None


class Errands:
    """What other threads want done between two frames."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Errand[Any]] = queue.SimpleQueue()

    def run(self) -> None:
        """All that wait; called by the thread that watches."""
        while not self._waiting.empty():
            self._waiting.get()()

    def ask(self, work: Callable[[], _T], patience: float = _PATIENCE) -> _T:
        """What ``work`` gives, which is done between two frames; raises as `Errand.wait`."""
        errand = Errand(work)
        self._waiting.put(errand)
        return errand.wait(patience, "no frame comes from the source; try again when it is back")


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
            candidate = self._errands.ask(
                lambda: candidate_of(id_, self._people, self._tracker, self._shots)
            )
            try:
                # The disk is waited for here, not between two frames.
                enroll(candidate, name, self._gallery, self._threshold)
            except EnrollmentError as error:
                return error.reasons
            self._errands.ask(lambda: self._tracker.named(id_))
            return []


def candidate_of(
    id_: int, people: People, tracker: FaceTracker, shots: BestShots
) -> Candidate | None:
    """Somebody as they would be enrolled now; ``None`` who is not there any more."""
    person, candidate = people.get(id_), tracker.candidate(id_)
    if person is None or candidate is None:
        return None
    shot = shots.get(id_)
    why = [NO_LOOK] if shot is None else shot.why
    return candidate._replace(name=person.name, refused=person.refused, why=why)
