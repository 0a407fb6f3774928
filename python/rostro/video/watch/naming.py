"""A name for an unknown: by the rules of `rostro enroll`, and those of a video."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple, TypeVar

from rostro.gallery import Gallery
from rostro.types import FloatArray
from rostro.video.face_tracker import FaceTracker
from rostro.video.watch.people import People
from rostro.video.watch.shots import BestShots, Shot

__all__ = ["Candidate", "Errands", "Naming", "reasons_against"]

_T = TypeVar("_T")
_LEAST_VOTES = 3
"""Embeddings before somebody is enrolled: one may be of a bad moment."""
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


class Candidate(NamedTuple):
    """Somebody to be enrolled.

    Attributes:
        template: the mean of all embeddings, (D,) float32; ``None`` where there is none.
        votes: how many embeddings that are.
        name: of who is known already.
        refused: why the face may not be matched.
        shot: the best one.
    """

    template: FloatArray | None
    votes: int
    name: str | None
    refused: str | None
    shot: Shot | None


def reasons_against(
    candidate: Candidate | None, name: str, gallery: Gallery, threshold: float
) -> list[str]:
    """Why somebody is not enrolled under a name, in sentences; none: may be."""
    if candidate is None or candidate.template is None:
        return ["This person has left, or was not seen well enough yet."]
    if not name.strip():
        return ["The name of a person is wanted."]
    if candidate.refused is not None:
        return [f"This face is refused: {candidate.refused}."]
    if candidate.name is not None:
        return [f"This is {candidate.name} already."]
    if candidate.votes < _LEAST_VOTES:
        return [
            f"Only {candidate.votes} good looks at this face so far; {_LEAST_VOTES} are wanted."
        ]
    if candidate.shot is None or candidate.shot.why:
        why = candidate.shot.why if candidate.shot else ["no good look at this face yet"]
        return [_sentence(reason) for reason in why]
    (match,) = gallery.identify(candidate.template, threshold)
    if match is None and name in gallery:
        return [f"The gallery has a {name} already, who looks different; take another name."]
    if match is not None and match.name != name:
        return [f"This face is too much like {match.name}'s in the gallery "
                f"({match.similarity:.2f}; less than {threshold:.2f} is wanted)."]  # fmt: skip
    return []


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
            why = reasons_against(candidate, name, self._gallery, self._threshold)
            if why or candidate is None or candidate.template is None:
                return why
            # The disk is waited for here, not between two frames.
            self._gallery.add(name, candidate.template)
            self._errands.ask(lambda: self._tracker.recount(id_))
            return []

    def _candidate(self, id_: int) -> Candidate | None:
        person = self._people.get(id_)
        if person is None:
            return None
        votes = 0 if person.identity is None else person.identity.votes
        template = self._tracker.template(id_)
        return Candidate(template, votes, person.name, person.refused, self._shots.get(id_))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")
