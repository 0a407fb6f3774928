"""The people of a gallery as bytes: number, name and metadata of up to 128 in a record.

Little-endian uint32: the count, all numbers, all lengths of names, all lengths of metadata; then
all names in UTF-8, then all metadata in JSON, and zeros up to the size of the record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError, GalleryCorruptError
from rostro.gallery.snapshot import People

__all__ = [
    "CONTROL",
    "MAX_NAME",
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
MAX_NAME = 1000  # bytes in UTF-8
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_MAX_METADATA = 1 << 20  # bytes of JSON
_MAX_DEPTH = 100


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

    @property
    def size(self) -> int:
        """Bytes that `encode` makes, without the count."""
        return 12 * len(self) + len(self.names) + len(self.metadata)

    def after(self, count: int) -> PersonList:
        """All but the first ones."""
        names = int(self.name_lengths[:count].sum())
        metadata = int(self.metadata_lengths[:count].sum())
        return PersonList(
            self.numbers[count:],
            self.name_lengths[count:],
            self.metadata_lengths[count:],
            self.names[names:],
            self.metadata[metadata:],
        )

    @classmethod
    def concatenate(cls, parts: Sequence[PersonList]) -> PersonList:
        return cls(
            np.concatenate([part.numbers for part in parts]),
            np.concatenate([part.name_lengths for part in parts]),
            np.concatenate([part.metadata_lengths for part in parts]),
            b"".join([part.names for part in parts]),
            b"".join([part.metadata for part in parts]),
        )

    @classmethod
    def decode(cls, data: bytes) -> PersonList:
        """The people who were encoded; ValueError if it is something else."""
        count = int.from_bytes(data[:4], "little")
        table = np.frombuffer(data, "<u4", 3 * count, 4).reshape(3, count)
        start = 4 + 12 * count
        end = start + int(table[1].sum())
        last = end + int(table[2].sum())
        if last > len(data):
            raise ValueError("names or metadata are missing")
        return cls(table[0], table[1], table[2], data[start:end], data[end:last])

    def check(self) -> None:
        """ValueError if these cannot be people."""
        if self.numbers.min(initial=1) == 0:
            raise ValueError("nobody has the number 0")
        if self.name_lengths.max(initial=0) > MAX_NAME:
            raise ValueError("a name is too long")
        text = self.names.decode()
        if CONTROL.search(text):
            raise ValueError("a name holds control characters")
        if not text.isascii():
            starts = np.cumsum(self.name_lengths) - self.name_lengths
            firsts = np.frombuffer(self.names, np.uint8)[starts[self.name_lengths > 0]]
            if (firsts & 0xC0 == 0x80).any():
                raise ValueError("a name begins within a letter")


def _split(joined: bytes, lengths: People) -> list[bytes]:
    return [joined[a:b] for a, b in pairwise(accumulate(lengths.tolist(), initial=0))]


def encode_metadata(metadata: Metadata) -> bytes:
    """Metadata as JSON; a mapping with nothing in it as no bytes."""
    if not isinstance(metadata, Mapping):
        raise ArgumentTypeError(f"metadata: got {type(metadata).__name__}; a mapping is wanted")
    try:
        text = json.dumps(dict(metadata), ensure_ascii=False, allow_nan=False)
        encoded = text.encode() if metadata else b""
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentTypeError(f"metadata: {error}; what JSON can hold is wanted") from error
    if len(encoded) > _MAX_METADATA:
        raise ArgumentError(
            f"metadata: got {len(encoded)} bytes as JSON; at most {_MAX_METADATA} are wanted"
        )
    if _depth(metadata) > _MAX_DEPTH:
        raise ArgumentError(f"metadata: got more levels than the {_MAX_DEPTH} that are wanted")
    return encoded


def _depth(value: object) -> int:
    """Levels of mappings and lists, as far as they matter."""
    level, depth = [value], 0
    while level and depth <= _MAX_DEPTH:
        level = [
            inner
            for outer in level
            for inner in (
                outer.values()
                if isinstance(outer, Mapping)
                else outer
                if isinstance(outer, list | tuple)
                else ()
            )
        ]
        depth += 1
    return depth


def decode_metadata(data: bytes) -> dict[str, Any]:
    """The metadata that `encode_metadata` made these bytes of.

    Raises:
        GalleryCorruptError: they are none.
    """
    try:
        decoded = json.loads(data, parse_constant=_refuse) if data else {}
    except (ValueError, RecursionError) as error:
        raise GalleryCorruptError(f"damaged: metadata of somebody: {error}") from error
    if not isinstance(decoded, dict):
        raise GalleryCorruptError("damaged: metadata of somebody: no JSON object")
    return decoded


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
