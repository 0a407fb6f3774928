"""Slots, the fixed-size places of templates in a gallery's file: person, scale, codes, sealed."""

from __future__ import annotations

import numpy as np

from rostro.gallery.seal import Bytes, Seal
from rostro.gallery.snapshot import Flags, Positions, Rows

__all__ = ["BLOCK_BYTES", "SlotFormat"]

# Large enough to be read at the speed of the disk, small enough to seek in.
BLOCK_BYTES = 64 << 10


class SlotFormat:
    """How rows become slots.

    Attributes:
        size: bytes of a slot.
        per_block: slots of a block.
    """

    def __init__(self, dim: int, seal: Seal) -> None:
        self._dim = dim
        self._seal = seal
        self._payload = 8 + dim + -dim % 8
        self.size = self._payload + seal.overhead
        self.per_block = max(BLOCK_BYTES // self.size, 1)

    def pack(self, positions: Positions, rows: Rows) -> Bytes:
        """(N, size) slots of rows."""
        payloads = np.zeros((len(rows), self._payload), np.uint8)
        payloads[:, :4] = rows.people.view(np.uint8).reshape(-1, 4)
        payloads[:, 4:8] = rows.scales.view(np.uint8).reshape(-1, 4)
        payloads[:, 8 : 8 + self._dim] = rows.codes.view(np.uint8)
        return self._seal.seal_slots(positions, payloads)

    def unpack(self, positions: Positions, slots: Bytes) -> tuple[Positions, Rows, Flags]:
        """Positions and rows of the slots that are not empty, and whether each is whole."""
        occupied = slots.view(np.uint64)[:, 0] != 0
        if not occupied.all():
            positions, slots = positions[occupied], slots[occupied]
        payloads, whole = self._seal.open_slots(positions, slots)
        rows = Rows(
            np.ascontiguousarray(payloads[:, :4]).view(np.uint32).ravel(),
            np.ascontiguousarray(payloads[:, 4:8]).view(np.float32).ravel(),
            payloads[:, 8 : 8 + self._dim].view(np.int8),
        )
        return positions, rows, whole
