"""A gallery in use: what is in memory, kept in step with what keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rostro.errors import GalleryError
from rostro.gallery.backend import Backend, Plan
from rostro.gallery.changes import Change
from rostro.gallery.content import Content
from rostro.gallery.patience import patiently

__all__ = ["Session"]

_Result = TypeVar("_Result")


class Session:
    """Any number of threads may use it, and any of them may be interrupted anywhere: what an
    exception left half done is undone, or read anew, by whoever comes next.

    Args:
        timeout: seconds to wait where the backend is busy.
    """

    def __init__(self, backend: Backend, timeout: float) -> None:
        self._backend = backend
        self._timeout = timeout
        # Of whoever writes, or reads what another process wrote. Nobody waits for another process
        # while holding it.
        self._lock = threading.Lock()
        self._closed = False
        self._content = patiently(backend.load, timeout)
        self.dim = self._content.dim

    @property
    def content(self) -> Content:
        """What is in memory, with what other processes committed; for reading without the lock.

        Where a thread of this process is writing, it does the reading, and nobody waits for it.
        """
        if self._closed or not self._lock.locked():
            self._alone(self._catch_up)
        return self._content

    def read(self, work: Callable[[Content], _Result]) -> _Result:
        """Do something while nothing changes, with what other processes committed."""

        def reading() -> _Result:
            self._catch_up()
            return work(self._content)

        return self._alone(reading)

    def change(self, plan: Plan) -> Change:
        """Make a change, planned with all that others committed; see `Backend.write`."""

        def writing() -> Change:
            self._catch_up()
            change = self._backend.write(self._content, plan)
            if change:
                self._backend.tidy(self._content, closing=False)
            return change

        return self._alone(writing)

    def wipe(self) -> None:
        """Leave no old copy of anything; see `Backend.wipe`."""

        def wiping() -> None:
            self._check_open()
            self._backend.wipe()

        self._alone(wiping)

    def close(self) -> None:
        """Close the backend."""
        self._exclusively(self._close)

    def _close(self) -> None:
        if not self._closed:
            if not self._content.in_doubt:
                self._backend.tidy(self._content, closing=True)
            self._backend.close()
            self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise GalleryError("the gallery is closed")

    def _catch_up(self) -> None:
        """Bring memory up to date; with the lock."""
        self._check_open()
        if self._content.in_doubt:
            self._content = self._backend.load()
        elif self._backend.changed():
            self._content = self._backend.read(self._content)

    def _alone(self, work: Callable[[], _Result]) -> _Result:
        """Work with the lock, again and again while the backend is busy."""
        return patiently(partial(self._exclusively, work), self._timeout)

    def _exclusively(self, work: Callable[[], _Result]) -> _Result:
        # On one line: what raises "at the next line", as debuggers do, would else come between the
        # end of the block and the release of the lock.
        with self._lock: return work()  # fmt: skip  # noqa: E701
