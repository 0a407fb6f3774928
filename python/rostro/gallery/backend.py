"""What keeps a gallery: the door for further ways of keeping one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from rostro.gallery.changes import Change
from rostro.gallery.content import Content

__all__ = ["Backend", "Plan"]

Plan: TypeAlias = Callable[[Content], Change]


class Backend(Protocol):
    """Keeps people and templates, of which a `Content` is the copy in memory that is searched.

    `Session` sees to it that one thread at a time uses it, and waits where it is busy. Errors are
    those that `Gallery` names; GalleryBusyError comes at once.

    Any method may be interrupted anywhere, by KeyboardInterrupt or MemoryError. It leaves what is
    kept as it was or as it was to be; memory that may differ from it is `Content.in_doubt`, and is
    loaded anew before anything else is called but `close`.
    """

    def load(self) -> Content:
        """A snapshot: everything that is kept, in new memory."""

    def changed(self) -> bool:
        """Whether somebody else changed what is kept since it was last read or written here."""

    def read(self, content: Content) -> Content:
        """Bring memory up to date with what others changed, or give other memory."""

    def write(self, content: Content, plan: Plan) -> Change:
        """Make a change, in what is kept and then in memory: all of it, durably, or nothing.

        It is planned on memory that is up to date: templates and people that are appended, and
        those that are erased.
        """

    def tidy(self, content: Content, closing: bool) -> None:
        """Give back room that what was erased left, if it is worth it; fails in silence.

        Args:
            closing: nothing will be asked any more; else this follows a change.
        """

    def wipe(self) -> None:
        """Leave nowhere an old copy of what was erased."""

    def close(self) -> None:
        """Let go of it. Nothing else is called later."""
