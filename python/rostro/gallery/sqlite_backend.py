"""A gallery that is kept in a file: an SQLite database that is the one source of truth.

docs/guide/gallery.md describes the format.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rostro.errors import (
    GalleryBusyError,
    GalleryCorruptError,
    GalleryError,
    GalleryKeyError,
    RostroError,
)
from rostro.gallery.backend import Plan
from rostro.gallery.changes import Change
from rostro.gallery.content import Content
from rostro.gallery.identity import Header
from rostro.gallery.seal import ChecksumSeal, KeySeal, Seal
from rostro.gallery.slots import SlotFormat
from rostro.gallery.sqlite_compaction import is_wasteful, live_bytes, rewrite, shrink
from rostro.gallery.sqlite_database import connect, create, translated, wipe_log
from rostro.gallery.sqlite_reader import Reader
from rostro.gallery.sqlite_tables import Tables
from rostro.gallery.sqlite_writer import Writer

__all__ = ["SQLiteBackend"]

_PLAIN, _ENCRYPTED = "none", "chacha20-poly1305"
_HEADER_PLACE = 0  # records of people have places from 1 on

_PAGE_BYTES = 4096
_PERSON_BYTES = 50  # of a record, about
# Of a file that is written anew between two changes: the next call loads it, which takes as much
# memory once more. A longer one is written anew when it is closed.
_MOST_BYTES_MEANWHILE = 64 << 20


class SQLiteBackend:
    """An open gallery file.

    Args:
        salvage: note what is damaged and go on, instead of raising GalleryCorruptError; such a
            file cannot be written.

    Attributes:
        dim: length of the embeddings.
    """

    def __init__(self, path: Path, key: bytes | None, timeout: float, salvage: bool) -> None:
        self._path = path
        self._encrypted = key is not None
        self._timeout = timeout
        self._salvage = salvage
        self._seal = _seal(key)
        with translated(path, timeout):
            self._db = connect(path)
            try:
                self.dim = self._read_header().dim
            except BaseException:
                self._db.close()
                raise
        self._slots = SlotFormat(self.dim, self._seal)
        self._tables = Tables(path, self._db, salvage)
        self._reader = Reader(self._tables, self._seal, self._slots)
        self._loose = 0  # bytes, about, that changes left unused since they were last counted

    @staticmethod
    def create(path: Path, header: Header, key: bytes | None) -> None:
        """Make the file of an empty gallery, unless it was just made by someone else."""
        record = _seal(key).seal_record(_HEADER_PLACE, header.encode())
        create(path, _PLAIN if key is None else _ENCRYPTED, record)

    def load(self) -> Content:
        self._reader = Reader(self._tables, self._seal, self._slots)
        with translated(self._path, self._timeout), self._transaction("BEGIN"):
            content = Content(self._read_header())
            self._read_into(content)
        for damage in content.damage():
            self._tables.found_damage(damage)
        return content

    def changed(self) -> bool:
        with translated(self._path, self._timeout):
            return self._reader.changed()

    def read(self, content: Content) -> Content:
        with translated(self._path, self._timeout), self._transaction("BEGIN"):
            if not self._reader.outdated():
                self._read_into(content)
                return content
        return self.load()

    def write(self, content: Content, plan: Plan) -> Change:
        """See `Backend.write`.

        Raises:
            GalleryBusyError: another process is writing.
            WriteError: the disk is full or the file read-only.
        """
        if self._salvage:
            raise GalleryError(f"{self._path}: opened to salvage what is whole; it is not written")
        with translated(self._path, self._timeout), self._transaction("BEGIN IMMEDIATE"):
            if self._reader.changed():
                if self._reader.outdated():
                    raise GalleryBusyError(f"{self._path}: another process is writing it anew")
                self._read_into(content)
            change = plan(content)
            if not change:
                return change
            prepared = content.prepared(change)
            writer = self._writer(self._reader)
            if change.embedders:
                self._write_header(self._read_header().with_embedders(change.embedders))
            written = writer.write(change)
            content.in_doubt = True
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error:
                self._end_transaction()  # SQLite may have ended it
                content.in_doubt = False
                raise
        content.apply(change, prepared)
        self._reader.skip(written.change, written.rewriting, written.places, written.last)
        content.in_doubt = False
        self._loose += _PERSON_BYTES * len(change.people) + self._slots.size * len(change.erased)
        return change

    def tidy(self, content: Content, closing: bool) -> None:
        if not self._loose:
            return
        # Writing is over and done with: whoever waits for this need not know.
        with suppress(RostroError, sqlite3.Error, MemoryError):
            (pages,) = self._db.execute("PRAGMA page_count").fetchone()
            if not closing and self._loose < pages * _PAGE_BYTES // 8:
                return
            self._loose = 0
            live = live_bytes(content, self._slots)
            if not closing and live > _MOST_BYTES_MEANWHILE:
                self._loose = 1  # to be looked at again
                return
            try:
                if is_wasteful(self._db, live):
                    self._compact(content)
                shrink(self._db)
            finally:
                wipe_log(self._db)  # it is as long as all of the file, or has filled the disk

    def _compact(self, content: Content) -> None:
        with self._transaction("BEGIN IMMEDIATE"):
            if self._reader.changed():
                if self._reader.outdated():
                    return
                self._read_into(content)
            nothing = Reader(self._tables, self._seal, self._slots)
            rewrite(
                self._db,
                content,
                self._slots,
                lambda change: self._writer(nothing).write(change),
            )
            content.in_doubt = True
            self._db.execute("COMMIT")

    def _writer(self, reader: Reader) -> Writer:
        return Writer(self._path, self._db, self._seal, self._slots, reader)

    def wipe(self) -> None:
        """Leave no old copy of anything in the write-ahead log.

        Raises:
            GalleryBusyError: another process is reading.
        """
        with translated(self._path, self._timeout):
            self._end_transaction()
            wiped = wipe_log(self._db)
        if not wiped:
            raise GalleryBusyError(
                f"{self._path}: removed, but old copies are left in its write-ahead log, which "
                f"another process has been reading for {self._timeout:g} s; the next forget, or "
                "whoever opens or closes the gallery when nobody reads, wipes them"
            )

    def check(self) -> list[str]:
        """`damage`, and what SQLite itself finds."""
        with translated(self._path, self._timeout):
            rows = self._db.execute("PRAGMA integrity_check(20)").fetchall()
        return self.damage + [text for (text,) in rows if text != "ok"]

    @property
    def damage(self) -> list[str]:
        """What was found to be damaged so far."""
        return self._tables.damage

    def close(self) -> None:
        try:
            with suppress(sqlite3.Error):  # whoever opens it next wipes its log
                self._end_transaction()
                wipe_log(self._db)
        finally:
            self._db.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        """A block that sees one state of the file; undone unless it commits what it did."""
        try:
            self._end_transaction()  # that an interrupt left open
            self._db.execute(begin)
            yield
        finally:
            self._end_transaction()

    def _end_transaction(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _read_into(self, content: Content) -> None:
        header = self._read_header()
        content.in_doubt = True
        content.header = header
        for people in self._reader.people():
            content.put_people(people)
        content.put_blocks(self._reader.blocks())
        content.in_doubt = False

    def _read_header(self) -> Header:
        """The header as it is now."""
        rows = self._db.execute("SELECT cipher, record FROM header").fetchall()
        sound = len(rows) == 1 and isinstance(rows[0][1], bytes)
        if not sound or rows[0][0] not in (_PLAIN, _ENCRYPTED):
            raise GalleryCorruptError(f"{self._path}: damaged: its header")
        ((cipher, record),) = rows
        if self._encrypted and cipher == _PLAIN:
            raise GalleryKeyError(f"{self._path}: is not encrypted; open it without a key")
        if not self._encrypted and cipher == _ENCRYPTED:
            raise GalleryKeyError(f"{self._path}: is encrypted; open it with its key")
        (data,) = self._seal.open_records([_HEADER_PLACE], [record])
        if data is None and self._encrypted:
            raise GalleryKeyError(f"{self._path}: this is not its key, or its header was altered")
        if data is None:
            raise GalleryCorruptError(f"{self._path}: damaged: its header")
        try:
            return Header.decode(data)
        except ValueError as error:
            raise GalleryCorruptError(f"{self._path}: damaged: its header: {error}") from error

    def _write_header(self, header: Header) -> None:
        record = self._seal.seal_record(_HEADER_PLACE, header.encode())
        self._db.execute("UPDATE header SET record = ?", (record,))


def _seal(key: bytes | None) -> Seal:
    return ChecksumSeal() if key is None else KeySeal(key)
