"""What is written beside a video, so that no frame waits for a disk."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from rostro.errors import FileMissingError, RostroError
from rostro.video.review.queue import ReviewQueue
from rostro.video.review.records import Entry
from rostro.video.shots import Shot

__all__ = ["Background", "Paper"]

_log = logging.getLogger(__name__)


@dataclasses.dataclass(slots=True)
class Paper:
    """What is known of the record of one unknown; the thread of the writer sets it.

    Attributes:
        id: of the entry.
        written: whether it ever was in the queue.
        gone: whether it is not any more: named, discarded, or pushed out.
    """

    id: str
    written: bool = False
    gone: bool = False


class Background:
    """Writes records in a thread of its own, of each person the newest that waits. What waits when
    Python ends is written first. One thread at a time calls it.

    Args:
        queue: where to; ``None``: nowhere, for who is enrolled alone.
    """

    def __init__(self, queue: ReviewQueue | None) -> None:
        self._queue = queue
        self._pool = ThreadPoolExecutor(1, "rostro-review")
        self._waiting: dict[str, tuple[Paper, Entry, list[Shot]]] = {}
        self._lock = threading.Lock()
        self._told = False

    def write(self, paper: Paper, entry: Entry, shots: list[Shot]) -> None:
        """A record, some time soon."""
        if self._queue is None or paper.gone:
            return
        with self._lock:
            idle = not self._waiting
            self._waiting[paper.id] = (paper, entry, shots)
            if len(self._waiting) > self._queue.people:  # the disk does not come after
                lost = self._waiting.pop(next(iter(self._waiting)))
                self._fail(lost[1].times[1], TimeoutError("the disk is too slow"))
        if idle:
            self._pool.submit(self._run)

    def take(self, paper: Paper) -> None:
        """Deletes a record, some time soon; it is not written again."""
        paper.gone = True
        with self._lock:
            self._waiting.pop(paper.id, None)
        self._pool.submit(self._discard, paper)

    def run(self, work: Callable[[], object]) -> Future[object]:
        """Does something else in the same thread, after all that waits."""
        return self._pool.submit(work)

    def wait(self) -> None:
        """Until everything is done."""
        self._pool.submit(lambda: None).result()

    def fail(self, time: float, error: Exception) -> None:
        """Tells what could not be written, and goes on."""
        with self._lock:
            self._fail(time, error)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                # Taken out when it is done, so that nobody begins a second run.
                paper, entry, shots = self._waiting[next(iter(self._waiting))]
            self._put(paper, entry, shots)
            with self._lock:
                if self._waiting.get(paper.id, (None, None))[1] is entry:
                    del self._waiting[paper.id]

    def _put(self, paper: Paper, entry: Entry, shots: list[Shot]) -> None:
        if self._queue is None or paper.gone:
            return
        try:
            there = self._queue.put(entry, shots, new=not paper.written)
        except (RostroError, OSError) as error:
            self.fail(entry.times[1], error)
        else:
            paper.written |= there
            paper.gone |= not there

    def _discard(self, paper: Paper) -> None:
        if self._queue is None or not paper.written:
            return
        try:
            self._queue.discard(paper.id)
        except FileMissingError:
            pass  # somebody else was first
        except (RostroError, OSError) as error:
            self.fail(0.0, error)

    def _fail(self, time: float, error: Exception) -> None:
        if self._queue is not None:
            self._queue.problems.add("unwritten", time, str(error))
        if not self._told:  # a full disk would be told with every frame
            self._told = True
            _log.warning("what is seen of an unknown cannot be kept: %s", error)
