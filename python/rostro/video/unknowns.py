"""The unknowns of a video, whose best shots are kept for review."""

from __future__ import annotations

import time as clock
from datetime import datetime, timezone

import numpy as np

from rostro.attributes.liveness import Liveness
from rostro.embed.embedder import Embedder
from rostro.errors import ArgumentError
from rostro.faces import Faces
from rostro.gallery import Gallery
from rostro.gallery.identity import EmbedderIdentity
from rostro.kernels.arguments import Color, natural_order
from rostro.pipeline import FacePipeline
from rostro.types import Image
from rostro.video.enrolling import NO_LOOK, Candidate, EnrollSettings
from rostro.video.review.background import Background, Paper
from rostro.video.review.queue import ReviewQueue
from rostro.video.review.records import Entry, new_id
from rostro.video.self_enrolling import SelfEnrolling
from rostro.video.shots import BestShots
from rostro.video.tracker import Event
from rostro.video.unknown import Unknown
from rostro.video.votes import Votes

__all__ = ["Unknowns"]

WRITE_EVERY = 10.0
"""Seconds of the stream from one record of somebody to the next."""
_MOST_GONE = 1000
"""Of those who left, so many keep their entries for when they come back."""
_MOST_APART = 1000
"""Of those who were seen beside somebody."""
_FOR_REVIEW = 5
"""Shots of one person without a queue that says how many."""


class Unknowns:
    """Looks at each frame of a `FaceTracker`, in its thread.

    Args:
        pipeline, embedder, gallery, threshold: of the tracker.
        votes: of everybody.
        review: where unknowns are kept; ``None``: nowhere.
        settings: when they are enrolled; ``None``: never.
    """

    def __init__(
        self,
        pipeline: FacePipeline,
        embedder: Embedder,
        gallery: Gallery | None,
        threshold: float,
        votes: Votes,
        review: ReviewQueue | None,
        settings: EnrollSettings | None,
    ) -> None:
        self._threshold, self._votes = threshold, votes
        self._embedder = EmbedderIdentity.of(embedder)

        def crop(image: Image, face: Faces, color: Color) -> Image:
            made = embedder.crops(image, face, color)[0]
            return np.ascontiguousarray(made[..., ::-1]) if natural_order(color) == "rgb" else made

        live = [stage.threshold for stage in pipeline.stages if isinstance(stage, Liveness)]
        most = _FOR_REVIEW if review is None else review.crops
        self._shots = BestShots(crop, most, live[0] if live else None)
        self._background = Background(review)
        self._people: dict[int, Unknown] = {}
        self._gone: dict[int, Unknown] = {}
        self._together: frozenset[int] = frozenset()
        self._self_enrolling: SelfEnrolling | None = None
        if settings is not None and gallery is not None:
            least = max(threshold - settings.margin, -1.0)
            self._self_enrolling = SelfEnrolling(
                *(gallery, least, settings, self._background),
                lambda id_, vote: self.candidate(id_, vote.candidate()),
            )

    @classmethod
    def of(
        cls,
        pipeline: FacePipeline,
        gallery: Gallery | None,
        threshold: float | None,
        votes: Votes,
        review: ReviewQueue | None,
        settings: EnrollSettings | None,
    ) -> Unknowns | None:
        """``None`` where neither is asked for.

        Raises:
            ArgumentError: what is asked for cannot be done.
        """
        if review is None and settings is None:
            return None
        if pipeline.embedder is None or threshold is None:
            raise ArgumentError(
                "review, enroll: got one without an embedder in the pipeline, or without a "
                "threshold; both are wanted"
            )
        if settings is not None and gallery is None:
            raise ArgumentError("enroll: got one without a gallery; one to enroll into is wanted")
        return cls(pipeline, pipeline.embedder, gallery, threshold, votes, review, settings)

    def look(
        self, image: Image, faces: Faces, happened: list[Event], time: float, color: Color
    ) -> list[Event]:
        """What happened because of a frame: who was enrolled, and who cannot be."""
        told = self._enrolled(time)
        for event in happened:
            if event.kind == "left":
                self._leave(event.id)
            elif event.kind == "appeared" and event.id in self._gone:
                self._people[event.id] = self._gone.pop(event.id)
        counts = {
            id_: vote.count
            for id_, vote in self._votes.present.items()
            if vote.name is None or id_ in self._people
        }
        self._shots.look(image, faces, counts, color, time)
        for event in happened:
            if event.kind == "unknown" and event.id not in self._people:
                self._announced(event.id, time)
            elif event.kind in ("identified", "changed") and event.name is not None:
                self._known(event.id, event.name)
        self._see([] if faces.ids is None else faces.ids.tolist(), time)
        if self._self_enrolling is not None:
            told += self._self_enrolling.begin(self._people, self._votes.present, time)
        return told

    def close(self, time: float) -> list[Event]:
        """All leave, and all is written. What happened meanwhile."""
        self.wait()
        told = self._enrolled(time)
        self.restart()
        self.wait()
        return told

    def restart(self) -> None:
        """All leave."""
        for id_ in list(self._people):
            self._leave(id_)

    def candidate(self, id_: int, candidate: Candidate) -> Candidate:
        """With what the shots say of somebody, or said when they left."""
        gone = self._gone.get(id_)
        if gone is not None and gone.left is not None:
            return gone.left
        unknown, shots = self._people.get(id_), self._shots.all(id_)
        refused = None if all(shot.live for shot in shots) else "it was not always live"
        enrolled = None if unknown is None else unknown.enrolled
        why = shots[0].why if shots else [NO_LOOK]
        return candidate._replace(refused=refused, why=why, enrolled=enrolled)

    def take(self, id_: int) -> None:
        """Somebody has a name now; the queue does not keep them any more."""
        unknown = self._people.get(id_) or self._gone.get(id_)
        if unknown is not None and not unknown.paper.gone:
            self._background.take(unknown.paper)
            unknown.enrolled, unknown.counted = None, True

    def wait(self) -> None:
        """Until all is written."""
        self._background.wait()

    # Who is kept

    def _announced(self, id_: int, time: float) -> None:
        first = self._votes.present[id_].first
        first = time if first is None else first
        now = clock.time()
        self._people[id_] = Unknown(Paper(new_id()), now - (time - first), first, now, time)

    def _known(self, id_: int, name: str) -> None:
        """Of somebody of the gallery nothing is kept, but of who has a provisional name."""
        unknown = self._people.get(id_)
        if unknown is not None and name != unknown.enrolled:
            self.take(id_)

    def _leave(self, id_: int) -> None:
        unknown, vote = self._people.get(id_), self._votes.get(id_)
        if unknown is not None and vote is not None:
            self._write(id_, unknown)
            unknown.left = self.candidate(id_, vote.candidate())
            unknown.written = float("-inf")  # times may begin anew
            self._gone[id_] = self._people.pop(id_)
        while len(self._gone) > _MOST_GONE:
            del self._gone[next(iter(self._gone))]

    def _see(self, ids: list[int], time: float) -> None:
        there = {id_: self._people[id_] for id_ in ids if id_ in self._people}
        if there.keys() != self._together:  # seldom: who is beside whom changes with who is there
            self._together = frozenset(there)
            everybody = {unknown.paper.id for unknown in there.values()}
            for unknown in there.values():
                unknown.apart |= dict.fromkeys(everybody - {unknown.paper.id})
                while len(unknown.apart) > _MOST_APART:
                    del unknown.apart[next(iter(unknown.apart))]
        now = clock.time()
        for id_, unknown in there.items():
            unknown.last_seen, unknown.last_time = now, time
            if time - unknown.written >= WRITE_EVERY:
                unknown.written = time
                if self._votes.present[id_].count != unknown.votes:
                    self._write(id_, unknown)
            if unknown.paper.gone and not unknown.counted:
                unknown.counted = True
                self._votes.recount(id_)  # for who was named by another program

    def _write(self, id_: int, unknown: Unknown) -> None:
        """A record, as it is now."""
        vote = self._votes.get(id_)
        template = None if vote is None else vote.template.result()
        if vote is None or template is None:
            return
        unknown.votes = vote.count
        entry = Entry(
            id=unknown.paper.id,
            track=id_,
            embedder=self._embedder,
            threshold=self._threshold,
            template=template,
            votes=vote.count,
            first_seen=_iso(unknown.first_seen),
            last_seen=_iso(unknown.last_seen),
            times=(unknown.first_time, unknown.last_time),
            apart=tuple(sorted(unknown.apart)),
            enrolled=unknown.enrolled,
        )
        self._background.write(unknown.paper, entry, self._shots.all(id_))

    def _enrolled(self, time: float) -> list[Event]:
        """Who is in the gallery since the last frame."""
        done = None if self._self_enrolling is None else self._self_enrolling.done(time)
        if done is None:
            return []
        id_, name = done
        unknown = self._people.get(id_) or self._gone.get(id_)
        if unknown is not None:
            unknown.enrolled, unknown.votes = name, 0
            if id_ in self._gone:
                self._write(id_, unknown)
            unknown.written = float("-inf")
        self._votes.recount(id_)
        return [Event("enrolled", id_, time, name)]


def _iso(seconds: float) -> str:
    """The time of the day, UTC."""
    day = datetime.fromtimestamp(seconds, timezone.utc)
    return day.isoformat(timespec="seconds").replace("+00:00", "Z")
