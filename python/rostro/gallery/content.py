"""What of a gallery is in memory: names, metadata and the matrix of codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rostro.errors import GalleryError, UnknownNameError
from rostro.gallery.changes import Change
from rostro.gallery.identity import EmbedderIdentity, Header
from rostro.gallery.matrix import Layout, Matrix
from rostro.gallery.names import Names
from rostro.gallery.rank_people import Match, Score, rank_people
from rostro.gallery.records import PersonList
from rostro.gallery.snapshot import NOWHERE, Blocks, Positions, Rows, Snapshot
from rostro.types import FloatArray

__all__ = ["Content"]


class Content:
    """The names and templates of a gallery. One thread at a time uses it, apart from `header`,
    `snapshot`, `search` and its length.

    Attributes:
        in_doubt: set by a backend before it does what would leave memory half changed, or other
            than what is kept, if it were interrupted; cleared after it.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        self.in_doubt = False
        self._names = Names()
        self._metadata: dict[int, bytes] = {}
        self._matrix = Matrix(header.dim)

    # Asking it

    @property
    def dim(self) -> int:
        """Length of the embeddings."""
        return self.header.dim

    @property
    def snapshot(self) -> Snapshot:
        """What a search sees."""
        return self._matrix.snapshot

    @property
    def embedders(self) -> tuple[EmbedderIdentity, ...]:
        """Those that the header names."""
        return self.header.embedders

    @property
    def count(self) -> int:
        """Number of templates."""
        return self.snapshot.count

    def rows(self) -> Rows:
        """Copies of all templates."""
        return self.snapshot.rows(self.snapshot.positions_of())

    def __len__(self) -> int:
        """Number of people."""
        return len(self._names)

    def search(
        self,
        queries: FloatArray,
        k: int,
        least: float,
        *,
        score: Score,
        rescore: bool,
        threads: int | None,
    ) -> list[list[Match]]:
        """The k most similar people for each of (Q, D) embeddings, if they are similar enough."""
        rankings = rank_people(
            self.snapshot, queries, k, score=score, rescore=rescore, threads=threads
        )
        return [
            [
                Match(name, similarity)
                for person, similarity in ranking
                # Somebody who was removed meanwhile has no name.
                if similarity >= least and (name := self._names.name(person)) is not None
            ]
            for ranking in rankings
        ]

    def people(self) -> dict[int, str]:
        """Names of all by number, in the order in which they came."""
        return dict(self._names.items())

    def find(self, names: Sequence[str]) -> list[int]:
        """The numbers of the people of these names; 0 for a name that nobody has."""
        return self._names.find(names)

    def person(self, name: str) -> int:
        """The number of somebody.

        Raises:
            UnknownNameError: nobody has this name.
        """
        (person,) = self.find([name])
        if not person:
            raise UnknownNameError(f"{name!r}: nobody of this name is in the gallery")
        return person

    def name_of(self, person: int) -> bytes:
        """In UTF-8, as it was written."""
        return (self._names.name(person) or "").encode()

    def bytes_of_people(self) -> int:
        """Of names and metadata, and of what goes with them in a record."""
        metadata = sum(map(len, self._metadata.values()))
        return 12 * len(self) + self._names.total_length() + metadata

    def metadata_of(self, person: int) -> bytes:
        """In JSON; no bytes where there is none."""
        return self._metadata.get(person, b"")

    def counts(self) -> NDArray[np.int64]:
        """Number of templates by person; at least as long as there are numbers of people."""
        total: NDArray[np.int64] = np.zeros(self.next_person, np.int64)
        for chunk in self.snapshot.chunks:
            people = chunk.visible.people[chunk.alive[: chunk.count]]
            counts = np.bincount(people, minlength=len(total))
            counts[: len(total)] += total
            total = counts
        return total

    def damage(self) -> list[str]:
        """Templates that are nobody's, and people without one: a line each."""
        known = self._names.known()
        counts = self.counts()
        damage = []
        if counts[len(known) :].any() or counts[: len(known)][~known].any():
            damage.append("templates of people who are not in the list of people")
        lost = int(np.count_nonzero(known & (counts[: len(known)] == 0)))
        if lost:
            damage.append(f"all templates of {lost} of the people")
        return damage

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
        if len(self):
            raise GalleryError(f"the gallery does not say who made its templates; {remedy}")
        return embedders

    # Changing it

    @property
    def next_person(self) -> int:
        """The lowest number above all that people ever had."""
        return self._names.next_person

    def allocate(self, count: int) -> Positions:
        """Positions for so many new templates."""
        return self._matrix.allocate(count)

    def prepared(self, change: Change) -> Layout:
        """What `apply` needs, with all memory for it; until then, nothing has changed."""
        return self._matrix.after(change.erased, change.positions, change.rows)

    def apply(self, change: Change, prepared: Layout) -> None:
        """Take over a change; once more, if the first time was interrupted."""
        self.header = self.header.with_embedders(change.embedders)
        self.put_people(PersonList.of(change.people))
        self._matrix.layout = prepared

    def put_people(self, people: PersonList) -> None:
        """Take over people as they are now."""
        self._names.put(people)
        if people.metadata or self._metadata:
            for person in people.people():
                self._metadata.pop(person.number, None)
                if person.metadata:
                    self._metadata[person.number] = person.metadata

    def put_blocks(self, blocks: Iterable[Blocks]) -> None:
        """Take over blocks as they are now; all at once, unless there is nothing yet."""
        if self.snapshot.chunks:
            self._matrix.change(*self._differences(blocks))
            return
        for each in blocks:
            self._matrix.change(NOWHERE, each.positions, each.rows)

    def _differences(self, changed: Iterable[Blocks]) -> tuple[Positions, Positions, Rows]:
        """Positions that hold something else now or nothing, and what is new."""
        erased, positions, rows = [NOWHERE], [NOWHERE], [Rows.none(self.dim)]
        for blocks in changed:
            empty = np.setdiff1d(blocks.covered, blocks.positions, assume_unique=True)
            erased.append(empty[self.snapshot.alive(empty)])
            there = np.flatnonzero(self.snapshot.alive(blocks.positions))
            before, now = self.snapshot.rows(blocks.positions[there]), blocks.rows.select(there)
            same = (before.people == now.people) & (before.scales == now.scales)
            same &= (before.codes == now.codes).all(axis=1)
            erased.append(blocks.positions[there[~same]])
            new = np.ones(len(blocks.positions), bool)
            new[there[same]] = False
            positions.append(blocks.positions[new])
            rows.append(blocks.rows.select(new))
        return np.concatenate(erased), np.concatenate(positions), Rows.concatenate(rows)
