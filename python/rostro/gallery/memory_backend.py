"""A gallery that is kept in memory alone."""

from __future__ import annotations

from rostro.gallery.backend import Plan
from rostro.gallery.changes import Change
from rostro.gallery.content import Content
from rostro.gallery.identity import Header
from rostro.gallery.matrix import Layout

__all__ = ["MemoryBackend"]


class MemoryBackend:
    """Keeps nothing but what is searched, and the change that is on its way there."""

    def __init__(self, header: Header) -> None:
        self._content = Content(header)
        self._decided: tuple[Change, Layout] | None = None

    def load(self) -> Content:
        if self._decided is not None:  # there is no older state to go back to
            self._content.apply(*self._decided)
            self._decided = None
        self._content.in_doubt = False
        return self._content

    def changed(self) -> bool:
        return False

    def read(self, content: Content) -> Content:
        return content

    def write(self, content: Content, plan: Plan) -> Change:
        change = plan(content)
        if not change:
            return change
        decided = change, content.prepared(change)
        content.in_doubt = True
        self._decided = decided
        content.apply(*decided)
        self._decided = None
        content.in_doubt = False
        return change

    def tidy(self, content: Content, closing: bool) -> None:
        pass

    def wipe(self) -> None:
        pass

    def close(self) -> None:
        pass
