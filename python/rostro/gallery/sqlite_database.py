"""SQLite as a gallery needs it: durable, wiping what is deleted, readable by the owner alone."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rostro.errors import (
    FileMissingError,
    GalleryBusyError,
    GalleryCorruptError,
    GalleryError,
    RostroError,
    WriteError,
)

__all__ = ["SALVAGE", "connect", "create", "translated", "wipe_log"]

SALVAGE = "what is whole can be exported: rostro gallery export --salvage"

_APPLICATION_ID = 0x526F7374  # "Rost"
_FORMAT = 1
_MODE = 0o600
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
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, _MODE))
        try:
            with translated(path, 0):
                db = _open(part)
                db.execute("BEGIN")
                for statement in _SCHEMA:
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                db.execute(f"PRAGMA user_version = {_FORMAT}")
                db.execute("INSERT INTO header VALUES (?, ?)", (cipher, header))
                db.execute("COMMIT")
                db.close()
            with suppress(FileExistsError):
                os.link(part, path)
        finally:
            part.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except RostroError:
        raise
    except OSError as error:
        raise WriteError(f"cannot create {path}: {error.strerror}") from error


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing gallery; inside `translated`.

    Raises:
        FileMissingError: there is no such file.
        GalleryError: it is no gallery, or one of a newer format.
    """
    if not path.is_file():
        raise FileMissingError(f"{path}: no such gallery; dim= makes a new one")
    with suppress(PermissionError):  # a file of another user, who answers for it
        mode = path.stat().st_mode & 0o777
        if mode & ~_MODE:
            path.chmod(mode & _MODE)
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise GalleryError(f"{path}: not a gallery")
    db = _open(path)
    try:
        (application_id,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if application_id != _APPLICATION_ID:
            raise GalleryError(f"{path}: an SQLite database, but not a gallery")
        if version != _FORMAT:
            raise GalleryError(
                f"{path}: of format {version}, this rostro knows {_FORMAT}; use a newer rostro"
            )
        schema = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master ORDER BY rowid")]
        if schema != _SCHEMA:
            raise GalleryCorruptError(f"{path}: damaged: its schema")
        wipe_log(db)  # what a process that was killed left there
    except BaseException:
        db.close()
        raise
    return db


def _open(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"
    # Without SQLite's own waiting: see `patiently`.
    db = sqlite3.connect(uri, timeout=0, isolation_level=None, check_same_thread=False, uri=True)
    # One page is what the smallest change writes, and SD cards write no less than 4 KB.
    db.execute("PRAGMA page_size = 4096")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    db.execute("PRAGMA fullfsync = ON")  # on macOS too
    db.execute("PRAGMA secure_delete = ON")  # freed pages are overwritten
    db.execute("PRAGMA temp_store = MEMORY")  # nothing is written outside of the gallery
    db.execute("PRAGMA cell_size_check = ON")
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def wipe_log(db: sqlite3.Connection) -> bool:
    """Move all of the write-ahead log into the file and truncate it; whether that worked."""
    try:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_LOCKED")):
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


def _translate(error: sqlite3.Error, path: Path, timeout: float) -> RostroError:
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return GalleryBusyError(
            f"{path}: another process has been writing for {timeout:g} s; try again later"
        )
    if code.startswith("SQLITE_FULL"):
        return WriteError(f"{path}: the disk is full; nothing was changed")
    if code.startswith("SQLITE_READONLY"):
        return WriteError(f"{path}: the file is read-only; nothing was changed")
    if code.startswith(("SQLITE_CANTOPEN", "SQLITE_PERM")):
        return WriteError(f"{path}: cannot be opened; a gallery and its folder must be writable")
    if code.startswith(("SQLITE_IOERR", "SQLITE_NOMEM")):
        return WriteError(f"{path}: cannot be read or written: {error} ({code})")
    if code.startswith(_DAMAGED) or isinstance(error, sqlite3.DataError):
        return GalleryCorruptError(f"{path}: damaged ({error}); {SALVAGE}")
    return GalleryError(f"{path}: SQLite failed: {error} ({code or type(error).__name__})")
