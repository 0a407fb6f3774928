"""The people of a gallery as bytes: number, name and metadata of up to 128 in a record.

Little-endian uint32: the count, all numbers, all lengths of names, all lengths of metadata; then
all names in UTF-8, then all metadata in JSON, and zeros up to the size that the record once had.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from rostro.errors import ArgumentTypeError
from rostro.gallery.snapshot import People

__all__ = [
    "PEOPLE_PER_RECORD",
    "Metadata",
    "Person",
    "PersonList",
    "decode_metadata",
    "encode_metadata",
]

Metadata = Mapping[str, Any]

# So many that a million people are read in a moment, so few that a change of one rewrites little.
PEOPLE_PER_RECORD = 128


class Person(NamedTuple):
    """A name and metadata in UTF-8, both empty for somebody who is no longer in this record."""

    number: int
    name: bytes
    metadata: bytes


@dataclass(frozen=True, slots=True, repr=False)
class PersonList:
    """Many people without a Python object for each: names and metadata one after the other."""

    numbers: People
    name_lengths: People
    metadata_lengths: People
    names: bytes
    metadata: bytes

    @classmethod
    def of(cls, people: Sequence[Person]) -> PersonList:
        return cls(
            np.array([person.number for person in people], np.uint32),
            np.array([len(person.name) for person in people], np.uint32),
            np.array([len(person.metadata) for person in people], np.uint32),
            b"".join([person.name for person in people]),
            b"".join([person.metadata for person in people]),
        )

    def __len__(self) -> int:
        return len(self.numbers)

    def people(self) -> list[Person]:
        """One by one."""
        names = _split(self.names, self.name_lengths)
        metadata = _split(self.metadata, self.metadata_lengths)
        return list(map(Person, self.numbers.tolist(), names, metadata))

    def encode(self) -> bytes:
        table = np.stack([self.numbers, self.name_lengths, self.metadata_lengths])
        count = len(self).to_bytes(4, "little")
        return count + table.astype("<u4").tobytes() + self.names + self.metadata

    @classmethod
    def decode(cls, data: bytes) -> PersonList:
        count = int.from_bytes(data[:4], "little")
        table = np.frombuffer(data, "<u4", 3 * count, 4).reshape(3, count)
        start = 4 + 12 * count
        end = start + int(table[1].sum())
        metadata = data[end : end + int(table[2].sum())]
        return cls(table[0], table[1], table[2], data[start:end], metadata)


def _split(joined: bytes, lengths: People) -> list[bytes]:
    return [joined[a:b] for a, b in pairwise(accumulate(lengths.tolist(), initial=0))]


def encode_metadata(metadata: Metadata) -> bytes:
    """Metadata as JSON; a mapping with nothing in it as no bytes."""
    if not isinstance(metadata, Mapping):
        raise ArgumentTypeError(f"metadata: {type(metadata).__name__}; a mapping is wanted")
    try:
        text = json.dumps(dict(metadata), ensure_ascii=False, allow_nan=False)
        return text.encode() if metadata else b""
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"metadata: {error}; what JSON can hold is wanted") from error


def decode_metadata(data: bytes) -> dict[str, Any]:
    """The metadata that `encode_metadata` made these bytes of."""
    decoded: dict[str, Any] = json.loads(data) if data else {}
    return decoded
