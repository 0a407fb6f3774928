"""Decoding in a thread of its own, at most one frame waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rostro.errors import ArgumentTypeError
from rostro.support.arguments import check_flag, check_number, shown
from rostro.video.sources.frame import Frame, Source

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["NewestFrame"]

_PATIENCE = 1.0  # seconds that closing waits for the thread; it ends with the stream's next frame


class NewestFrame:
    """Reads a source in a thread of its own, so that decoding and working go on at once.

    Of a live source the newest frame wins: what came meanwhile is dropped and counted. Of others
    nothing is dropped: the reader waits. One thread iterates or calls `next_frame`; `close` may be
    called by any. Closes the source, too.

    Args:
        source: any `Source`.
        drop: whether the newest frame wins; by default of live sources.

    Attributes:
        source: the same.
        dropped: frames that were decoded and not given to anybody.

    Raises:
        ArgumentTypeError: not such arguments.
    """

    def __init__(self, source: Source, drop: bool | None = None) -> None:
        if not hasattr(source, "live") or not hasattr(source, "__iter__"):
            raise ArgumentTypeError(
                f"source: got {shown(source)}; what open_source gives is wanted"
            )
        self.source = source
        self.dropped = 0
        self._drop = source.live if drop is None else check_flag("drop", drop)
        self._changed = threading.Condition()
        self._waiting: Frame | None = None
        self._ended = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._read, name="rostro-frames", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether no more frames will come."""
        with self._changed:
            return self._ended and self._waiting is None

    def next_frame(self, timeout: float | None = None) -> Frame | None:
        """The frame that waits, or the next; ``None`` at the end, or if none came within
        ``timeout`` seconds: `ended` tells which.

        Raises:
            VideoError, …: what the source raised, once.
        """
        limit = None if timeout is None else check_number("timeout", timeout)
        begin = time.monotonic()
        with self._changed:
            while self._waiting is None and not self._ended:
                left = None if limit is None else limit - (time.monotonic() - begin)
                # Waiting without a limit could not be interrupted on some systems.
                if left is not None and not left > 0:
                    return None
                self._changed.wait(1.0 if left is None else min(left, 1.0))
            frame, self._waiting = self._waiting, None
            error = self._error if frame is None else None
            if error is not None:
                self._error = None
            self._changed.notify_all()
        if error is not None:
            raise error
        return frame

    def __iter__(self) -> Iterator[Frame]:
        while (frame := self.next_frame()) is not None:
            yield frame

    def close(self) -> None:
        """Ends the iteration and the thread."""
        with self._changed:
            self._ended, self._waiting = True, None
            self._changed.notify_all()
        self.source.close()
        if self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        try:
            for frame in self.source:
                if not self._give(frame):
                    break
        except BaseException as error:  # whoever iterates is told
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _give(self, frame: Frame) -> bool:
        """Whether more frames are wanted."""
        with self._changed:
            while self._waiting is not None and not self._drop and not self._ended:
                self._changed.wait(1.0)
            if self._ended:
                return False
            self.dropped += self._waiting is not None
            self._waiting = frame
            self._changed.notify_all()
            return True
