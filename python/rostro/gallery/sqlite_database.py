"""SQLite as a gallery needs it: durable, wiping what is deleted, readable by the owner alone."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rostro.errors import (
    FileMissingError,
    GalleryBusyError,
    GalleryCorruptError,
    GalleryError,
    RostroError,
    WriteError,
)
from rostro.gallery.sqlite_backports import code_of, image_of
from rostro.gallery.sqlite_image import READ_VERSION, WRITE_VERSION, read_only

__all__ = ["SALVAGE", "code_of", "connect", "create", "translated", "wipe_log"]

SALVAGE = "what is whole can be exported: rostro gallery export --salvage"

_APPLICATION_ID = 0x526F7374  # "Rost"
_FORMAT = 1
_MODE = 0o600
_WRITE_AHEAD_LOG = 2
# What SQLite says where it cannot make, or lengthen, the log or the index of it.
_NO_ROOM = ("SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_CONSTRAINT")

_SCHEMA = [
    "CREATE TABLE header (cipher TEXT NOT NULL, record BLOB NOT NULL)",
    "CREATE TABLE block (id INTEGER PRIMARY KEY, slots BLOB NOT NULL)",
    "CREATE TABLE block_state"
    " (id INTEGER PRIMARY KEY, change INTEGER NOT NULL, count INTEGER NOT NULL)",
    "CREATE TABLE person (id INTEGER PRIMARY KEY, record BLOB NOT NULL)",
    "CREATE TABLE person_rewritten (id INTEGER PRIMARY KEY, change INTEGER NOT NULL)",
]


def create(path: Path, cipher: str, header: bytes) -> None:
    """Make the file of an empty gallery: it appears whole, or not at all.

    Does nothing if it was made by someone else meanwhile.
    """
    # Renamed, for not all file systems have hard links. So that nobody's new gallery is replaced,
    # one process at a time makes it, or goes on with what a killed one left.
    part = path.with_name(f".{path.name}.part")
    image = _empty(cipher, header)
    try:
        while not path.exists():
            with open(part, "ab", opener=_open_for_owner) as file:
                with suppress(OSError):  # a file system without locks, which SQLite needs too
                    fcntl.flock(file, fcntl.LOCK_EX)
                try:
                    if _is_at(part, file) and not path.exists():
                        os.fchmod(file.fileno(), _MODE)  # an error if somebody else put it there
                        file.truncate(0)
                        file.write(image)
                        file.flush()
                        os.fsync(file.fileno())
                        part.rename(path)
                finally:
                    if _is_at(part, file):
                        part.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise WriteError(f"cannot create {path}: {error.strerror}") from error


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, _MODE)


def _is_at(path: Path, file: IO[bytes]) -> bool:
    """Whether a file still has this path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _empty(cipher: str, header: bytes) -> bytes:
    """The bytes of an empty gallery's file. SQLite makes it in memory, for on a disk that is full
    it would leave half of it, and its log."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        # One page is what the smallest change writes, and SD cards write no less than 4 KB.
        db.execute("PRAGMA page_size = 4096")
        for statement in _SCHEMA:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {_FORMAT}")
        db.execute("INSERT INTO header VALUES (?, ?)", (cipher, header))
        image = bytearray(image_of(db))
    finally:
        db.close()
    image[WRITE_VERSION] = image[READ_VERSION] = _WRITE_AHEAD_LOG
    return bytes(image)


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing gallery; inside `translated`. What is no gallery is not touched.

    Raises:
        FileMissingError: there is no such file.
        GalleryError: it is no gallery, or one of a newer format.
    """
    _check_kind(path)
    with suppress(OSError):  # of another user, who answers for it, or on a read-only medium
        mode = path.stat().st_mode & 0o777
        if mode & ~_MODE:
            path.chmod(mode & _MODE)
    try:
        return _open(path)
    except sqlite3.OperationalError as error:
        if not code_of(error).startswith(_NO_ROOM):
            raise
    db = read_only(path)
    try:
        _check_schema(path, db)
    except BaseException:
        db.close()
        raise
    return db


def _check_kind(path: Path) -> None:
    """Raise if this is no gallery, or none of this format, by its first bytes."""
    if not path.is_file():
        raise FileMissingError(f"{path}: no such gallery; dim= makes a new one")
    try:
        with path.open("rb") as file:
            start = file.read(100)
    except OSError as error:
        raise GalleryError(f"{path}: cannot be read: {error.strerror}") from error
    if len(start) < 100 or not start.startswith(b"SQLite format 3\0"):
        raise GalleryError(f"{path}: not a gallery")
    version, application_id = struct.unpack_from(">I4xI", start, 60)
    if application_id != _APPLICATION_ID:
        raise GalleryError(f"{path}: an SQLite database, but not a gallery")
    if version != _FORMAT:
        raise GalleryError(
            f"{path}: of format {version}, this rostro knows {_FORMAT}; use a newer rostro"
        )


def _open(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    # Without SQLite's own waiting: see `patiently`.
    db = sqlite3.connect(uri, timeout=0, isolation_level=None, check_same_thread=False, uri=True)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
        db.execute("PRAGMA fullfsync = ON")  # on macOS too
        db.execute("PRAGMA secure_delete = ON")  # freed pages are overwritten
        db.execute("PRAGMA temp_store = MEMORY")  # nothing is written outside of the gallery
        db.execute("PRAGMA cell_size_check = ON")
        db.execute("PRAGMA trusted_schema = OFF")
        _check_schema(path, db)
        with suppress(sqlite3.OperationalError):  # there may be no room for it
            wipe_log(db)  # of what a process that was killed left there
    except BaseException:
        db.close()
        raise
    return db


def _check_schema(path: Path, db: sqlite3.Connection) -> None:
    # As bytes, for text that is damaged cannot be decoded.
    rows = db.execute("SELECT CAST(sql AS BLOB) FROM sqlite_master ORDER BY rowid")
    if [sql for (sql,) in rows] != [sql.encode() for sql in _SCHEMA]:
        raise GalleryCorruptError(f"{path}: damaged: its schema")


def wipe_log(db: sqlite3.Connection) -> bool:
    """Move all of the write-ahead log into the file and truncate it; whether that worked."""
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if code_of(error).startswith(("SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_LOCKED")):
            return False
        raise
    return not busy


@contextmanager
def translated(path: Path, timeout: float) -> Iterator[None]:
    """A block whose errors of SQLite become those of rostro."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, path, timeout) from error
    except UnicodeDecodeError as error:  # of a message that quotes the damaged schema
        raise GalleryCorruptError(f"{path}: damaged: its schema") from error
    except OverflowError as error:  # a number next to one in the file is too large for SQLite
        raise GalleryCorruptError(f"{path}: damaged: {error}") from error


def _translate(error: sqlite3.Error, path: Path, timeout: float) -> RostroError:
    code = code_of(error)
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return GalleryBusyError(
            f"{path}: another process has been writing for {timeout:g} s; try again later"
        )
    if code.startswith("SQLITE_FULL"):
        return WriteError(f"{path}: the disk is full; nothing was changed")
    if code.startswith("SQLITE_READONLY"):
        return WriteError(
            f"{path}: there was no room for its log when it was opened, or it is read-only; "
            "nothing was changed"
        )
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_PERM")):
        return WriteError(f"{path}: cannot be opened: {error} ({code})")
    if code.startswith(("SQLITE_IOERR", "SQLITE_NOMEM")):
        return WriteError(f"{path}: cannot be read or written: {error} ({code})")
    if code.startswith(_DAMAGED) or isinstance(error, sqlite3.DataError):
        return GalleryCorruptError(f"{path}: damaged ({error}); {SALVAGE}")
    return GalleryError(f"{path}: SQLite failed: {error} ({code or type(error).__name__})")
