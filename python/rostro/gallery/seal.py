"""What protects the bytes of a gallery's file: checksums, or authenticated encryption.

Both seal two kinds of things, each bound to its place in the file so that one moved elsewhere is
noticed: slots, the fixed-size places of templates, and records, byte strings of any length. A slot
of zeros is an empty one.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError, ArgumentTypeError, ExtraNotInstalledError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

__all__ = ["Bytes", "ChecksumSeal", "KeySeal", "Seal"]

Bytes = NDArray[np.uint8]


class Seal(Protocol):
    """Payloads are the rows of a (N, size) array, ``size`` a multiple of 8."""

    overhead: int

    def seal_slots(self, positions: NDArray[np.int64], payloads: Bytes) -> Bytes:
        """(N, size) payloads to (N, size + overhead) slots."""

    def open_slots(
        self, positions: NDArray[np.int64], slots: Bytes
    ) -> tuple[Bytes, NDArray[np.bool_]]:
        """Payloads of slots, and whether each is whole (N,) bool; all slots are occupied ones."""

    def seal_record(self, place: int, data: bytes) -> bytes:
        """Data to a record."""

    def open_records(self, places: Sequence[int], records: Sequence[bytes]) -> list[bytes | None]:
        """The data of records, ``None`` where one is not whole."""


class ChecksumSeal:
    """Finds damage: a 64-bit weighted sum for slots, CRC-32 for records."""

    overhead = 8
    _CRC_OF_WHOLE = 0x2144DF1C  # the CRC-32 of anything that ends in its own CRC-32

    def seal_slots(self, positions: NDArray[np.int64], payloads: Bytes) -> Bytes:
        slots = np.empty((len(payloads), payloads.shape[1] + self.overhead), np.uint8)
        slots[:, self.overhead :] = payloads
        slots.view(np.uint64)[:, 0] = _sums(positions, slots)
        return slots

    def open_slots(
        self, positions: NDArray[np.int64], slots: Bytes
    ) -> tuple[Bytes, NDArray[np.bool_]]:
        whole = slots.view(np.uint64)[:, 0] == _sums(positions, slots)
        return slots[:, self.overhead :], whole

    def seal_record(self, place: int, data: bytes) -> bytes:
        return data + zlib.crc32(data, place & 0xFFFFFFFF).to_bytes(4, "little")

    def open_records(self, places: Sequence[int], records: Sequence[bytes]) -> list[bytes | None]:
        sums = map(zlib.crc32, records, [place & 0xFFFFFFFF for place in places])
        return [
            record[:-4] if sum_ == self._CRC_OF_WHOLE else None
            for record, sum_ in zip(records, sums, strict=True)
        ]


def _sums(positions: NDArray[np.int64], slots: Bytes) -> NDArray[np.uint64]:
    """Sums modulo 2**64 of all words of a slot but the first, each times an odd number of its own.

    NumPy does this at the speed of memory. Any change within one word changes the sum, because an
    odd factor has an inverse modulo 2**64.
    """
    words = slots.view(np.uint64)
    factors = _factors(words.shape[1])
    places = (positions.astype(np.uint64) + np.uint64(1)) * factors[0]
    sums: NDArray[np.uint64] = words[:, 1:] @ factors[1:] + places
    return sums


@cache
def _factors(count: int) -> NDArray[np.uint64]:
    multiples = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return multiples | np.uint64(1)


class KeySeal:
    """ChaCha20-Poly1305 with a random nonce for everything that is written.

    It is fast without AES instructions, which many small ARM computers lack.
    """

    _NONCE, _TAG = 12, 16
    overhead = _NONCE + _TAG + 4  # to a multiple of 8

    def __init__(self, key: bytes) -> None:
        if not isinstance(key, bytes):
            raise ArgumentTypeError(f"key: got {type(key).__name__}; 32 bytes are wanted")
        if len(key) != 32:
            raise ArgumentError(
                f"key: got {len(key)} bytes; 32 are wanted, as os.urandom(32) gives"
            )
        self._cipher = _cipher(key)

    def seal_slots(self, positions: NDArray[np.int64], payloads: Bytes) -> Bytes:
        slots = np.zeros((len(payloads), payloads.shape[1] + self.overhead), np.uint8)
        for position, payload, slot in zip(positions.tolist(), payloads, slots, strict=True):
            sealed = self._encrypt(b"slot", position, payload.tobytes())
            slot[: len(sealed)] = np.frombuffer(sealed, np.uint8)
        return slots

    def open_slots(
        self, positions: NDArray[np.int64], slots: Bytes
    ) -> tuple[Bytes, NDArray[np.bool_]]:
        size = slots.shape[1] - self.overhead
        end = slots.shape[1] - 4
        empty = bytes(size)
        data = memoryview(slots[:, :end].tobytes())
        payloads = []
        whole: NDArray[np.bool_] = np.logical_not(np.any(slots[:, end:], axis=1))
        for row, position in enumerate(positions.tolist()):
            payload = self._decrypt(b"slot", position, data[row * end : (row + 1) * end])
            whole[row] &= payload is not None
            payloads.append(payload or empty)
        return np.frombuffer(b"".join(payloads), np.uint8).reshape(len(slots), size), whole

    def seal_record(self, place: int, data: bytes) -> bytes:
        return self._encrypt(b"record", place, data)

    def open_records(self, places: Sequence[int], records: Sequence[bytes]) -> list[bytes | None]:
        pairs = zip(places, records, strict=True)
        return [self._decrypt(b"record", place, record) for place, record in pairs]

    def _encrypt(self, kind: bytes, place: int, data: bytes) -> bytes:
        nonce = os.urandom(self._NONCE)
        sealed: bytes = self._cipher.encrypt(nonce, data, kind + place.to_bytes(8, "little"))
        return nonce + sealed

    def _decrypt(self, kind: bytes, place: int, sealed: bytes | memoryview) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        if len(sealed) < self._NONCE + self._TAG:
            return None
        nonce, rest = sealed[: self._NONCE], sealed[self._NONCE :]
        try:
            data: bytes = self._cipher.decrypt(nonce, rest, kind + place.to_bytes(8, "little"))
        except InvalidTag:
            return None
        return data


def _cipher(key: bytes) -> ChaCha20Poly1305:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    except ImportError as error:
        raise ExtraNotInstalledError(
            "an encrypted gallery needs the package cryptography: pip install 'rostro[encrypt]'"
        ) from error
    return ChaCha20Poly1305(key)
