"""What viewers see: written by the thread that watches, read by the server's."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rostro.faces import Faces
from rostro.types import Image

__all__ = ["MOST_EVENTS", "Board", "Shown"]

MOST_EVENTS = 200
"""Events that a new viewer gets to see; older ones are forgotten."""


class Shown(NamedTuple):
    """A frame with what is to be drawn on it; nobody changes any of it.

    Attributes:
        number: counts the frames shown, from 1 on.
        image: (H, W, 3) uint8, BGR.
        faces: in its pixels.
        captions: of each face.
    """

    number: int
    image: Image
    faces: Faces
    captions: Sequence[str]


class Board:
    """The newest frame, the people, events and figures.

    One thread writes. It only stores references, and wakes the server where a viewer waits: so no
    viewer, slow, gone or many, holds it up. Coroutines of one event loop read.

    Args:
        name: of the source.

    Attributes:
        name: the same.
        shown: the newest frame, ``None`` before the first.
        people, figures: documents for JSON.
        closed: whether nothing will come any more.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.shown: Shown | None = None
        self.people: list[dict[str, Any]] = []
        self.figures: dict[str, Any] = {}
        self.closed = False
        self._events: deque[tuple[int, dict[str, Any]]] = deque(maxlen=MOST_EVENTS)
        self._told = 0
        self._frames, self._news = _Bell(), _Bell()

    # The thread that watches

    def show(self, image: Image, faces: Faces, captions: Sequence[str]) -> None:
        """A new frame, which must not be written to any more."""
        number = 1 if self.shown is None else self.shown.number + 1
        self.shown = Shown(number, image, faces, captions)
        self._frames.ring()

    def tell(
        self,
        events: Sequence[dict[str, Any]],
        people: list[dict[str, Any]],
        figures: dict[str, Any] | None = None,
    ) -> None:
        """What happened, who is there, and the figures, where these are new."""
        for event in events:
            self._told += 1
            self._events.append((self._told, event))
        self.people = people
        if figures is not None:
            self.figures = figures
        self._news.ring()

    def close(self) -> None:
        self.closed = True
        self._frames.ring()
        self._news.ring()

    # The server's thread

    def attach(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """The loop whose coroutines will wait, ``None`` when it ends."""
        self._frames.loop = self._news.loop = loop

    async def newer(self, number: int) -> Shown | None:
        """The newest frame after this one, once there is one; ``None`` at the end."""

        def there() -> bool:
            return self.closed or (self.shown is not None and self.shown.number > number)

        await self._frames.until(there)
        return None if self.closed else self.shown

    async def news(self, timeout: float) -> None:
        """Waits for what is told next, or so long."""
        begin = self._told

        def there() -> bool:
            return self.closed or self._told != begin

        await self._news.until(there, timeout)

    def events_after(self, number: int) -> list[tuple[int, dict[str, Any]]]:
        """Events with their numbers, of those that are kept."""
        while True:
            try:
                return [(count, event) for count, event in self._events if count > number]
            except RuntimeError:  # one was added meanwhile
                continue


class _Bell:
    """Wakes coroutines from another thread, and costs nothing where nobody waits."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        loop = self.loop
        if loop is not None and self._waiting:
            try:
                loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # it ended meanwhile
                self.loop = None

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, there: Callable[[], bool], timeout: float | None = None) -> None:
        """Waits until it is there, or so many seconds."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            future = loop.create_future()
            self._waiting.add(future)  # before the question: what comes between rings
            try:
                left = None if end is None else end - loop.time()
                if there() or (left is not None and left <= 0):
                    return
                await asyncio.wait([future], timeout=left)
            finally:
                self._waiting.discard(future)
                future.cancel()
