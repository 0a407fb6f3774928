"""What sqlite3 of Python 3.10 lacks: images of databases, parts of cells, names of errors."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["code_of", "connect_to_image", "image_of", "overwrite"]

Pieces = Iterable[tuple[int, bytes | memoryview]]

if sys.version_info >= (3, 11):

    def code_of(error: sqlite3.Error) -> str:
        """SQLite's name of an error, such as ``"SQLITE_FULL"``; empty for one of Python's module,
        which cannot decode a damaged schema."""
        return getattr(error, "sqlite_errorname", "")

    def image_of(db: sqlite3.Connection) -> bytes:
        """The bytes of the file of a database in memory."""
        return db.serialize()

    def connect_to_image(image: bytes) -> sqlite3.Connection:
        """A database in memory, of the bytes of a file."""
        db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.deserialize(image)
        return db

    def overwrite(
        db: sqlite3.Connection, table: str, column: str, id_: int, pieces: Pieces
    ) -> None:
        """Writes parts of a cell, each from its place on."""
        # On one line, for the same reason as in Session._exclusively: what stays open pins the
        # state of the file that this connection sees.
        with db.blobopen(table, column, id_) as blob: _write_at(blob, pieces)  # fmt: skip  # noqa: E701

    def _write_at(blob: sqlite3.Blob, pieces: Pieces) -> None:
        for place, data in pieces:
            blob.seek(place)
            blob.write(data)

else:
    _MESSAGES = {
        "database is locked": "SQLITE_BUSY",
        "database table is locked": "SQLITE_LOCKED",
        "database or disk is full": "SQLITE_FULL",
        "attempt to write a readonly database": "SQLITE_READONLY",
        "unable to open database file": "SQLITE_CANTOPEN",
        "disk I/O error": "SQLITE_IOERR",
        "database disk image is malformed": "SQLITE_CORRUPT",
        "malformed database schema": "SQLITE_CORRUPT",
        "file is not a database": "SQLITE_NOTADB",
    }

    def code_of(error: sqlite3.Error) -> str:
        if isinstance(error, sqlite3.IntegrityError):
            return "SQLITE_CONSTRAINT"
        return next((code for text, code in _MESSAGES.items() if str(error).startswith(text)), "")

    def image_of(db: sqlite3.Connection) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "image")
            db.execute("VACUUM INTO ?", (str(path),))
            return path.read_bytes()

    def connect_to_image(image: bytes) -> sqlite3.Connection:
        # On a disk there may be no room for it.
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            path = Path(folder, "image")
            path.write_bytes(image)
            uri = f"{path.as_uri()}?mode=ro&immutable=1"
            db = sqlite3.connect(uri, isolation_level=None, check_same_thread=False, uri=True)
            db.execute("SELECT 1 FROM sqlite_master").fetchall()  # opens the file
            return db

    def overwrite(
        db: sqlite3.Connection, table: str, column: str, id_: int, pieces: Pieces
    ) -> None:
        ((old,),) = db.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (id_,)).fetchall()
        new = bytearray(old)
        for place, data in pieces:
            new[place : place + len(data)] = data
        db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, id_))
