"""A gallery in use: what is in memory, kept in step with what keeps it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rostro.errors import GalleryError
from rostro.gallery.backend import Backend, Plan
from rostro.gallery.changes import Change
from rostro.gallery.content import Content

__all__ = ["Session"]


class Session:
    """Any number of threads may use it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lock = threading.Lock()  # of whoever writes, or reads what another process wrote
        self._closed = False
        self._content = backend.load()
        self.dim = self._content.dim

    @property
    def content(self) -> Content:
        """What is in memory, with what other processes committed; for reading without the lock.

        Where a thread of this process is writing, it does the reading, and nobody waits for it.
        """
        if self._closed:
            raise GalleryError("the gallery is closed")
        if self._lock.acquire(blocking=False):
            try:
                if not self._closed and self._backend.changed():
                    self._backend.read(self._content)
            finally:
                self._lock.release()
        return self._content

    @contextmanager
    def locked(self) -> Iterator[Content]:
        """A block in which nothing changes."""
        content = self.content
        with self._lock:
            yield content

    def change(self, plan: Plan) -> Change:
        """Make a change, planned with all that others committed; see `Backend.write`."""
        with self._writing() as backend:
            return backend.write(self._content, plan)

    def wipe(self) -> None:
        """Leave no old copy of anything; see `Backend.wipe`."""
        with self._writing() as backend:
            backend.wipe()

    def close(self) -> None:
        """Close the backend."""
        with self._lock:
            if not self._closed:
                self._backend.close()
            self._closed = True

    @contextmanager
    def _writing(self) -> Iterator[Backend]:
        with self._lock:
            if self._closed:
                raise GalleryError("the gallery is closed")
            yield self._backend
