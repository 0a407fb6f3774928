"""Changes of a gallery, planned on what is in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rostro.errors import ArgumentError
from rostro.gallery.identity import EmbedderIdentity
from rostro.gallery.names import composed
from rostro.gallery.records import Person
from rostro.gallery.snapshot import NOWHERE, Positions, Rows, Snapshot
from rostro.kernels.match import Codes
from rostro.types import FloatArray

if TYPE_CHECKING:
    from rostro.gallery.content import Content

__all__ = ["Change", "adding", "naming", "removing", "renaming"]


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """What happens together; false if nothing does.

    Attributes:
        people: as they are now; those without a name are erased.
        erased: positions of templates.
        positions: of templates that are appended, rising.
        rows: those templates.
        embedders: whom the header names from now on.
    """

    rows: Rows
    people: Sequence[Person] = ()
    erased: Positions = field(default_factory=NOWHERE.copy)
    positions: Positions = field(default_factory=NOWHERE.copy)
    embedders: Sequence[EmbedderIdentity] = ()

    def __bool__(self) -> bool:
        return bool(self.people or self.embedders or len(self.erased) or len(self.positions))


def naming(now: Content, embedders: Sequence[EmbedderIdentity]) -> Change:
    """The header names these too."""
    return Change(Rows.none(now.dim), embedders=embedders)


def adding(
    now: Content,
    names: Sequence[str],
    codes: Codes,
    scales: FloatArray,
    metadata: Sequence[bytes | None],
    embedders: Sequence[EmbedderIdentity] = (),
) -> Change:
    """A template for each name, unless its person has it already; ``None`` leaves the metadata as
    they are."""
    keys = list(map(composed, names))
    spelt = dict(zip(reversed(keys), reversed(names), strict=True))  # as it came first
    given = dict(zip(keys, metadata, strict=True))
    numbers, people, known = {}, [], []
    number = now.next_person
    for key, found in zip(given, now.find(list(given)), strict=True):
        data = given[key]
        numbers[key] = found or number
        if not found:
            people.append(Person(number, spelt[key].encode(), data or b""))
            number += 1
            continue
        known.append(found)
        if data is not None and data != now.metadata_of(found):
            people.append(Person(found, now.name_of(found), data))
    rows = Rows(np.array([numbers[key] for key in keys], np.uint32), scales, codes)
    if known or len(given) < len(names):  # else nobody has two templates
        rows = _unlike(rows, now.snapshot, known)
    return Change(rows, people, positions=now.allocate(len(rows)), embedders=embedders)


def _unlike(rows: Rows, snapshot: Snapshot, known: Sequence[int]) -> Rows:
    """The rows that are neither there already, of people who are known, nor among these before."""
    positions = snapshot.positions_of(np.array(known, np.uint32)) if known else NOWHERE
    scales = snapshot.scales(positions)
    seen = _keys(snapshot.rows(positions[np.isin(scales, rows.scales)]))
    there = set(seen)
    new = []
    for row, key in enumerate(_keys(rows)):
        if key not in there:
            there.add(key)
            new.append(row)
    return rows if len(new) == len(rows) else rows.select(np.array(new, np.int64))


def _keys(rows: Rows) -> list[bytes]:
    """Bytes that are equal for equal rows."""
    people, scales = rows.people.view(np.uint8), rows.scales.view(np.uint8)
    count = len(rows)
    codes = rows.codes.view(np.uint8)
    joined = np.concatenate([people.reshape(count, 4), scales.reshape(count, 4), codes], axis=1)
    return [row.tobytes() for row in joined]


def removing(now: Content, names: Sequence[str]) -> Change:
    """All of these people.

    Raises:
        UnknownNameError: nobody has one of the names.
    """
    numbers = list(dict.fromkeys(map(now.person, names)))
    erased = now.snapshot.positions_of(np.array(numbers, np.uint32))
    return Change(Rows.none(now.dim), [Person(number, b"", b"") for number in numbers], erased)


def renaming(now: Content, old: str, new: str) -> Change:
    """The person ``old`` becomes ``new``, which may be the same name in another spelling.

    Raises:
        UnknownNameError: nobody has the old name.
        ArgumentError: somebody has the new one.
    """
    person = now.person(old)
    if now.find([new])[0] not in (0, person):
        raise ArgumentError(f"new: got {new!r}; a name that nobody has is wanted")
    return Change(Rows.none(now.dim), [Person(person, new.encode(), now.metadata_of(person))])
