"""What is in memory and what is in the file, kept in step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rostro.errors import GalleryError
from rostro.gallery.content import Change, Content
from rostro.gallery.identity import Header

if TYPE_CHECKING:
    from rostro.gallery.store import Store

__all__ = ["Session"]


class Session:
    """A gallery in use. Any number of threads may use it."""

    def __init__(self, header: Header, store: Store | None) -> None:
        self.dim = header.dim
        self._store = store
        self._content = Content(header)
        self._lock = threading.Lock()  # of whoever writes, or reads what another process wrote
        self._closed = False
        if store is not None:
            with store.reading():
                self._read(store)

    @property
    def content(self) -> Content:
        """What is in memory, with what other processes committed; for reading without the lock.

        Where a thread of this process is writing, it does the reading, and nobody waits for it.
        """
        if self._closed:
            raise GalleryError("the gallery is closed")
        if self._store is not None and self._lock.acquire(blocking=False):
            try:
                if not self._closed and self._store.changed():
                    with self._store.reading():
                        self._read(self._store)
            finally:
                self._lock.release()
        return self._content

    @contextmanager
    def locked(self) -> Iterator[Content]:
        """A block in which nothing changes."""
        content = self.content
        with self._lock:
            yield content

    @contextmanager
    def _writing(self) -> Iterator[Store | None]:
        with self._lock:
            if self._closed:
                raise GalleryError("the gallery is closed")
            yield self._store

    def change(self, plan: Callable[[Content], Change]) -> None:
        """Make a change, planned with all that others committed: on the disk, then in memory."""
        with self._writing() as store:
            if store is None:
                self._content.apply(plan(self._content))
                return
            with store.writing():
                if store.changed():
                    self._read(store)
                change = plan(self._content)
                store.write(change)
            self._content.apply(change)
            store.applied()

    def wipe(self) -> None:
        """Leave no old copy of anything in any file."""
        with self._writing() as store:
            if store is not None:
                store.wipe()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._store is not None and not self._closed:
                self._store.close()
            self._closed = True

    def _read(self, store: Store) -> None:
        self._content.header = store.read_header()
        self._content.read(store.reader)
        store.caught_up()
