"""Frame after frame: followed, told, recorded, shown."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from rostro.video.face_tracker import FaceTracker
from rostro.video.review import ReviewQueue
from rostro.video.shots import BestShots
from rostro.video.sources import Frame, NewestFrame
from rostro.video.tracker import Event
from rostro.video.watch.documents import (
    event_document,
    figures_document,
    now,
    people_documents,
)
from rostro.video.watch.liveness import LiveGate
from rostro.video.watch.naming import Errands
from rostro.video.watch.output import Output, live_line
from rostro.video.watch.people import People
from rostro.video.watch.recording import Recording
from rostro.video.watch.statistics import Statistics
from rostro.video.watch.stop import Stop
from rostro.video.web.board import Board

__all__ = ["Watch"]

_WAIT = 0.1  # seconds for a frame, before what else waits is looked at
_TICK = 0.5  # seconds from one look at the figures to the next
_EACH_TIME = ("lost", "unreachable", "reconnected", "restarted", "ended_early")
"""Problems of a source that are told whenever they come; others once."""


class Watch:
    """Watches one stream. One thread at a time.

    Args:
        tracker: follows the faces.
        output: where events go.
        gate: keeps names from faces that are not live.
        recording: of the annotated video.
        board: for the page.
        shots: for the page's naming.
        review: where the tracker keeps unknowns, for what is wrong with that.
        figures_every: seconds from one document of figures to the next; ``None``: none.

    Attributes:
        people: who is there.
        errands: what other threads want done between two frames.
    """

    def __init__(
        self,
        tracker: FaceTracker,
        output: Output,
        *,
        gate: LiveGate | None = None,
        recording: Recording | None = None,
        board: Board | None = None,
        shots: BestShots | None = None,
        review: ReviewQueue | None = None,
        figures_every: float | None = None,
    ) -> None:
        self._tracker, self._output = tracker, output
        self._gate, self._recording = gate, recording
        self._board, self._shots, self._review = board, shots, review
        self._figures_every = figures_every
        self.people, self.errands = People(), Errands()
        self._statistics = Statistics()
        self._begin = self._ticked = self._figured = time.perf_counter()
        self._stream, self._base, self._last, self._number = 0, 0.0, 0.0, 0
        self._problems: dict[str, int] = {}
        self._kept: set[str] = set()
        self._dropped = 0

    def run(self, frames: NewestFrame, stop: Stop, max_seconds: float | None = None) -> str:
        """Watches to the end, tells the summary, and says which end it was: ``"ended"``,
        ``"stopped"`` by a signal, or ``"limit"``, after so many seconds of the stream.

        Raises:
            RostroError: the source or a network failed; the summary says ``"failed"``.
            OSError: the standard output is full or closed.
        """
        end = "failed"
        try:
            end = self._follow(frames, stop, max_seconds)
        except BrokenPipeError:
            end = "closed"
            raise
        finally:
            self._finish(end)
        return end

    def _follow(self, frames: NewestFrame, stop: Stop, max_seconds: float | None) -> str:
        while not stop:
            frame = frames.next_frame(_WAIT)
            self._dropped = frames.dropped
            if frame is not None:
                self.step(frame)
            self._tell_problems(frames)
            self._tell_review()
            self.errands.run()
            self._tick()
            if max_seconds is not None and self._last >= max_seconds:
                return "limit"
            if frame is None and frames.ended:
                return "ended"
        return "stopped"

    def step(self, frame: Frame) -> None:
        """One frame."""
        begin = time.perf_counter()
        if frame.stream != self._stream:
            self._tracker.restart()
            self._stream, self._base = frame.stream, self._last + 0.001
        self._last, self._number = self._base + frame.time, frame.number
        faces = self._tracker(frame.image, frame.time)
        tracked = time.perf_counter()
        events = self._tracker.events()
        self.people.look(faces, events, self._tracker.identities())
        if self._gate is None:
            self.people.take_names()
        else:
            events = self._gate.look(faces, self.people, events, frame.time)
        if self._shots is not None:
            self._shots.look(frame.image, faces, self.people.votes())
        self._tell(events)
        spent = _stages(self._tracker.spent, tracked - begin)
        if self._recording is not None or self._board is not None:
            captions = self.people.captions(faces)
            if self._board is not None:
                self._board.show(frame.image, faces, captions)
            if self._recording is not None and self._recording.failure is None:
                before = time.perf_counter()
                self._recording.write(frame.image, faces, captions, self._last)
                spent["record"] = time.perf_counter() - before
                self._tell_failure()
        spent["frame"] = time.perf_counter() - begin
        self._statistics.add(spent)

    def _finish(self, end: str) -> None:
        """The video is closed, the line in place is gone, and the summary is told."""
        if self._recording is not None and self._recording.failure is None:
            self._recording.close()
            self._tell_failure()
        self._tracker.close()
        with contextlib.suppress(OSError):  # of the output: the error before it is told
            self._tell([one for one in self._tracker.events() if one.kind == "enrolled"])
            self._tell_review()
        self._output.end()
        summary = self.summary(end)
        if self._board is not None:
            self._board.tell((), self._board.people, self._board.figures | {"end": end})
        if self._output.as_json and end != "closed":
            with contextlib.suppress(OSError):
                self._output.document(summary)
        else:
            self._output.note(
                f"{end}: {summary['frames']} frames in {summary['seconds']:.1f} s, "
                f"{summary['dropped']} dropped, {summary['people']} people"
            )

    def summary(self, end: str) -> dict[str, Any]:
        """The last document; its stages are those of the last seconds."""
        seconds = time.perf_counter() - self._begin
        tracker = self._tracker
        document: dict[str, Any] = {
            "event": "summary",
            "at": now(),
            "end": end,
            "frames": self._statistics.frames,
            "seconds": round(seconds, 3),
            "people": self.people.seen,
            "detected": tracker.detected,
            "searched": tracker.searched,
            "embedded": tracker.embedded,
            "source": dict(self._problems),
        }
        figures = figures_document(self._statistics.figures(), self._dropped, tracker.dropped)
        document |= figures | {"fps": round(self._statistics.frames / max(seconds, 1e-9), 1)}
        if self._recording is not None:
            document["recorded"] = self._recording.frames
        return document

    def _tell(self, events: list[Event]) -> None:
        documents = [
            event_document(event, self._number, self.people.get(event.id)) for event in events
        ]
        self.people.forget(events)
        if documents and self._board is not None:
            self._board.tell(documents, people_documents(self.people, self._last - self._base))
        for document in documents:
            self._output.event(document)

    def _tell_problems(self, frames: NewestFrame) -> None:
        counts = frames.source.problems.counts
        if counts == self._problems:
            return
        for problem in frames.source.problems.all():
            before = self._problems.get(problem.kind, 0)
            if before == 0 or (problem.kind in _EACH_TIME and counts.get(problem.kind, 0) > before):
                document = {
                    "event": "source",
                    "at": now(),
                    "problem": problem.kind,
                    "count": problem.count,
                    "why": str(problem),
                }
                self._output.document(document)
                self._output.note(f"warning: {frames.source.name}: {problem}")
        self._problems = counts

    def _tell_review(self) -> None:
        """Each kind of problem once."""
        problems = [] if self._review is None else self._review.problems.all()
        for problem in problems:
            if problem.kind not in self._kept:
                self._kept.add(problem.kind)
                told = {"event": "review", "at": now(), "problem": problem.kind}
                self._output.document(told | {"why": str(problem)})
                self._output.note(f"warning: review: {problem}")

    def _tell_failure(self) -> None:
        recording = self._recording
        if recording is not None and recording.failure is not None:
            self._output.note(f"error: recording ends: {recording.failure}")
            self._output.document({"event": "recording", "at": now(), "why": recording.failure})

    def _tick(self) -> None:
        """The figures, now and then."""
        clock = time.perf_counter()
        if clock - self._ticked < _TICK:
            return
        self._ticked = clock
        due = self._figures_every is not None and clock - self._figured >= self._figures_every
        if not (due or self._board is not None or self._output.in_place):
            return
        figures = figures_document(self._statistics.figures(), self._dropped, self._tracker.dropped)
        if self._board is not None:
            people = people_documents(self.people, self._last - self._base)
            self._board.tell((), people, figures)
        self._output.show(live_line(figures, [p.caption for p in self.people if p.here]))
        if due:
            self._figured = clock
            self._output.document({"event": "figures", "at": now()} | figures)


def _stages(spent: dict[str, float], tracked: float) -> dict[str, float]:
    """The seconds of each stage of a tracked frame; what is left is the tracker's own."""
    new, more = spent.pop("embed_new", 0.0), spent.pop("embed_more", 0.0)
    if new or more:
        spent["embed"] = new + more
    return spent | {"track": tracked - sum(spent.values())}
