"""The int8 codes of a gallery in memory, as the one thread sees them that writes them.

A row that was ever visible in a snapshot is written again only in a copy of its chunk: searches
need no lock.
"""

from __future__ import annotations

import mmap

import numpy as np

from rostro.gallery.snapshot import NOWHERE, Chunk, Positions, Rows, Snapshot
from rostro.kernels.match import Codes

__all__ = ["Matrix"]

# Address space, of which memory is taken as it is written.
_CHUNK_BYTES = 256 << 20
_CHUNK_ROWS = 1 << 19
# Slots of removed rows are used again once so many, or an eighth of all, have come together.
_RENEW = 4096


class Matrix:
    """The rows of a gallery; any thread may take the `snapshot`."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._capacity = min(_CHUNK_BYTES // dim, _CHUNK_ROWS)
        self.snapshot = Snapshot(self._capacity, dim)
        self._end = 0  # positions from here on were never used
        self._free = NOWHERE  # those before it that can be written
        self._removed = 0  # those before it that snapshots may still show

    def allocate(self, count: int) -> Positions:
        """Positions for so many new rows, rising; they stay free until `change`."""
        if len(self._free) == 0 and self._removed >= max(_RENEW, self._end // 8):
            self._renew()
        reused = self._free[:count]
        rest = count - len(reused)
        return np.concatenate([reused, np.arange(self._end, self._end + rest)])

    def change(self, erased: Positions, positions: Positions, rows: Rows) -> None:
        """Remove rows and write others, all at once; positions are rising."""
        chunks = list(self.snapshot.chunks)
        while len(positions) and positions[-1] >= len(chunks) * self._capacity:
            chunks.append(self._new_chunk())
        for number, _, local in self.snapshot.by_chunk(erased):
            chunks[number] = _with_alive(chunks[number], local, False)
        for number, which, local in self.snapshot.by_chunk(positions):
            chunk = chunks[number]
            if chunk.used[local].any():
                chunk = self._copied(chunk)
            chunk.memory.people[local] = rows.people[which]
            chunk.memory.scales[local] = rows.scales[which]
            chunk.memory.codes[local] = rows.codes[which]
            chunk.used[local] = True
            chunks[number] = _with_alive(chunk, local, True)
        self._removed += len(erased)
        self._take(positions)
        self.snapshot = Snapshot(self._capacity, self._dim, tuple(chunks))

    def _take(self, positions: Positions) -> None:
        """Keep account of which positions are free."""
        reused = int(np.searchsorted(positions, self._end))
        if np.array_equal(self._free[:reused], positions[:reused]):
            self._free = self._free[reused:]
        else:  # another process chose them
            self._removed -= int((~np.isin(positions[:reused], self._free)).sum())
            self._free = np.setdiff1d(self._free, positions[:reused], assume_unique=True)
        new = positions[reused:]
        if len(new):
            start, self._end = self._end, int(new[-1]) + 1
            if len(new) < self._end - start:
                skipped = np.setdiff1d(np.arange(start, self._end), new, assume_unique=True)
                self._free = np.concatenate([self._free, skipped])

    def _renew(self) -> None:
        """Make the slots of removed rows free, in copies of their chunks."""
        chunks = self.snapshot.chunks
        empty = [np.flatnonzero(~c.alive) + i * self._capacity for i, c in enumerate(chunks)]
        positions = np.concatenate(empty)
        self._free = positions[positions < self._end]
        self._removed = 0
        copies = (chunk if chunk.mask is None else self._copied(chunk) for chunk in chunks)
        self.snapshot = Snapshot(self._capacity, self._dim, tuple(copies))

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
        alive = np.flatnonzero(chunk.alive)
        copy.memory.people[alive] = chunk.memory.people[alive]
        copy.memory.scales[alive] = chunk.memory.scales[alive]
        copy.memory.codes[alive] = chunk.memory.codes[alive]
        flags = chunk.alive.copy()
        mask = None if chunk.mask is None else flags[: chunk.count]
        return Chunk(chunk.count, copy.memory, flags.copy(), flags, mask)


def _with_alive(chunk: Chunk, local: Positions, alive: bool) -> Chunk:
    count = max(chunk.count, int(local.max()) + 1)
    # Rows beyond the count are in no snapshot: no copy is needed to add them.
    flags = chunk.alive if local.min() >= chunk.count else chunk.alive.copy()
    flags[local] = alive
    mask = None if flags[:count].all() else flags[:count]
    return Chunk(count, chunk.memory, chunk.used, flags, mask)


def _huge_pages(size: int) -> Codes:
    """Zeros, in huge pages where the system has them; memory is taken as it is written."""
    # Private: shared memory has no huge pages by default, and a fork would write into its parent.
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.int8)
