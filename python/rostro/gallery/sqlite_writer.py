"""Writing a gallery's database.

What is secret lies in two tables to which rows are only appended, and is only ever overwritten in
place, by as many bytes: SQLite then never moves it, so that no page keeps an old copy of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from rostro.errors import GalleryCorruptError
from rostro.gallery.changes import Change
from rostro.gallery.records import PEOPLE_PER_RECORD, Person, PersonList
from rostro.gallery.seal import Bytes, Seal
from rostro.gallery.slots import SlotFormat
from rostro.gallery.snapshot import Positions
from rostro.gallery.sqlite_backports import overwrite
from rostro.gallery.sqlite_database import SALVAGE
from rostro.gallery.sqlite_reader import Reader

__all__ = ["Writer", "Written"]

# Of a record with room for those who come one by one: what fits on a page of the file, of which it
# would have none to share anyway.
_RECORD_BYTES = 4000


@dataclass(slots=True)
class Written:
    """What a change wrote: the numbers that it has among changes of blocks and of records of people
    that there were, the new places of people, and how many are in the last record then."""

    change: int = 0
    rewriting: int = 0
    places: dict[int, int] = field(default_factory=dict)
    last: int = 0


class Writer:
    """Writes one change, in a transaction of the caller's, who read everything with `reader`."""

    def __init__(
        self, path: Path, db: sqlite3.Connection, seal: Seal, slots: SlotFormat, reader: Reader
    ) -> None:
        self._written = Written()
        self._path = path
        self._db = db
        self._seal = seal
        self._slots = slots
        self._reader = reader

    def write(self, change: Change) -> Written:
        """Write all but the header."""
        self._put_people(change.people)
        zeros = np.zeros((len(change.erased), self._slots.size), np.uint8)
        self._write(change.erased, zeros, counted=-1)
        self._write(change.positions, self._slots.pack(change.positions, change.rows), counted=1)
        return self._written

    def _put_people(self, people: Sequence[Person]) -> None:
        """Wipe people from the records that they are in, and write those with a name anew."""
        execute = self._db.execute
        changed = {person.number for person in people}
        for id_ in sorted({self._reader.place(number) for number in changed} - {0}):
            self._rewrite(id_, changed)
        named = [person for person in people if person.name]
        (last,) = execute("SELECT coalesce(max(id), 0) FROM person").fetchone()
        if named and last:
            named = self._fill(last, named)
        for start in range(0, len(named), PEOPLE_PER_RECORD):
            last += 1
            part = named[start : start + PEOPLE_PER_RECORD]
            encoded = PersonList.of(part).encode()
            if len(part) < PEOPLE_PER_RECORD:
                encoded = encoded.ljust(_RECORD_BYTES, b"\0")
            execute(
                "INSERT INTO person VALUES (?, ?)", (last, self._seal.seal_record(last, encoded))
            )
            self._put(last, part, len(part))

    def _fill(self, id_: int, people: Sequence[Person]) -> list[Person]:
        """Put people into the last record, in place; those for whom there is no room."""
        there, size = self._opened(id_)
        room = size - 4 - there.size
        taken: list[Person] = []
        rest: list[Person] = []
        for person in people:
            needed = 12 + len(person.name) + len(person.metadata)
            fits = needed <= room and len(there) + len(taken) < PEOPLE_PER_RECORD
            # Whoever was wiped from this record is still in it, without a name.
            if fits and self._reader.place(person.number) != id_:
                taken.append(person)
                room -= needed
            else:
                rest.append(person)
        if taken:
            filled = PersonList.concatenate([there, PersonList.of(taken)])
            self._overwrite_record(id_, filled, size)
            self._put(id_, taken, len(filled))
        return rest

    def _put(self, id_: int, people: Sequence[Person], count: int) -> None:
        self._written.places.update((person.number, id_) for person in people)
        self._written.last = count

    def _rewrite(self, id_: int, wiped: Set[int]) -> None:
        """Wipe people from a record, in place."""
        self._written.rewriting = self._reader.rewriting + 1
        there, size = self._opened(id_)
        kept = [
            Person(person.number, b"", b"") if person.number in wiped else person
            for person in there.people()
        ]
        self._overwrite_record(id_, PersonList.of(kept), size)
        query = "INSERT OR REPLACE INTO person_rewritten VALUES (?, ?)"
        self._db.execute(query, (id_, self._written.rewriting))

    def _opened(self, id_: int) -> tuple[PersonList, int]:
        """The people of a record, and the bytes there are for them."""
        row = self._db.execute("SELECT record FROM person WHERE id = ?", (id_,)).fetchone()
        (data,) = self._seal.open_records([id_], [row[0] if row else b""])
        try:
            if data is None:
                raise ValueError("altered")
            return PersonList.decode(data), len(data)
        except ValueError as error:
            raise GalleryCorruptError(
                f"{self._path}: damaged: record {id_} of people: {error}; {SALVAGE}"
            ) from error

    def _overwrite_record(self, id_: int, people: PersonList, size: int) -> None:
        record = self._seal.seal_record(id_, people.encode().ljust(size, b"\0"))
        overwrite(self._db, "person", "record", id_, [(0, record)])

    def _write(self, positions: Positions, slots: Bytes, counted: int) -> None:
        """Write slots of rising positions; those of one change share a number."""
        if not len(positions):
            return
        execute = self._db.execute
        change = self._reader.change + 1
        (end,) = execute("SELECT coalesce(max(id) + 1, 0) FROM block_state").fetchone()
        self._written.change = change
        per_block, size = self._slots.per_block, self._slots.size
        blocks = positions // per_block
        starts = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist()]
        for start, stop in pairwise([*starts, len(blocks)]):
            id_, count = int(blocks[start]), stop - start
            local = positions[start:stop] - id_ * per_block
            part = slots[start:stop]
            if id_ < end:
                places = (local * size).tolist()
                pieces = zip(places, (slot.data for slot in part), strict=True)
                overwrite(self._db, "block", "slots", id_, pieces)
                execute(
                    "UPDATE block_state SET change = ?, count = count + ? WHERE id = ?",
                    (change, counted * count, id_),
                )
                continue
            block = np.zeros((per_block, size), np.uint8)
            block[local] = part
            execute("INSERT INTO block VALUES (?, ?)", (id_, block.data))
            execute("INSERT INTO block_state VALUES (?, ?, ?)", (id_, change, count))
