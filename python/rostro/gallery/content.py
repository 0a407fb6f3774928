"""What of a gallery is in memory: names, metadata and the matrix of codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError, GalleryError, UnknownNameError
from rostro.gallery.identity import EmbedderIdentity, Header
from rostro.gallery.matrix import Matrix
from rostro.gallery.names import Names
from rostro.gallery.records import Person, PersonList
from rostro.gallery.snapshot import Positions, Rows, Snapshot
from rostro.kernels.match import Codes
from rostro.types import FloatArray

if TYPE_CHECKING:
    from rostro.gallery.reader import Reader

__all__ = ["Change", "Content"]

_NOWHERE: Positions = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """What happens together: people as they are now, slots that are emptied, rows that come in,
    embedders that the header names from now on."""

    rows: Rows
    people: Sequence[Person] = ()
    cleared: Positions = field(default_factory=_NOWHERE.copy)
    positions: Positions = field(default_factory=_NOWHERE.copy)
    embedders: Sequence[EmbedderIdentity] = ()


class Content:
    """The names and templates of a gallery. One thread at a time uses it, apart from `header`,
    `snapshot` and the methods of `names` that say otherwise."""

    def __init__(self, header: Header) -> None:
        self.header = header
        dim = header.dim
        self.names = Names()
        self._metadata: dict[int, bytes] = {}
        self._matrix = Matrix(dim)
        self._no_rows = Rows(
            np.empty(0, np.uint32), np.empty(0, np.float32), np.empty((0, dim), np.int8)
        )

    @property
    def snapshot(self) -> Snapshot:
        """What a search sees."""
        return self._matrix.snapshot

    def metadata(self, person: int) -> bytes:
        """In JSON; no bytes where there is none."""
        return self._metadata.get(person, b"")

    def person(self, name: str) -> int:
        """The number of somebody.

        Raises:
            UnknownNameError: nobody has this name.
        """
        (person,) = self.names.find([name])
        if not person:
            raise UnknownNameError(f"{name!r}: nobody of this name is in the gallery")
        return person

    def unnamed(self, embedders: Sequence[EmbedderIdentity]) -> Sequence[EmbedderIdentity]:
        """Which of these the header must name before templates that they made may come in.

        Raises:
            GalleryError: such templates must not: they are not comparable, as far as is known.
        """
        known = self.header.embedders
        if set(embedders) & set(known) or not (embedders or known):
            return ()
        by = f"by {embedders[0]}" if embedders else "by nobody knows whom"
        remedy = "if the two are compatible, say so: Gallery.declare_compatible"
        if known:
            made_by = " or ".join(map(str, known))
            raise GalleryError(f"the gallery's templates are by {made_by}, not {by}; {remedy}")
        if len(self.names):
            raise GalleryError(f"the gallery does not say who made its templates; {remedy}")
        return embedders

    # Planning changes

    def naming(self, embedders: Sequence[EmbedderIdentity]) -> Change:
        """The header names these too."""
        return Change(self._no_rows, embedders=embedders)

    def adding(
        self,
        names: Sequence[str],
        codes: Codes,
        scales: FloatArray,
        metadata: Sequence[bytes | None],
        embedders: Sequence[EmbedderIdentity] = (),
    ) -> Change:
        """A template for each name; ``None`` leaves the metadata as they are."""
        given = dict(zip(names, metadata, strict=True))
        numbers, people = {}, []
        number = self.names.next_person
        for name, found in zip(given, self.names.find(list(given)), strict=True):
            data = given[name]
            numbers[name] = found or number
            number += not found
            if not found or data is not None:
                people.append(Person(numbers[name], name.encode(), data or b""))
        rows = Rows(np.array([numbers[name] for name in names], np.uint32), scales, codes)
        positions = self._matrix.allocate(len(rows))
        return Change(rows, people, positions=positions, embedders=embedders)

    def removing(self, names: Sequence[str]) -> Change:
        """All of these people."""
        numbers = [self.person(name) for name in dict.fromkeys(names)]
        cleared = self.snapshot.positions_of(np.array(numbers, np.uint32))
        return Change(self._no_rows, [Person(number, b"", b"") for number in numbers], cleared)

    def renaming(self, old: str, new: str) -> Change:
        """The person ``old`` becomes ``new``."""
        person = self.person(old)
        if self.names.find([new]) != [0]:
            raise ArgumentError(f"{new!r}: somebody has this name already")
        return Change(self._no_rows, [Person(person, new.encode(), self.metadata(person))])

    # Changing

    def apply(self, change: Change) -> None:
        """Take over a change."""
        self.header = self.header.with_embedders(change.embedders)
        self._put_people(PersonList.of(change.people))
        self._matrix.change(change.cleared, change.positions, change.rows)

    def read(self, reader: Reader) -> None:
        """Take over what is new in the file."""
        for people in reader.people():
            self._put_people(people)
        if self.snapshot.chunks:
            self._matrix.change(*self._differences(reader))
            return
        for blocks in reader.blocks():
            self._matrix.change(_NOWHERE, blocks.positions, blocks.rows)
        self._check(reader)

    def _put_people(self, people: PersonList) -> None:
        self.names.put(people)
        if people.metadata or self._metadata:
            for person in people.people():
                self._metadata.pop(person.number, None)
                if person.metadata:
                    self._metadata[person.number] = person.metadata

    def _differences(self, reader: Reader) -> tuple[Positions, Positions, Rows]:
        """Positions that hold something else now or nothing, and what is new."""
        cleared, positions, rows = [_NOWHERE], [_NOWHERE], [self._no_rows]
        for blocks in reader.blocks():
            empty = np.setdiff1d(blocks.covered, blocks.positions, assume_unique=True)
            cleared.append(empty[self.snapshot.alive(empty)])
            there = np.flatnonzero(self.snapshot.alive(blocks.positions))
            before, now = self.snapshot.rows(blocks.positions[there]), blocks.rows.select(there)
            same = (before.people == now.people) & (before.scales == now.scales)
            same &= (before.codes == now.codes).all(axis=1)
            cleared.append(blocks.positions[there[~same]])
            new = np.ones(len(blocks.positions), bool)
            new[there[same]] = False
            positions.append(blocks.positions[new])
            rows.append(blocks.rows.select(new))
        return np.concatenate(cleared), np.concatenate(positions), _concatenated(rows)

    def _check(self, reader: Reader) -> None:
        """Every template is somebody's, and nobody is without one."""
        known = self.names.known()
        counts = self.counts(len(known))
        if counts[len(known) :].any() or counts[: len(known)][~known].any():
            reader.found_damage("templates of people who are not in the list of people")
        lost = int(np.count_nonzero(known & (counts[: len(known)] == 0)))
        if lost:
            reader.found_damage(f"all templates of {lost} of the people")

    def counts(self, least: int = 0) -> NDArray[np.int64]:
        """Number of templates by person."""
        total: NDArray[np.int64] = np.zeros(least, np.int64)
        for chunk in self.snapshot.chunks:
            people = chunk.visible.people[chunk.alive[: chunk.count]]
            counts = np.bincount(people, minlength=len(total))
            counts[: len(total)] += total
            total = counts
        return total


def _concatenated(rows: Sequence[Rows]) -> Rows:
    return Rows(
        np.concatenate([part.people for part in rows]),
        np.concatenate([part.scales for part in rows]),
        np.concatenate([part.codes for part in rows]),
    )
