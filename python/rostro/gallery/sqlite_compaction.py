"""Making a gallery's file short again, after many people left it.

All that is alive is written anew, densely, in one transaction, with new numbers for people and
places; then SQLite gives back the pages that are left over. Whoever else has the file open sees
that its generation is another one, and loads it anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import islice

import numpy as np

from rostro.gallery.changes import Change
from rostro.gallery.content import Content
from rostro.gallery.records import PEOPLE_PER_RECORD, Person
from rostro.gallery.slots import SlotFormat
from rostro.gallery.snapshot import Rows

__all__ = ["is_wasteful", "live_bytes", "rewrite", "shrink"]

_PAGE = 4096
_FEWEST_PAGES = 6  # of a gallery in which nothing is yet
_ROWS_AT_ONCE = 8192
_PEOPLE_AT_ONCE = 64 * PEOPLE_PER_RECORD


def live_bytes(content: Content, slots: SlotFormat) -> int:
    """About how long the file of these people would be, if it were new."""
    block = slots.per_block * slots.size
    blocks = max(-(-content.count // slots.per_block), 1)
    records = -(-len(content) // PEOPLE_PER_RECORD)
    pages = -(-content.bytes_of_people() // (_PAGE * max(records, 1))) * records
    return blocks * (block + _PAGE) + (pages + _FEWEST_PAGES) * _PAGE


def is_wasteful(db: sqlite3.Connection, live: int) -> bool:
    """Whether a quarter more than what is alive is in use."""
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    return bool((pages - free) * _PAGE > live * 5 // 4)


def rewrite(
    db: sqlite3.Connection, content: Content, slots: SlotFormat, write: Callable[[Change], object]
) -> None:
    """Write everything anew; in a transaction, by what writes to an empty file."""
    (generation,) = db.execute("SELECT max(change) FROM person_rewritten WHERE id = 0").fetchone()
    for table in ("block", "block_state", "person", "person_rewritten"):
        db.execute(f"DELETE FROM {table}")
    db.execute("INSERT INTO person_rewritten VALUES (0, ?)", ((generation or 0) + 1,))
    people = content.people()
    numbers = np.array(list(people), np.uint32)
    renumbered = enumerate(people.items(), 1)
    while part := list(islice(renumbered, _PEOPLE_AT_ONCE)):
        alive = [Person(new, name.encode(), content.metadata_of(old)) for new, (old, name) in part]
        write(Change(Rows.none(content.dim), alive))
    if not content.count:  # room for whoever comes next, so that the file need not grow again
        empty = slots.per_block * slots.size
        db.execute("INSERT INTO block VALUES (0, zeroblob(?))", (empty,))
        db.execute("INSERT INTO block_state VALUES (0, 1, 0)")
    snapshot = content.snapshot
    positions = snapshot.positions_of()
    for start in range(0, len(positions), _ROWS_AT_ONCE):
        rows = snapshot.rows(positions[start : start + _ROWS_AT_ONCE])
        new = np.searchsorted(numbers, rows.people).astype(np.uint32) + np.uint32(1)
        there = np.arange(start, start + len(rows))
        write(Change(Rows(new, rows.scales, rows.codes), positions=there))


def shrink(db: sqlite3.Connection) -> None:
    """Give back pages that are not used, if they are a fifth of all; outside of a transaction."""
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    if free > pages // 5 + 1:
        db.execute("VACUUM")
