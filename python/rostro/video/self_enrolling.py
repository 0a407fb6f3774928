"""Unknowns who are enrolled by themselves, where that is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future

from rostro.gallery import Gallery
from rostro.video.enrolling import (
    Candidate,
    EnrollSettings,
    enroll,
    provisional,
    reasons_against,
)
from rostro.video.identity import Vote
from rostro.video.review.background import Background
from rostro.video.tracker import Event
from rostro.video.unknown import Unknown

__all__ = ["SelfEnrolling"]


class SelfEnrolling:
    """Enrolls unknowns under provisional names, one at a time, for the next one must not be like
    this one. One thread calls it; the disk is another's.

    Args:
        gallery: into which.
        least: from which similarity on somebody is too much like who is there.
        settings: who is enrolled.
        background: where the disk is waited for.
        candidate: somebody as they would be enrolled now, by id and vote.
    """

    def __init__(
        self,
        gallery: Gallery,
        least: float,
        settings: EnrollSettings,
        background: Background,
        candidate: Callable[[int, Vote], Candidate],
    ) -> None:
        self._gallery, self._least, self._settings = gallery, least, settings
        self._background, self._candidate = background, candidate
        self._work: tuple[int, str, Future[object]] | None = None

    def begin(
        self, people: Mapping[int, Unknown], votes: Mapping[int, Vote], time: float
    ) -> list[Event]:
        """Begins with the first one who may be, unless one is under way: who may not be because
        what was seen of them is of more than one person."""
        told: list[Event] = []
        for id_, unknown in people.items():
            if self._work is not None:
                break
            vote = votes.get(id_)
            if vote is None or unknown.enrolled or unknown.paper.gone:
                continue
            if vote.count > unknown.judged:
                unknown.judged = vote.count
                if self._is_due(vote):
                    candidate = self._candidate(id_, vote)
                    if candidate.mixed and not unknown.mixed:
                        told.append(Event("mixed", id_, time))
                        unknown.mixed = True
                    self._enroll(id_, unknown, candidate)
        return told

    def done(self, time: float) -> tuple[int, str] | None:
        """Who is in the gallery since the last call, and under which name."""
        if self._work is None or not self._work[2].done():
            return None
        id_, name, work = self._work
        self._work = None
        error = work.exception()
        if error is None:
            return id_, name
        if not isinstance(error, Exception):
            raise error
        self._background.fail(time, error)
        return None

    def _is_due(self, vote: Vote) -> bool:
        """Of somebody who was seen for long enough, and never taken for anybody."""
        settings = self._settings
        if vote.first is None or vote.name is not None or vote.count < settings.votes:
            return False
        return vote.last - vote.first >= settings.seconds and vote.share(None) >= 1

    def _enroll(self, id_: int, unknown: Unknown, candidate: Candidate) -> None:
        gallery, least, name = self._gallery, self._least, provisional(unknown.paper.id)
        if name not in gallery and not reasons_against(candidate, name, gallery, least):
            work = self._background.run(lambda: enroll(candidate, name, gallery, least))
            self._work = (id_, name, work)
