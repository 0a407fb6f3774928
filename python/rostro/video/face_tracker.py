"""Follows the faces of a video, and spends networks where they pay."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import NoReturn, TypeVar

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces
from rostro.gallery import Gallery
from rostro.kernels.arguments import Color
from rostro.kernels.planes import as_array
from rostro.pipeline import FacePipeline
from rostro.support.arguments import check_flag, check_integer, check_number, check_text, shown
from rostro.types import FloatArray, ImageLike
from rostro.video import enrolling
from rostro.video.budget import Budget
from rostro.video.embedding import Embedding
from rostro.video.enrolling import Candidate, EnrollSettings
from rostro.video.finding import Finding
from rostro.video.identity import Identity, IdentitySettings
from rostro.video.last_seen import LastSeen
from rostro.video.review import ReviewQueue
from rostro.video.tracker import MOST_EVENTS, NOBODY, Event, Predicted, Tracker
from rostro.video.tracker_settings import TrackerSettings
from rostro.video.unknowns import Unknowns
from rostro.video.votes import Votes

__all__ = ["FaceTracker"]

_T = TypeVar("_T")


class FaceTracker:
    """Follows the faces of a video: ids that last, and names of a gallery.

    The detector looks at every n-th frame, at the next one where a face is new or was not found
    again, and where something came into the rest of the frame; between, each face is searched where
    it is expected, in a small crop. A face is embedded when it is new, and then only when it is
    better than the best so far. Who it is, is voted by all that was seen of it; of those present
    nobody has another's name.

    A video has one order, so one thread calls a tracker. It cannot be pickled.

    Args:
        pipeline: a `FacePipeline`; ``None`` makes the default one. Its other stages run on the
            faces of every frame that was not just predicted.
        gallery: of known people, of the pipeline's embedder.
        detect_every: frames from one look of the detector to the next.
        budget_ms: milliseconds a frame may take. Work that is not expected to fit, by what it took
            lately, is dropped, in this order: embeddings of faces that have one, embeddings of new
            faces, other stages, searches, the detector. ``dropped`` counts it. A look of the
            detector that is due is put off five times at most, other work twenty times, and up to
            200 while it does not fit even so; then it is done at any cost. So a budget below one
            run of the detector cannot be kept in the frames with one, which a warning of `logging`
            says once.
        threshold: from which similarity on a face is a person of the gallery; by default the
            embedder's.
        settings: `TrackerSettings`; by default the usual ones, with ``recognize`` the threshold.
        identity: `IdentitySettings`, when names are announced and withdrawn.
        review: a `rostro.video.ReviewQueue`: pictures of the unknowns are kept in its folder, for
            somebody to name them. By default nothing is written.
        enroll: `EnrollSettings`: unknowns are enrolled by themselves, under provisional names. By
            default nobody is.

    Attributes:
        tracker: the `rostro.video.Tracker`.
        dropped: how often each kind of work was dropped, by name; ``"over"`` counts frames that
            took longer than the budget all the same.
        looks: of the detector by reason: ``"due"``, ``"weak"``, ``"motion"``.
        detected, searched, embedded: frames that the detector saw, crops and faces.

    Raises:
        ArgumentError, ArgumentTypeError: a gallery without an embedder or a threshold, and others.
        GalleryError: the gallery is another embedder's.
    """

    def __init__(
        self,
        pipeline: FacePipeline | None = None,
        gallery: Gallery | None = None,
        *,
        detect_every: int = 5,
        budget_ms: float | None = None,
        threshold: float | None = None,
        settings: TrackerSettings | None = None,
        identity: IdentitySettings | None = None,
        review: ReviewQueue | None = None,
        enroll: EnrollSettings | None = None,
    ) -> None:
        check_integer("detect_every", detect_every, 1)
        if budget_ms is not None and not check_number("budget_ms", budget_ms) > 0:
            raise ArgumentError(f"budget_ms: got {shown(budget_ms)}; more than 0 is wanted")
        if threshold is not None and not -1 <= check_number("threshold", threshold) <= 1:
            raise ArgumentError(f"threshold: got {shown(threshold)}; a number of -1..1 is wanted")
        identity = _checked("identity", identity, IdentitySettings) or IdentitySettings()
        _checked("settings", settings, TrackerSettings)
        _checked("gallery", gallery, Gallery)
        _checked("pipeline", pipeline, FacePipeline)
        self.pipeline = FacePipeline() if pipeline is None else pipeline
        embedder = self.pipeline.embedder
        if threshold is None and embedder is not None:
            threshold = embedder.threshold
        if gallery is not None:
            if embedder is None or threshold is None:
                raise ArgumentError(
                    "gallery: got one without an embedder in the pipeline, or without a threshold; "
                    "both are wanted"
                )
            gallery.require(embedder)
        self._gallery, self._threshold = gallery, threshold
        if settings is None:
            settings = TrackerSettings()
            if threshold is not None:
                settings = dataclasses.replace(
                    settings, recognize=threshold, contradict=min(settings.contradict, threshold)
                )
        self.tracker = Tracker(settings)
        self._stages = [stage for stage in self.pipeline.stages if stage is not embedder]
        self._budget = Budget(budget_ms)
        self._find = Finding(self.pipeline.detector, int(detect_every), self._budget)
        self._embed = Embedding(self.pipeline, self._budget)
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._votes = Votes(gallery, threshold, identity, settings.most_remembered)
        self._unknowns = Unknowns.of(
            *(self.pipeline, gallery, threshold, self._votes),
            _checked("review", review, ReviewQueue),
            _checked("enroll", enroll, EnrollSettings),
        )
        self._last_seen = LastSeen()
        self._time = float("-inf")

    @property
    def looks(self) -> dict[str, int]:
        return dict(self._find.looks.counts)

    @property
    def detected(self) -> int:
        return self._find.detected

    @property
    def searched(self) -> int:
        return self._find.searched

    @property
    def embedded(self) -> int:
        return self._embed.count

    @property
    def dropped(self) -> dict[str, int]:
        return dict(self._budget.dropped)

    @property
    def spent(self) -> dict[str, float]:
        """Seconds that each kind of work took in the last frame: ``"detect"``, ``"search"``,
        ``"stages"``, ``"embed_new"``, ``"embed_more"``, those that there were."""
        return dict(self._budget.spent)

    def __call__(
        self, frame: ImageLike, time: float, color: Color = "bgr", motion: FloatArray | None = None
    ) -> Faces:
        """The faces of the next frame with ``ids``, -1 of those that are nobody's, or not yet.

        The attribute ``"predicted"``, uint32, is 1 of faces that were not seen in this frame but
        are expected where they are said to be; the rest of such a row is from when it was last
        seen.

        Args:
            frame: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            time: of the frame in seconds, after the last one; see `rostro.video.Tracker`.
            color: one of `rostro.kernels.Color`.
            motion: (2, 3) float32, from the frame before to this one, where it is known.

        Raises:
            ArgumentError, ArgumentTypeError: not such a frame, or a time that is not after the
                last one.
            EngineError, ModelError: a network failed, or does not go together with the others.
        """
        check_text("color", color)
        time = check_number("time", time)
        if self._time - time > self.tracker.settings.restart_after:
            self.restart()
        if time <= self._time:  # before the networks run, and before anything is changed
            raise ArgumentError(
                f"time: got {time}; one after the last frame's, {self._time}, is wanted"
            )
        expected = self._expected(time, motion)
        self._budget.begin()
        faces = self._find(frame, color, expected, motion)
        if len(faces) and self._stages and self._budget.fits("stages"):
            with self._budget.timed("stages"):
                for stage in self._stages:
                    faces = stage(as_array(frame), faces, color)
        faces = self._embed(frame, color, faces, expected, self._votes.present, time)
        followed = self.tracker(faces, time, motion)
        self._time = time
        happened = self.tracker.events()
        columns = followed.columns()
        sure = columns["scores"] >= self.tracker.settings.start_score
        if (sure & (columns["ids"] == NOBODY)).any():  # who has no id is not searched
            self._find.looks.weaken()
        self._votes.follow(happened)  # first: who is back has the old votes, and new ones
        self._votes.weigh(followed, self._embed.taken(columns["ids"]), time)
        if self._gallery is not None or self._unknowns is not None:
            happened += self._votes.settled(time)
        if self._unknowns is not None:
            happened += self._unknowns.look(as_array(frame), followed, happened, time, color)
        self._events.extend(happened)
        expected = self.tracker.predict(time)
        shown = self._last_seen.with_predicted(followed, expected, self.tracker.settings.lost_after)
        self._budget.end()
        return shown

    def events(self) -> list[Event]:
        """What happened since the last call, at most the last 1,000: besides those of
        `rostro.video.Tracker`, ``"identified"`` with a name, ``"changed"`` with another one or
        ``None`` where it is withdrawn, ``"unknown"``: seen for long, and nobody of the gallery,
        ``"enrolled"``: an unknown by itself, with the provisional name, and ``"mixed"``: an unknown
        is not, for what was seen of them is of more than one person."""
        found = list(self._events)
        self._events.clear()
        return found

    def identities(self) -> dict[int, Identity]:
        """Who those are taken for who were embedded and have not left, by id."""
        return {id_: vote.identity() for id_, vote in self._votes.present.items()}

    def template(self, id_: int) -> FloatArray | None:
        """The mean of all embeddings of somebody, (D,) float32 of unit norm; ``None`` of who was
        never embedded, or is forgotten."""
        vote = self._votes.get(_checked_id(id_))
        return None if vote is None else vote.template.result()

    def name(self, id_: int, name: str, *, force: bool = False) -> None:
        """Enrolls somebody of this video: the mean of all embeddings goes into the gallery, and
        their entry out of the review queue. Who was enrolled by itself is renamed.

        The rules are those of `rostro enroll` and of videos: seen at three good moments, not too
        much like another person of the gallery. How good the face is, is judged where there is
        ``review`` or ``enroll``. Waits for the disk: a program that shall not is to do it as
        `rostro watch` does, by `candidate`, `rostro.video.enrolling.enroll` and `named`.

        Args:
            id_: of the face; also of somebody who has left, but is not forgotten.
            force: names them all the same.

        Raises:
            ArgumentError, ArgumentTypeError: no such id or name, or the tracker has no gallery.
            EnrollmentError: it says why not.
            GalleryBusyError, WriteError: see `Gallery.add`.
        """
        check_text("name", name)
        force = check_flag("force", force)
        if self._gallery is None or self._threshold is None:
            raise ArgumentError("gallery: this tracker has none; one to enroll into is wanted")
        enrolling.enroll(self.candidate(id_), name, self._gallery, self._threshold, force=force)
        self.named(id_)
        if self._unknowns is not None:
            self._unknowns.wait()

    def candidate(self, id_: int) -> Candidate | None:
        """Somebody as they would be enrolled now; ``None`` who is forgotten."""
        vote = self._votes.get(_checked_id(id_))
        if vote is None or self._unknowns is None:
            return None if vote is None else vote.candidate()
        return self._unknowns.candidate(id_, vote.candidate())

    def named(self, id_: int) -> None:
        """Somebody is in the gallery since just now: all that was seen votes for that, and the
        review queue does not keep them any more."""
        self.recount(id_)
        if self._unknowns is not None:
            self._unknowns.take(id_)

    def recount(self, id_: int) -> None:
        """Lets all that was seen of somebody vote for whom the gallery takes their template for
        now: for who was enrolled, or removed, while they are there."""
        self._votes.recount(_checked_id(id_))

    def restart(self) -> None:
        """A new video begins, with any time: all leave, and are known again by embeddings."""
        self.tracker.restart()
        happened = self.tracker.events()
        self._events.extend(happened)
        self._votes.follow(happened)
        if self._unknowns is not None:
            self._unknowns.restart()
        self._votes.restart()
        self._find.looks.restart()
        self._time = float("-inf")
        self._last_seen = LastSeen()

    def close(self) -> None:
        """The video ends: all leave, and what is kept of the unknowns is written when this returns.
        Another one may begin, as after `restart`."""
        if self._unknowns is not None:
            self._events.extend(self._unknowns.close(max(self._time, 0.0)))
        self.restart()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a face tracker cannot be pickled; its pipeline can")

    def _expected(self, time: float, motion: FloatArray | None) -> Predicted:
        expected = self.tracker.predict(time)
        there = expected.unseen <= max(self.tracker.settings.lost_after, time - self._time)
        boxes = np.ascontiguousarray(expected.boxes[there])
        if motion is not None and len(boxes):
            boxes = Faces(boxes, np.ones(len(boxes), np.float32)).mapped(motion).boxes
        return Predicted(expected.ids[there], boxes, expected.unseen[there])


def _checked(what: str, given: _T | None, kind: type[_T]) -> _T | None:
    if given is not None and not isinstance(given, kind):
        raise ArgumentTypeError(f"{what}: got {shown(given)}; {kind.__name__} is wanted")
    return given


def _checked_id(id_: int) -> int:
    return check_integer("id_", id_, NOBODY, None)
