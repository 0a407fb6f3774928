"""The int8 codes of a gallery in memory, as the one thread sees them that writes them.

A row that was ever visible in a snapshot is written again only in a copy of its chunk: searches
need no lock.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field, replace

import numpy as np

from rostro.gallery.snapshot import NOWHERE, Chunk, Flags, Positions, Rows, Snapshot
from rostro.kernels.match import Codes

__all__ = ["Layout", "Matrix"]

# Address space, of which memory is taken as it is written.
_CHUNK_BYTES = 256 << 20
_CHUNK_ROWS = 1 << 19
# Slots of removed rows are used again once so many, or an eighth of all, have come together.
_RENEW = 4096


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layout:
    """The rows there are and where others may be written.

    Attributes:
        end: positions from here on were never used.
        free: those before it that can be written.
        removed: how many before it hold nothing, though snapshots may still show them.
    """

    snapshot: Snapshot
    end: int = 0
    free: Positions = field(default_factory=NOWHERE.copy)
    removed: int = 0


class Matrix:
    """The rows of a gallery.

    Attributes:
        layout: replaced as a whole by whoever changes rows, so that whatever interrupts a change
            leaves the old one or the new one. Any thread may take its snapshot.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._capacity = min(_CHUNK_BYTES // dim, _CHUNK_ROWS)
        self.layout = Layout(Snapshot(self._capacity, dim))

    @property
    def snapshot(self) -> Snapshot:
        """What a search sees."""
        return self.layout.snapshot

    def change(self, erased: Positions, positions: Positions, rows: Rows) -> None:
        """Remove rows and write others, all at once; see `after`."""
        self.layout = self.after(erased, positions, rows)

    def allocate(self, count: int) -> Positions:
        """Positions for so many new rows, rising; they stay free until the layout is replaced."""
        now = self.layout
        if len(now.free) == 0 and now.removed >= max(_RENEW, now.end // 8):
            self.layout = now = self._renewed()
        reused = now.free[:count]
        rest = count - len(reused)
        return np.concatenate([reused, np.arange(now.end, now.end + rest)])

    def after(self, erased: Positions, positions: Positions, rows: Rows) -> Layout:
        """The layout without some rows and with others; positions are rising.

        It is written where no snapshot shows anything: until it is taken for the layout, nothing
        has changed.
        """
        chunks = list(self.layout.snapshot.chunks)
        while len(positions) and positions[-1] >= len(chunks) * self._capacity:
            chunks.append(self._new_chunk())
        for number, _, local in self.layout.snapshot.by_chunk(erased):
            chunks[number] = _with_alive(chunks[number], local, False)
        for number, which, local in self.layout.snapshot.by_chunk(positions):
            chunk = chunks[number]
            if chunk.used[local[local < chunk.count]].any():
                chunk = self._copied(chunk)
            chunk.memory.people[local] = rows.people[which]
            chunk.memory.scales[local] = rows.scales[which]
            chunk.memory.codes[local] = rows.codes[which]
            chunk.used[local] = True
            chunks[number] = _with_alive(chunk, local, True)
        snapshot = Snapshot(self._capacity, self._dim, tuple(chunks))
        return self._taken(positions, self.layout.removed + len(erased), snapshot)

    def _taken(self, positions: Positions, removed: int, snapshot: Snapshot) -> Layout:
        """Keep account of which positions are free."""
        end, free = self.layout.end, self.layout.free
        reused = int(np.searchsorted(positions, end))
        if np.array_equal(free[:reused], positions[:reused]):
            free = free[reused:]
        else:  # another process chose them
            removed -= int((~np.isin(positions[:reused], free)).sum())
            free = np.setdiff1d(free, positions[:reused], assume_unique=True)
        new = positions[reused:]
        if len(new):
            start, end = end, int(new[-1]) + 1
            if len(new) < end - start:
                skipped = np.setdiff1d(np.arange(start, end), new, assume_unique=True)
                free = np.concatenate([free, skipped])
        return Layout(snapshot, end, free, removed)

    def _renewed(self) -> Layout:
        """The layout with the slots of removed rows free, in copies of their chunks."""
        now = self.layout
        chunks = now.snapshot.chunks
        empty = [np.flatnonzero(~_alive(c)) + i * self._capacity for i, c in enumerate(chunks)]
        positions = np.concatenate(empty)
        copies = (chunk if chunk.mask is None else self._copied(chunk) for chunk in chunks)
        snapshot = replace(now.snapshot, chunks=tuple(copies))
        return Layout(snapshot, now.end, positions[positions < now.end])

    def _new_chunk(self) -> Chunk:
        capacity = self._capacity
        memory = Rows(
            np.zeros(capacity, np.uint32),
            np.zeros(capacity, np.float32),
            _huge_pages(capacity * self._dim).reshape(capacity, self._dim),
        )
        return Chunk(0, memory, np.zeros(capacity, bool), np.zeros(capacity, bool), None)

    def _copied(self, chunk: Chunk) -> Chunk:
        """The chunk in memory of its own, where what was removed counts as never visible."""
        copy = self._new_chunk()
        flags = _alive(chunk)
        alive = np.flatnonzero(flags)
        copy.memory.people[alive] = chunk.memory.people[alive]
        copy.memory.scales[alive] = chunk.memory.scales[alive]
        copy.memory.codes[alive] = chunk.memory.codes[alive]
        mask = None if chunk.mask is None else flags[: chunk.count]
        return Chunk(chunk.count, copy.memory, flags.copy(), flags, mask)


def _alive(chunk: Chunk) -> Flags:
    """Which rows hold a template: a copy. Flags beyond the count may be of a change that failed."""
    alive = np.zeros(len(chunk.alive), bool)
    alive[: chunk.count] = chunk.alive[: chunk.count]
    return alive


def _with_alive(chunk: Chunk, local: Positions, alive: bool) -> Chunk:
    count = max(chunk.count, int(local.max()) + 1)
    # Rows beyond the count are in no snapshot: no copy is needed to add them.
    flags = chunk.alive if local.min() >= chunk.count else chunk.alive.copy()
    flags[chunk.count : count] = False
    flags[local] = alive
    mask = None if flags[:count].all() else flags[:count]
    return Chunk(count, chunk.memory, chunk.used, flags, mask)


def _huge_pages(size: int) -> Codes:
    """Zeros, in huge pages where the system has them; memory is taken as it is written."""
    # Private: shared memory has no huge pages by default, and a fork would write into its parent.
    try:
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise MemoryError(f"no {size >> 20} MB of address space for templates") from error
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.int8)
