"""The int8 codes of a gallery as searches see them: a snapshot, which never changes.

A row is a slot of the file, at the same position. Rows lie in chunks, so that growth copies
nothing; snapshots share the memory of chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro.kernels.match import Codes
from rostro.types import FloatArray

__all__ = ["NOWHERE", "Blocks", "Chunk", "Flags", "People", "Positions", "Rows", "Snapshot"]

Flags: TypeAlias = NDArray[np.bool_]
People: TypeAlias = NDArray[np.uint32]
Positions: TypeAlias = NDArray[np.int64]

NOWHERE: Positions = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rows:
    """Templates: people (N,), scales (N,) float32, codes (N, D) int8."""

    people: People
    scales: FloatArray
    codes: Codes

    @classmethod
    def none(cls, dim: int) -> Rows:
        return cls(np.empty(0, np.uint32), np.empty(0, np.float32), np.empty((0, dim), np.int8))

    @classmethod
    def concatenate(cls, parts: Sequence[Rows]) -> Rows:
        return cls(
            np.concatenate([part.people for part in parts]),
            np.concatenate([part.scales for part in parts]),
            np.concatenate([part.codes for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.people)

    def select(self, which: Flags | Positions | slice) -> Rows:
        """Some of the rows: views for a slice, copies otherwise."""
        return Rows(self.people[which], self.scales[which], self.codes[which])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Blocks:
    """Rows as a backend keeps them, many together: all positions in these blocks, and those with a
    template, its row."""

    covered: Positions
    positions: Positions
    rows: Rows


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chunk:
    """Rows of which the first ``count`` are visible.

    Attributes:
        memory: all rows.
        used: (capacity,) which rows of this memory were ever visible; for the writer only.
        alive: (capacity,) which rows hold a template.
        mask: its visible part; ``None`` where they all do.
    """

    count: int
    memory: Rows
    used: Flags
    alive: Flags
    mask: Flags | None

    @property
    def visible(self) -> Rows:
        """Views of the visible rows."""
        return self.memory.select(slice(self.count))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Snapshot:
    """Chunks of ``capacity`` positions each."""

    capacity: int
    dim: int
    chunks: tuple[Chunk, ...] = ()

    @property
    def count(self) -> int:
        """Number of templates."""
        return sum(int(np.count_nonzero(chunk.alive[: chunk.count])) for chunk in self.chunks)

    def positions_of(self, people: People | None = None) -> Positions:
        """The positions of all templates of these people, or of everybody, rising."""
        found: list[Positions] = [NOWHERE]
        for number, chunk in enumerate(self.chunks):
            which = chunk.alive[: chunk.count]
            if people is not None:
                which = which & np.isin(chunk.visible.people, people)
            found.append(np.flatnonzero(which) + number * self.capacity)
        return np.concatenate(found)

    def alive(self, positions: Positions) -> Flags:
        """Whether there is a template at each of these positions."""
        alive = np.zeros(len(positions), bool)
        for number, which, local in self.by_chunk(positions):
            if number < len(self.chunks):
                alive[which] = self.chunks[number].alive[local]
        return alive

    def scales(self, positions: Positions) -> FloatArray:
        """Copies of the scales at these positions."""
        scales = np.empty(len(positions), np.float32)
        for number, which, local in self.by_chunk(positions):
            scales[which] = self.chunks[number].memory.scales[local]
        return scales

    def rows(self, positions: Positions) -> Rows:
        """Copies of the rows at these positions."""
        count = len(positions)
        people, scales = np.empty(count, np.uint32), np.empty(count, np.float32)
        codes = np.empty((count, self.dim), np.int8)
        for number, which, local in self.by_chunk(positions):
            rows = self.chunks[number].memory.select(local)
            people[which], scales[which], codes[which] = rows.people, rows.scales, rows.codes
        return Rows(people, scales, codes)

    def by_chunk(self, positions: Positions) -> Iterator[tuple[int, Flags | slice, Positions]]:
        """Numbers of chunks, which positions are in each, and those counted from its first row."""
        if not len(positions):
            return
        numbers = positions // self.capacity
        if numbers.min() == numbers.max():  # as for every single template
            number = int(numbers[0])
            yield number, slice(None), positions - number * self.capacity
            return
        for number in np.unique(numbers).tolist():
            which = numbers == number
            yield number, which, positions[which] - number * self.capacity
