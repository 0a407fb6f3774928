"""Reading flatbuffers: tables whose fields are found by offsets, and vectors of them.

Every offset is checked before it is followed: whatever the bytes hold, the outcome is what they say
or a `FlatbufferError`. The package ``flatbuffers``, which ONNX Runtime brings, follows offsets
unchecked, negative ones too, and wants classes that a compiler makes of a schema.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["FlatbufferError", "Table", "root"]


class FlatbufferError(ValueError):
    """The bytes break the format."""


def root(data: bytes) -> Table:
    """The table that a flatbuffer begins with."""
    return Table(data, _number(data, "I", 0))


class Table:
    """A table; fields are named by their place in the schema, and missing ones have defaults."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        self._fields = at - _number(data, "i", at)
        self._fields_size = _number(data, "H", self._fields)

    def number(self, field: int, format: str, default: int = 0) -> int:
        """A number of a `struct` format, without byte order."""
        at = self._place(field)
        return default if at is None else _number(self._data, format, at)

    def table(self, field: int) -> Table | None:
        """Another table; ``None`` where there is none."""
        at = self._place(field)
        return None if at is None else self._table_at(at)

    def tables(self, field: int, most: int) -> Iterator[Table]:
        """The tables of a vector of at most ``most``."""
        start, count = self._vector(field, 4, most)
        return (self._table_at(start + 4 * i) for i in range(count))

    def numbers(self, field: int, most: int) -> list[int]:
        """A vector of at most ``most`` int32."""
        start, count = self._vector(field, 4, most)
        return list(struct.unpack_from(f"<{count}i", self._data, start))

    def block(self, field: int) -> memoryview:
        """A vector of bytes."""
        start, count = self._vector(field, 1, len(self._data))
        return memoryview(self._data)[start : start + count]

    def text(self, field: int, most: int) -> str:
        """A text of at most ``most`` bytes."""
        start, count = self._vector(field, 1, most)
        return self._data[start : start + count].decode(errors="backslashreplace")

    def _place(self, field: int) -> int | None:
        """Where the field is."""
        slot = 4 + 2 * field
        if slot + 2 > self._fields_size:
            return None
        offset = _number(self._data, "H", self._fields + slot)
        return self._at + offset if offset else None

    def _table_at(self, at: int) -> Table:
        return Table(self._data, at + _number(self._data, "I", at))

    def _vector(self, field: int, size: int, most: int) -> tuple[int, int]:
        """Where the entries of a vector begin, and how many they are."""
        at = self._place(field)
        if at is None:
            return 0, 0
        at += _number(self._data, "I", at)
        count = _number(self._data, "I", at)
        if count > most or at + 4 + count * size > len(self._data):
            raise FlatbufferError(f"a vector of {count} entries at byte {at}")
        return at + 4, count


def _number(data: bytes, format: str, at: int) -> int:
    # struct takes negative offsets from the end.
    if at < 0 or at + struct.calcsize(format) > len(data):
        raise FlatbufferError(f"an offset leads to byte {at} of {len(data)}")
    (number,) = struct.unpack_from(f"<{format}", data, at)
    return int(number)
