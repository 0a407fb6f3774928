"""JPEG files that lack their end: is it only the marker, or are pixels missing?"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator

import numpy as np

from rostro.pictures.formats import open_picture
from rostro.pictures.pixels import from_pillow
from rostro.types import Image

__all__ = ["read_without_end"]

_END = b"\xff\xd9"
_FRAME, _SCAN = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}, 0xDA

# Ends the coded bits: a marker that is neither a zero, put after a byte of ones, nor a restart.
_AFTER_BITS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def read_without_end(data: bytes, color: str, orientation: int) -> Image | None:
    """The pixels of a JPEG file that ends before its end marker; None if some are not in it.

    Where bits are missing, the decoder makes them up in silence, of whatever follows. So the
    picture is whole if all its scans have begun and if it stays the same whatever follows.
    """
    data = data.rstrip(b"\xff")  # half a marker, or the first byte of a missing pair
    if not _all_scans_begun(data):
        return None
    whole: Image | None = None
    for filling in (b"", _bits(0), _bits(1), _bits(2)):
        pixels = from_pillow(open_picture(io.BytesIO(data + filling + _END)), color, orientation)
        if whole is None:
            whole = pixels
        elif not np.array_equal(whole, pixels):
            return None
    return whole


def _bits(seed: int) -> bytes:
    """Something to go on with: at once, and after each of the eight restart markers."""
    source = random.Random(seed)
    parts = [bytes(source.choices(range(255), k=64)) for _ in range(9)]
    return parts[0] + b"".join(bytes((0xFF, 0xD0 + i)) + parts[i + 1] for i in range(8))


def _all_scans_begun(data: bytes) -> bool:
    """Whether there is a scan, to full precision, for each coefficient of each component."""
    missing: set[tuple[int, int]] = set()
    frames = 0
    for marker, body in _segments(data):
        if marker in _FRAME:
            frames += 1
            missing = {(component, k) for component in body[6::3] for k in range(64)}
        elif marker == _SCAN and len(body) >= 6:
            first, last, precision = body[-3:]
            if precision & 15 == 0:
                coefficients = range(first, last + 1)
                missing -= {(component, k) for component in body[1:-3:2] for k in coefficients}
    return frames == 1 and not missing


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers with what they head, less the length."""
    place = 2
    while place + 4 <= len(data):
        marker = data[place + 1]
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        end = place + 2 + length
        yield marker, data[place + 4 : end]
        if marker == _SCAN:
            following = _AFTER_BITS.search(data, end)
            end = following.start() if following else len(data)
        place = end
