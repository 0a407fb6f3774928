"""A file at its own speed, as if it were a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from rostro.video.sources import Frame, Problems, Source

__all__ = ["Paced"]


class Paced:
    """Gives each frame of a source when its time has come; a `Source`, live.

    Args:
        source: a file or a folder.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._closed = threading.Event()
        self.live = True

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def rate(self) -> float | None:
        return self._source.rate

    @property
    def size(self) -> tuple[int, int] | None:
        return self._source.size

    @property
    def problems(self) -> Problems:
        return self._source.problems

    def __iter__(self) -> Iterator[Frame]:
        begin, stream = time.monotonic(), 0
        for frame in self._source:
            if frame.stream != stream:
                begin, stream = time.monotonic() - frame.time, frame.stream
            if self._closed.wait(max(0.0, begin + frame.time - time.monotonic())):
                return
            yield frame

    def close(self) -> None:
        self._closed.set()
        self._source.close()
