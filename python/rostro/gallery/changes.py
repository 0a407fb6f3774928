"""Changes of a gallery, planned on what is in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rostro.errors import ArgumentError
from rostro.gallery.identity import EmbedderIdentity
from rostro.gallery.records import Person
from rostro.gallery.snapshot import NOWHERE, Positions, Rows
from rostro.kernels.match import Codes
from rostro.types import FloatArray

if TYPE_CHECKING:
    from rostro.gallery.content import Content

__all__ = ["Change", "adding", "naming", "removing", "renaming"]


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """What happens together.

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
    """A template for each name; ``None`` leaves the metadata as they are."""
    given = dict(zip(names, metadata, strict=True))
    numbers, people = {}, []
    number = now.next_person
    for name, found in zip(given, now.find(list(given)), strict=True):
        data = given[name]
        numbers[name] = found or number
        number += not found
        if not found or data is not None:
            people.append(Person(numbers[name], name.encode(), data or b""))
    rows = Rows(np.array([numbers[name] for name in names], np.uint32), scales, codes)
    return Change(rows, people, positions=now.allocate(len(rows)), embedders=embedders)


def removing(now: Content, names: Sequence[str]) -> Change:
    """All of these people.

    Raises:
        UnknownNameError: nobody has one of the names.
    """
    numbers = [now.person(name) for name in dict.fromkeys(names)]
    erased = now.snapshot.positions_of(np.array(numbers, np.uint32))
    return Change(Rows.none(now.dim), [Person(number, b"", b"") for number in numbers], erased)


def renaming(now: Content, old: str, new: str) -> Change:
    """The person ``old`` becomes ``new``.

    Raises:
        UnknownNameError: nobody has the old name.
        ArgumentError: somebody has the new one.
    """
    person = now.person(old)
    if now.find([new]) != [0]:
        raise ArgumentError(f"{new!r}: somebody has this name already")
    return Change(Rows.none(now.dim), [Person(person, new.encode(), now.metadata_of(person))])
