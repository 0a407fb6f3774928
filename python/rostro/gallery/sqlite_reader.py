"""Reading a gallery's database: all of it at first, later what others changed."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from rostro.errors import GalleryCorruptError
from rostro.gallery.names import set_at, set_to_highest, values_at
from rostro.gallery.records import PEOPLE_PER_RECORD, PersonList, decode_metadata
from rostro.gallery.seal import Seal
from rostro.gallery.slots import BLOCK_BYTES, SlotFormat
from rostro.gallery.snapshot import Blocks
from rostro.gallery.sqlite_tables import Tables
from rostro.gallery.templates import are_templates

__all__ = ["Reader"]

_READ_BYTES = 4 << 20
_LEAST_RECORD = 16  # bytes

_State = tuple[int, int | None, int]  # of a block: number, count of templates, last change


class Reader:
    """Reads within a transaction of the caller's; one thread at a time.

    What an iterator gave counts as read once it is at its end.

    Attributes:
        change, rewriting: the number of the last change to blocks, and to records of people, that
            was read.
        generation: how often the file had been written anew when it was read at first.
    """

    def __init__(self, tables: Tables, seal: Seal, slots: SlotFormat) -> None:
        self._tables = tables
        self._seal = seal
        self._slots = slots
        self._places = array("Q", [0])  # of records, by person
        self.change = self.rewriting = self.generation = self._version = self._most = 0
        self._last = self._last_count = 0  # the last record, and how many of it were read

    def changed(self) -> bool:
        """Whether another process committed anything since `blocks`."""
        return self._tables.number("PRAGMA data_version") != self._version

    def outdated(self) -> bool:
        """Whether all that was read was written anew since, with other numbers."""
        return self._generation() != self.generation

    def _generation(self) -> int:
        return self._tables.number("SELECT max(change) FROM person_rewritten WHERE id = 0")

    def people(self) -> Iterator[PersonList]:
        """New people, and those of records that were rewritten."""
        if not self._last:
            self.generation = self._generation()
        query = "SELECT id, change FROM person_rewritten WHERE id > 0 AND change > ? ORDER BY id"
        what = "the list of rewritten records"
        changes = dict(self._tables.rows(query, self.rewriting, what, (int, int)))
        size = self._tables.number("PRAGMA page_size")
        self._most = self._tables.number("PRAGMA page_count") * size // _LEAST_RECORD
        last = self._last
        for id_ in sorted(id_ for id_ in changes if id_ < last):
            yield self._people(self._tables.record(id_))
        if last in changes:
            self._last_count = 0
        last = max(last - 1, 0)  # others may have come into the last one
        for rows in self._tables.records(last):
            ids = [id_ for id_, _ in rows]
            if ids != list(range(last + 1, last + 1 + len(ids))):
                self._tables.found_damage("records of people are missing")
            last = max([last, *ids])
            yield self._people(rows)
        self.rewriting = max([self.rewriting, *changes.values()])

    def _people(self, rows: Sequence[tuple[int, bytes]]) -> PersonList:
        """What is new in records."""
        ids = [id_ for id_, _ in rows]
        opened = self._seal.open_records(ids, [record for _, record in rows])
        records = list(map(self._decoded, ids, opened))
        people = PersonList.concatenate([PersonList.of([]), *records])
        within = np.repeat(ids, list(map(len, records))).astype(np.uint64)
        try:
            self._check(people, within)
        except (ValueError, GalleryCorruptError) as error:
            if len(rows) == 1:
                self._tables.found_damage(f"record {ids[0]} of people: {error}")
                return PersonList.of([])
            return PersonList.concatenate([self._people([row]) for row in rows])
        if ids:
            self._count_last(ids[-1], len(records[-1]))
        # Somebody who was renamed is in a later record too, which holds.
        set_to_highest(self._places, people.numbers, within)
        valid = values_at(self._places, people.numbers) == within
        if not valid.all():
            people = PersonList.of(list(compress(people.people(), valid)))
        return people

    def _decoded(self, id_: int, data: bytes | None) -> PersonList:
        try:
            if data is None:
                raise ValueError("altered")
            people = PersonList.decode(data)
        except ValueError as error:
            self._tables.found_damage(f"record {id_} of people: {error}")
            return PersonList.of([])
        return people.after(self._last_count) if id_ == self._last else people

    def _count_last(self, id_: int, new: int) -> None:
        if id_ > self._last:
            self._last, self._last_count = id_, new
        elif id_ == self._last:
            self._last_count += new

    def _check(self, people: PersonList, within: NDArray[np.uint64]) -> None:
        people.check()
        # Numbers are counted up, and records are: more memory than the file is long by is never
        # taken for the list of who is where.
        most = np.minimum(within, np.uint64(self._most)) * np.uint64(PEOPLE_PER_RECORD)
        if (people.numbers > most).any():
            raise ValueError("a number that nobody can have yet")
        rising = (people.numbers[1:] > people.numbers[:-1]).all()
        if not rising and len({*zip(within.tolist(), people.numbers.tolist(), strict=True)}) < len(
            people
        ):
            raise ValueError("somebody is there twice")
        if self._tables.salvage and people.metadata:
            for person in people.people():
                decode_metadata(person.metadata)

    def skip(self, change: int, rewriting: int, places: Mapping[int, int], last: int) -> None:
        """Count as read what this process wrote itself: the numbers of its changes to blocks and to
        records of people, the new places of people, and how many are in the last record."""
        self.change = max(self.change, change)
        self.rewriting = max(self.rewriting, rewriting)
        if places:
            set_at(self._places, np.fromiter(places, np.uint32), list(places.values()))
            self._last, self._last_count = max(places.values()), last

    def place(self, person: int) -> int:
        """Where the record of a person is; 0 for one who is new."""
        return self._places[person] if person < len(self._places) else 0

    def blocks(self) -> Iterator[Blocks]:
        """Blocks that changed."""
        version = self._tables.number("PRAGMA data_version")
        change = self.change
        query = "SELECT id, count, change FROM block_state WHERE change > ? ORDER BY id"
        states = self._tables.rows(query, change, "the list of blocks", (int, int, int))
        if change == 0:
            states = self._all_blocks(states)
        step = max(_READ_BYTES // BLOCK_BYTES, 1)
        for start in range(0, len(states), step):
            yield self._blocks(states[start : start + step])
        self.change = max([change, *(changed for _, _, changed in states)])
        self._version = version

    def _all_blocks(self, listed: list[_State]) -> list[_State]:
        """States of all blocks that are there, in their order; they are numbered without a gap."""
        query = "SELECT id FROM block WHERE id >= ? ORDER BY id"
        there = {id_ for (id_,) in self._tables.rows(query, 0, "the blocks", (int,))}
        states = {id_: (id_, count, change) for id_, count, change in listed}
        for id_ in sorted(there | states.keys() | set(range(len(there)))):
            if id_ >= len(there) or id_ not in there or id_ not in states:
                self._tables.found_damage(f"the entry of block {id_}")
        return [states.get(id_, (id_, None, 0)) for id_ in range(len(there)) if id_ in there]

    def _blocks(self, states: Sequence[_State]) -> Blocks:
        per_block, size = self._slots.per_block, self._slots.size
        ids = [id_ for id_, _, _ in states]
        blocks = [self._tables.block(id_, per_block * size) for id_ in ids]
        data = np.frombuffer(b"".join(blocks), np.uint8).reshape(-1, size)
        covered = (np.array(ids)[:, None] * per_block + np.arange(per_block)).ravel()
        positions, rows, whole = self._slots.unpack(covered, data)
        whole &= (rows.people > 0) & (rows.people < len(self._places)) & are_templates(rows)
        if not whole.all():
            positions, rows = positions[whole], rows.select(whole)
        counts = np.bincount(positions // per_block, minlength=max(ids) + 1)
        for id_, count, _ in states:
            if count is not None and counts[id_] != count:
                lost = f"{count - int(counts[id_])} of {count} templates" if count else "the slots"
                self._tables.found_damage(f"{lost} of block {id_}")
        return Blocks(covered, positions, rows)
