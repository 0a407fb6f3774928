"""Rows of a gallery's tables, as far as they can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from rostro.errors import GalleryCorruptError
from rostro.gallery.sqlite_backports import code_of
from rostro.gallery.sqlite_database import SALVAGE

__all__ = ["Kinds", "Tables"]

Kinds: TypeAlias = tuple[type, ...]

_RECORD: Kinds = (int, bytes)
_READ_ROWS = 250


class Tables:
    """Reads within a transaction of the caller's; one thread at a time.

    Args:
        salvage: note what is damaged and go on, instead of raising GalleryCorruptError.

    Attributes:
        damage: a line for everything that was found to be damaged.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, salvage: bool) -> None:
        self.damage: list[str] = []
        self.salvage = salvage
        self._path = path
        self._db = db

    def found_damage(self, what: str) -> None:
        """Note it, or raise GalleryCorruptError."""
        if what not in self.damage:
            self.damage.append(what)
        if not self.salvage:
            raise GalleryCorruptError(f"{self._path}: damaged: {what}; {SALVAGE}")

    def rows(self, query: str, after: int, what: str, kinds: Kinds) -> list[Any]:
        """All rows of a query, as far as they can be read."""
        if self.salvage:
            return list(self._from_both_ends(query, after, what, kinds))
        return self._read(query, after, what, kinds)

    def records(self, after: int) -> Iterator[list[Any]]:
        """Records of people with higher numbers, many at a time."""
        query = "SELECT id, record FROM person WHERE id > ? ORDER BY id"
        what = "the list of people"
        if self.salvage:
            yield from ([row] for row in self._from_both_ends(query, after, what, _RECORD))
            return
        while rows := self._read(f"{query} LIMIT {_READ_ROWS}", after, what, _RECORD):
            yield rows
            after = rows[-1][0]

    def record(self, id_: int) -> list[Any]:
        """One record of people."""
        query = "SELECT id, record FROM person WHERE id = ? ORDER BY id"
        return self.rows(query, id_, "the list of people", _RECORD)

    def block(self, id_: int, size: int) -> bytes:
        """The slots of a block; zeros for one that cannot be read."""
        try:
            row = self._db.execute("SELECT slots FROM block WHERE id = ?", (id_,)).fetchone()
            if row is not None and isinstance(row[0], bytes) and len(row[0]) == size:
                return row[0]
            self.found_damage(f"block {id_}")
        except sqlite3.DatabaseError as error:
            self._unreadable(error, f"block {id_}")
        return bytes(size)

    def number(self, query: str) -> int:
        """The one number that a query gives; 0 for none."""
        (value,) = self._db.execute(query).fetchone()
        return int(value or 0)

    def _read(self, query: str, after: int, what: str, kinds: Kinds) -> list[Any]:
        """Rows of a query, of which nothing is left open if this is interrupted."""
        try:
            rows = self._db.execute(query, (after,)).fetchall()
        except sqlite3.DatabaseError as error:
            self._unreadable(error, what)
            return []
        if any(tuple(map(type, row)) != kinds for row in rows):
            self.found_damage(what)
        return rows

    def _from_both_ends(
        self, query: str, after: int, what: str, kinds: Kinds
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a query, in its order; where it comes upon damage, those from the other end."""
        seen: set[int] = set()
        for order in ("", " DESC"):
            try:
                for row in self._db.execute(query + order, (after,)):
                    if tuple(map(type, row)) != kinds:
                        self.found_damage(what)
                    elif row[0] not in seen:
                        seen.add(row[0])
                        yield row
                return
            except sqlite3.DatabaseError as error:
                self._unreadable(error, what)

    def _unreadable(self, error: sqlite3.DatabaseError, what: str) -> None:
        if not code_of(error).startswith("SQLITE_CORRUPT"):
            raise error
        self.found_damage(f"{what} ({error})")
