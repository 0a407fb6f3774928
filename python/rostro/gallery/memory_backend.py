"""A gallery that is kept in memory alone."""

from __future__ import annotations

from rostro.gallery.backend import Plan
from rostro.gallery.changes import Change
from rostro.gallery.content import Content
from rostro.gallery.identity import Header

__all__ = ["MemoryBackend"]


class MemoryBackend:
    """Keeps nothing but what is searched."""

    def __init__(self, header: Header) -> None:
        self._content = Content(header)

    def load(self) -> Content:
        return self._content

    def changed(self) -> bool:
        return False

    def read(self, content: Content) -> None:
        pass

    def write(self, content: Content, plan: Plan) -> Change:
        change = plan(content)
        content.apply(change)
        return change

    def wipe(self) -> None:
        pass

    def close(self) -> None:
        pass
