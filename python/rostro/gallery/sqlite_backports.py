"""What sqlite3 of Python 3.10 lacks: images of databases, and parts of what a cell holds."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["connect_to_image", "image_of", "overwrite"]

Pieces = Iterable[tuple[int, bytes | memoryview]]

if sys.version_info >= (3, 11):

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

    def image_of(db: sqlite3.Connection) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "image")
            db.execute("VACUUM INTO ?", (str(path),))
            return path.read_bytes()

    def connect_to_image(image: bytes) -> sqlite3.Connection:
        # A file without a name, in memory where that can be had.
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("gallery")
        else:
            descriptor, name = tempfile.mkstemp()
            Path(name).unlink()
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(image)
            uri = f"file:/dev/fd/{descriptor}?mode=ro&immutable=1"
            db = sqlite3.connect(uri, isolation_level=None, check_same_thread=False, uri=True)
            db.execute("SELECT 1 FROM sqlite_master").fetchall()  # opens the file
            return db
        finally:
            os.close(descriptor)

    def overwrite(
        db: sqlite3.Connection, table: str, column: str, id_: int, pieces: Pieces
    ) -> None:
        ((old,),) = db.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (id_,)).fetchall()
        new = bytearray(old)
        for place, data in pieces:
            new[place : place + len(data)] = data
        db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, id_))
