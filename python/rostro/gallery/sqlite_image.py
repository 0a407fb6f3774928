"""Reading a database where nothing can be written: on a full disk, or a read-only medium.

SQLite then cannot make the index of the write-ahead log, without which it reads nothing. So the
log, if there is one, is applied to a copy of the file in memory. Its format is described in
https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

from rostro.gallery.sqlite_backports import connect_to_image

__all__ = ["READ_VERSION", "WRITE_VERSION", "read_only"]

# Bytes of the first page: with what journal a database is written, and read.
WRITE_VERSION, READ_VERSION = 18, 19
_ROLLBACK_JOURNAL = 1

_LOG_HEADER, _FRAME_HEADER = 32, 24
_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}  # byte order of the sums
_WORD = 0xFFFFFFFF


def read_only(path: Path) -> sqlite3.Connection:
    """A connection to what is in a file and its log, without a lock on either."""
    log = Path(f"{path}-wal")
    pages, count = _committed(log.read_bytes() if log.exists() else b"")
    if count:
        db = connect_to_image(_merged(path.read_bytes(), pages, count))
    else:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        db = sqlite3.connect(uri, isolation_level=None, check_same_thread=False, uri=True)
    db.execute("PRAGMA query_only = ON")
    return db


def _committed(log: bytes) -> tuple[dict[int, bytes], int]:
    """The newest committed pages of a log by number, and how many the database has then."""
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    count = 0
    for number, size, page in _frames(log):
        pending[number] = page
        if size:  # the last frame of a commit
            committed |= pending
            pending = {}
            count = size
    return committed, count


def _frames(log: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number of the page, size of the database if it ends a commit, and the page of each frame."""
    if len(log) < _LOG_HEADER:
        return
    magic, _, page_size, _, *salts, first, second = struct.unpack_from(">8I", log)
    order = _MAGIC.get(magic)
    if order is None:
        return
    sums = _sums(order, log[: _LOG_HEADER - 8], (0, 0))
    if sums != (first, second):
        return
    for start in range(_LOG_HEADER, len(log), _FRAME_HEADER + page_size):
        page = log[start + _FRAME_HEADER : start + _FRAME_HEADER + page_size]
        if len(page) < page_size:
            return
        number, size, *frame_salts, first, second = struct.unpack_from(">6I", log, start)
        sums = _sums(order, log[start : start + 8] + page, sums)
        if frame_salts != salts or sums != (first, second):
            return  # what an earlier use of the log, or a commit that failed, left there
        yield number, size, page


def _sums(order: str, data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second


def _merged(file: bytes, pages: dict[int, bytes], count: int) -> bytes:
    """The file with the pages of its log, as one that has none."""
    page_size = len(next(iter(pages.values())))
    merged = bytearray(file[: count * page_size].ljust(count * page_size, b"\0"))
    for number, page in pages.items():
        if number <= count:
            merged[(number - 1) * page_size : number * page_size] = page
    merged[WRITE_VERSION] = merged[READ_VERSION] = _ROLLBACK_JOURNAL
    return bytes(merged)
