"""A gallery's file: an SQLite database that is the one source of truth.

What is secret lies in two tables to which rows are only appended, and is only ever overwritten in
place, by as many bytes: SQLite then never moves it, so that no page keeps an old copy of it.
docs/gallery.md describes the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np

from rostro.errors import GalleryBusyError, GalleryCorruptError, GalleryError, GalleryKeyError
from rostro.gallery.content import Change
from rostro.gallery.database import SALVAGE, connect, create, translated, wipe_log
from rostro.gallery.identity import Header
from rostro.gallery.reader import Reader, Written
from rostro.gallery.records import PEOPLE_PER_RECORD, Person, PersonList
from rostro.gallery.seal import Bytes, ChecksumSeal, KeySeal, Seal
from rostro.gallery.slots import SlotFormat
from rostro.gallery.snapshot import Positions

__all__ = ["Store"]

_PLAIN, _ENCRYPTED = "none", "chacha20-poly1305"
_HEADER_PLACE = 0  # records of people have places from 1 on


class Store:
    """An open gallery file. One thread at a time uses it.

    Args:
        salvage: note what is damaged and go on, instead of raising GalleryCorruptError; such a
            store cannot be written.

    Attributes:
        header: what the gallery said of itself when it was opened.
        reader: reads within `reading` and `writing`.
    """

    def __init__(self, path: Path, key: bytes | None, timeout: float, salvage: bool) -> None:
        self.path = path
        self.encrypted = key is not None
        self._timeout = timeout
        self._salvage = salvage
        self._seal = _seal(key)
        with translated(path, timeout):
            self._db = connect(path, timeout)
            try:
                self.header = self.read_header()
            except BaseException:
                self._db.close()
                raise
        self._slots = SlotFormat(self.header.dim, self._seal)
        self.reader = Reader(path, self._db, self._seal, self._slots, salvage)
        self._written = Written()
        self._committed: Written | None = None

    @staticmethod
    def create(path: Path, header: Header, key: bytes | None) -> None:
        """Make the file of an empty gallery, unless it was just made by someone else."""
        record = _seal(key).seal_record(_HEADER_PLACE, header.encode())
        create(path, _PLAIN if key is None else _ENCRYPTED, record)

    def close(self) -> None:
        with translated(self.path, self._timeout):
            wipe_log(self._db, wait=0, timeout=self._timeout)
            self._db.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A block that sees one state of the file."""
        with self._transaction("BEGIN", "ROLLBACK"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A block whose changes are on the disk when it ends, all of them, or none.

        Raises:
            GalleryBusyError: another process is writing and did not end within the timeout.
            WriteError: the disk is full or the file read-only.
        """
        if self._salvage:
            raise GalleryError(f"{self.path}: opened to salvage what is whole; it is not written")
        self._written = Written()
        with self._transaction("BEGIN IMMEDIATE", "COMMIT"):
            yield
            self._committed = self._written  # before it is: an interrupt may come right after

    @contextmanager
    def _transaction(self, begin: str, end: str) -> Iterator[None]:
        with translated(self.path, self._timeout):
            self._db.execute(begin)
            try:
                yield
                self._db.execute(end)
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                    self._committed = None
                raise

    def changed(self) -> bool:
        """Whether something was committed that was neither read nor `applied`."""
        with translated(self.path, self._timeout):
            return self._committed is not None or self.reader.changed()

    def applied(self) -> None:
        """What `writing` committed last is known to whoever uses this: it need not be read."""
        if self._committed is not None:
            self.reader.skip(self._committed)
        self.caught_up()

    def caught_up(self) -> None:
        """Everything was read."""
        self._committed = None

    def write(self, change: Change) -> None:
        """Write a change; in `writing`."""
        if change.embedders:
            header = self.read_header().with_embedders(change.embedders)
            record = self._seal.seal_record(_HEADER_PLACE, header.encode())
            self._db.execute("UPDATE header SET record = ?", (record,))
        self._put_people(change.people)
        zeros = np.zeros((len(change.cleared), self._slots.size), np.uint8)
        self._write(change.cleared, zeros, counted=-1)
        self._write(change.positions, self._slots.pack(change.positions, change.rows), counted=1)

    def _put_people(self, people: Sequence[Person]) -> None:
        """Wipe people from the records that they are in, and write those with a name anew."""
        execute = self._db.execute
        changed = {person.number for person in people}
        for id_ in sorted({self.reader.place(number) for number in changed} - {0}):
            self._rewrite(id_, changed)
        named = [person for person in people if person.name]
        (last,) = execute("SELECT coalesce(max(id), 0) FROM person").fetchone()
        for start in range(0, len(named), PEOPLE_PER_RECORD):
            last += 1
            part = named[start : start + PEOPLE_PER_RECORD]
            record = self._seal.seal_record(last, PersonList.of(part).encode())
            execute("INSERT INTO person VALUES (?, ?)", (last, record))
            self._written.places.update((person.number, last) for person in part)

    def _rewrite(self, id_: int, wiped: Set[int]) -> None:
        """Wipe people from a record, in place."""
        self._written.rewriting = self.reader.rewriting + 1
        with self._db.blobopen("person", "record", id_) as blob:
            (data,) = self._seal.open_records([id_], [blob.read()])
            if data is None:
                raise GalleryCorruptError(
                    f"{self.path}: damaged: record {id_} of people; {SALVAGE}"
                )
            kept = [
                Person(person.number, b"", b"") if person.number in wiped else person
                for person in PersonList.decode(data).people()
            ]
            blob.seek(0)
            encoded = PersonList.of(kept).encode().ljust(len(data), b"\0")
            blob.write(self._seal.seal_record(id_, encoded))
        query = "INSERT OR REPLACE INTO person_rewritten VALUES (?, ?)"
        self._db.execute(query, (id_, self._written.rewriting))

    def _write(self, positions: Positions, slots: Bytes, counted: int) -> None:
        """Write slots of rising positions; those of one change share a number."""
        if not len(positions):
            return
        execute = self._db.execute
        change = self.reader.change + 1
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
                self._overwrite(id_, local, part)
                execute(
                    "UPDATE block_state SET change = ?, count = count + ? WHERE id = ?",
                    (change, counted * count, id_),
                )
                continue
            block = np.zeros((per_block, size), np.uint8)
            block[local] = part
            execute("INSERT INTO block VALUES (?, ?)", (id_, block.data))
            execute("INSERT INTO block_state VALUES (?, ?, ?)", (id_, change, count))

    def _overwrite(self, id_: int, local: Positions, slots: Bytes) -> None:
        size = self._slots.size
        with self._db.blobopen("block", "slots", id_) as blob:
            for place, slot in zip(local.tolist(), slots, strict=True):
                blob.seek(place * size)
                blob.write(slot.data)

    def wipe(self) -> None:
        """Leave no old copy of anything in the write-ahead log; outside of `writing`.

        Raises:
            GalleryBusyError: another process reads all the time.
        """
        with translated(self.path, self._timeout):
            wiped = wipe_log(self._db, wait=self._timeout, timeout=self._timeout)
        if not wiped:
            raise GalleryBusyError(
                f"{self.path}: removed, but old copies are left in its write-ahead log, which "
                f"another process has been reading for {self._timeout:g} s; the next forget, or "
                "whoever opens or closes the gallery when nobody reads, wipes them"
            )

    def check(self) -> list[str]:
        """What SQLite itself finds to be damaged."""
        with translated(self.path, self._timeout):
            rows = self._db.execute("PRAGMA integrity_check(20)").fetchall()
        return [text for (text,) in rows if text != "ok"]

    def read_header(self) -> Header:
        """The header as it is now; in `reading` or `writing`."""
        rows = self._db.execute("SELECT cipher, record FROM header").fetchall()
        sound = len(rows) == 1 and isinstance(rows[0][1], bytes)
        if not sound or rows[0][0] not in (_PLAIN, _ENCRYPTED):
            raise GalleryCorruptError(f"{self.path}: damaged: its header")
        ((cipher, record),) = rows
        if self.encrypted and cipher == _PLAIN:
            raise GalleryKeyError(f"{self.path}: is not encrypted; open it without a key")
        if not self.encrypted and cipher == _ENCRYPTED:
            raise GalleryKeyError(f"{self.path}: is encrypted; open it with its key")
        (data,) = self._seal.open_records([_HEADER_PLACE], [record])
        if data is None and self.encrypted:
            raise GalleryKeyError(f"{self.path}: this is not its key, or its header was altered")
        if data is None:
            raise GalleryCorruptError(f"{self.path}: damaged: its header")
        return Header.decode(data)


def _seal(key: bytes | None) -> Seal:
    return ChecksumSeal() if key is None else KeySeal(key)
