"""What is wrong with a stream or a review queue: counted and explained, for whoever asks."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

__all__ = ["Problem", "Problems"]

_MEANINGS = {
    "stamp": "time stamp that repeats or turns back, moved to after the frame before",
    "no_stamp": "frame without a time stamp, timed by the rate of the stream or by its arrival",
    "restarted": "time stamp that turns back by more than a second: a new stream begins",
    "undecodable": "frame that cannot be decoded, left out",
    "damaged": "frame with parts that the decoder made up",
    "resized": "change of the frames' size",
    "ended_early": "end before the stream says it is",
    "lost": "connection that was lost",
    "reconnected": "connection that was opened again: a new stream begins",
    "unreachable": "attempt to open it again that failed",
    # Of review queues.
    "evicted": "person who left the full review queue for somebody new",
    "unwritten": "person who could not be written into the review queue, or enrolled",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of what is wrong.

    Attributes:
        kind: ``"stamp"``, ``"no_stamp"``, ``"restarted"``, ``"undecodable"``, ``"damaged"``,
            ``"resized"``, ``"ended_early"``, ``"lost"``, ``"reconnected"`` or ``"unreachable"``;
            of a review queue ``"evicted"`` or ``"unwritten"``.
        count: how often.
        first: time of the first, seconds of its stream.
        detail: more of the last; may be empty.
    """

    kind: str
    count: int
    first: float
    detail: str

    def __str__(self) -> str:
        detail = f": {self.detail}" if self.detail else ""
        times = f"{self.count} times: " if self.count > 1 else ""
        return f"{times}{_MEANINGS[self.kind]} (first at {self.first:.2f} s){detail}"


class Problems:
    """All that is wrong, by kind. Any thread may ask while another one decodes."""

    def __init__(self) -> None:
        self._found: dict[str, Problem] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, time: float, detail: str = "", count: int = 1) -> None:
        """One more of a kind."""
        with self._lock:
            before = self._found.get(kind, Problem(kind, 0, time, ""))
            self._found[kind] = replace(before, count=before.count + count, detail=detail)

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind came; those that did not are not in it."""
        with self._lock:
            return {kind: problem.count for kind, problem in self._found.items()}

    def all(self) -> list[Problem]:
        """Each kind once, in the order in which they first came; ``str`` explains one."""
        with self._lock:
            return list(self._found.values())
