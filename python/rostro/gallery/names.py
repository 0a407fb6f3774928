"""Names of people by number, without a Python object for each: a million take some 30 MB.

They are kept as they were written, and compared as Unicode composes them (NFC): José is one person,
whether a keyboard or a file system spelt the name.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rostro.gallery.records import PersonList

__all__ = ["Names", "composed", "set_at", "set_to_highest", "values_at"]

# Names that came after the index was built are in a dict until they are so many.
_REBUILD = 20_000


class Names:
    """Who has which number. Numbers are from 1 on and never used again.

    `name` and `len` may be called by any thread at any time; all else by one thread at a time.
    """

    def __init__(self) -> None:
        self._heap = bytearray()
        # By person, start in the heap * 2**16 + length: one number, so that no thread ever sees
        # half a change. 0 for no name; person 0 is nobody.
        self._places = array("Q", [0])
        self._count = 0
        self._half_put = False
        self._index: _Index | None = None
        self._recent: dict[bytes, int] = {}

    def __len__(self) -> int:
        return self._count

    @property
    def next_person(self) -> int:
        """The lowest number above all that were ever used."""
        return len(self._places)

    def name(self, person: int) -> str | None:
        """The name of a person; ``None`` for one who was removed."""
        while True:
            place = self._place(person)
            encoded = self._at(place)
            if place == self._place(person):  # else it may just have been wiped from the heap
                return encoded.decode() if place else None

    def find(self, names: Sequence[str]) -> list[int]:
        """The numbers of the people of these names; 0 for a name that nobody has."""
        if self._index is None:
            self._recent = {}
            self._index = _Index(self._places, self._at)
        encoded = [composed(name).encode() for name in names]
        found = [self._recent.get(name, 0) for name in encoded]
        for row, person in self._index.candidates(encoded):
            if _key(self._at(self._places[person])) == encoded[row]:
                found[row] = person
        return found

    def total_length(self) -> int:
        """Of all names in UTF-8, in bytes."""
        lengths = np.array(self._places, np.uint64) & np.uint64(0xFFFF)
        return int(lengths.sum())

    def known(self) -> NDArray[np.bool_]:
        """By number, whether somebody has it."""
        known: NDArray[np.bool_] = np.array(self._places, np.uint64) > 0
        return known

    def items(self) -> Iterator[tuple[int, str]]:
        """Numbers, rising, and names of all."""
        for person, place in enumerate(self._places):
            if place:
                yield person, self._at(place).decode()

    def put(self, people: PersonList) -> None:
        """Give people names, the first or another one; an empty one removes somebody.

        If this is interrupted, it can be done once more.
        """
        if not len(people):
            return
        if self._half_put:
            self._count = int(np.count_nonzero(self.known()))
            self._index = None
        self._half_put = True
        places = values_at(self._places, people.numbers)
        old = places[places > 0].tolist()
        for place in old:
            self._recent.pop(_key(self._at(place)), None)
        lengths = people.name_lengths.astype(np.uint64)
        starts = len(self._heap) + np.cumsum(lengths) - lengths
        places = np.where(lengths > 0, (starts << np.uint64(16)) + lengths, 0)
        # In this order, `name` in other threads finds the old name or the new one.
        self._heap += people.names
        set_at(self._places, people.numbers, places)
        for place in old:
            self._wipe(place)
        self._count += int(np.count_nonzero(lengths)) - len(old)
        if len(people) > _REBUILD:
            self._index = None
        elif self._index is not None:
            self._recent.update((_key(p.name), p.number) for p in people.people() if p.name)
            if len(self._recent) > _REBUILD + self._count // 8:
                self._index = None
        self._half_put = False

    def _place(self, person: int) -> int:
        return self._places[person] if person < len(self._places) else 0

    def _at(self, place: int) -> bytes:
        start, length = place >> 16, place & 0xFFFF
        return bytes(self._heap[start : start + length])

    def _wipe(self, place: int) -> None:
        start, length = place >> 16, place & 0xFFFF
        self._heap[start : start + length] = bytes(length)


def composed(name: str) -> str:
    """What all spellings of a name have in common."""
    return unicodedata.normalize("NFC", name)


def _key(name: bytes) -> bytes:
    return name if name.isascii() else composed(name.decode()).encode()


def _grown(values: array[int], indices: NDArray[np.unsignedinteger]) -> NDArray[np.uint64]:
    """A view of all values; not to be kept, for meanwhile they cannot grow."""
    missing = int(indices.max()) + 1 - len(values)
    if missing > 0:
        values.frombytes(bytes(8 * missing))
    return np.frombuffer(values, np.uint64)


def values_at(values: array[int], indices: NDArray[np.unsignedinteger]) -> NDArray[np.uint64]:
    """Many values of an ``array("Q")``; 0 for those beyond its end."""
    found = np.zeros(len(indices), np.uint64)
    there = indices < len(values)
    found[there] = np.frombuffer(values, np.uint64)[indices[there]]
    return found


def set_at(values: array[int], indices: NDArray[np.unsignedinteger], new: ArrayLike) -> None:
    """Set many values of an ``array("Q")``, which grows as needed."""
    _grown(values, indices)[indices] = new


def set_to_highest(
    values: array[int], indices: NDArray[np.unsignedinteger], new: NDArray[np.uint64]
) -> None:
    """Set many values, to the highest of what each is and gets."""
    if len(indices):
        np.maximum.at(_grown(values, indices), indices, new)


class _Index:
    """Numbers in the order of their names' hashes; who is removed stays until it is rebuilt."""

    def __init__(self, places: array[int], at: Callable[[int], bytes]) -> None:
        people = np.flatnonzero(np.array(places)).astype(np.uint32)
        hashes = _hashes(_key(at(places[person])) for person in people.tolist())
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._people = people[order]

    def candidates(self, names: Sequence[bytes]) -> Iterator[tuple[int, int]]:
        """Pairs (row of ``names``, number of somebody who may have this name)."""
        hashes = _hashes(names)
        first = np.searchsorted(self._hashes, hashes, "left")
        last = np.searchsorted(self._hashes, hashes, "right")
        for row in np.flatnonzero(last > first).tolist():
            for person in self._people[first[row] : last[row]].tolist():
                yield row, person


def _hashes(names: Iterable[bytes]) -> NDArray[np.uint32]:
    return np.fromiter(map(hash, names), np.int64).astype(np.uint32)
