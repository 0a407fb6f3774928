"""Reading MATLAB 5 files: the numbers, texts and cell arrays of ground truth.

Written for files that may be damaged: whatever they hold, the outcome is their variables or an
`EvaluationError`. (SciPy's reader takes the whole process down with some.) Not read: MATLAB 4 and
7.3 files, big-endian ones, and variables that are structures, sparse or objects.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro.errors import EvaluationError, FileMissingError

__all__ = ["Value", "read_mat"]

Value: TypeAlias = NDArray[Any] | str | list["Value"]
"""Numbers in MATLAB's shape, a text, or the entries of a cell array, column by column."""

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {
    1: "<i1", 2: "<u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<f4", 9: "<f8",
    12: "<i8", 13: "<u8",
}  # fmt: skip
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16-le", 16: "utf-8", 17: "utf-16-le"}
_CELL_CLASS, _CHAR_CLASS = 1, 4
_NUMERIC_CLASSES = range(6, 16)  # double to uint64; what is stored may be of a smaller type

# Far above what labels need, so that a damaged or hostile file cannot exhaust memory or the stack.
_LARGEST_VARIABLE = 1 << 28
_DEEPEST = 8
_MOST_SIDES = 32


def read_mat(path: Path, names: Collection[str]) -> dict[str, Value]:
    """Read variables of a MATLAB 5 file.

    Args:
        path: of the file.
        names: of the variables that are wanted, all of them.

    Raises:
        FileMissingError: there is no such file.
        EvaluationError: it is no such file, is damaged, or lacks a variable.
    """
    if not path.is_file():
        raise FileMissingError(f"{path}: no such file")
    variables: dict[str, Value] = {}
    try:
        for kind, content in _elements(_body(path.read_bytes())):
            if kind == _COMPRESSED:
                kind, content = next(_elements(_inflated(content)), (0, content))
            if kind != _MATRIX:
                raise _DamagedError(f"an element of type {kind} where a variable is due")
            variable = _Variable(content)
            if variable.name in names:
                variables[variable.name] = variable.value()
    except (_DamagedError, zlib.error, ValueError) as error:
        raise EvaluationError(f"{path}: no MATLAB 5 file that can be read ({error})") from error
    missing = sorted(set(names) - variables.keys())
    if missing:
        raise EvaluationError(f"{path}: it has no variable {' and no '.join(missing)}")
    return variables


class _DamagedError(Exception):
    """The file breaks its format."""


def _body(data: bytes) -> memoryview:
    """What follows the header."""
    if len(data) < _HEADER or data[124:_HEADER] != b"\x00\x01IM":
        raise _DamagedError("it does not begin as a little-endian one does")
    return memoryview(data)[_HEADER:]


def _inflated(content: memoryview) -> memoryview:
    inflater = zlib.decompressobj()
    data = inflater.decompress(content, _LARGEST_VARIABLE)
    if not inflater.eof:
        raise _DamagedError("a compressed variable is cut short or larger than 256 MB")
    return memoryview(data)


def _elements(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The elements one after the other: type and content."""
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise _DamagedError("it ends within an element")
        kind, size = struct.unpack_from("<II", data, at)
        if kind >> 16:  # a small one: size, type and up to 4 bytes of content in 8 bytes
            kind, size = kind & 0xFFFF, kind >> 16
            start, following = at + 4, at + 8
        else:
            start = at + 8
            following = start + size + (0 if kind == _COMPRESSED else -size % 8)
        if start + size > min(following, len(data)):
            raise _DamagedError("an element is longer than what it is in")
        yield kind, data[start : start + size]
        at = following


class _Variable:
    """A variable, or an entry of a cell array: flags, shape and name, then what it holds."""

    def __init__(self, content: memoryview) -> None:
        self._parts = _elements(content)
        flags, shape, name = (self._next()[1] for _ in range(3))
        if len(flags) != 8 or not 2 <= len(shape) // 4 <= _MOST_SIDES:
            raise _DamagedError("a variable has no proper heading")
        self._class = flags[0]
        self._shape = np.frombuffer(shape, "<i4").tolist()
        if min(self._shape) < 0:
            raise _DamagedError(f"a variable of shape {self._shape}")
        self.name = bytes(name).decode("latin-1")

    def value(self, depth: int = 0) -> Value:
        if self._class == _CELL_CLASS and depth < _DEEPEST:
            # MATLAB stores an empty entry as nothing at all.
            entries: list[Value] = [
                _Variable(content).value(depth + 1) if len(content) else np.empty((0, 0))
                for _, content in self._parts
            ]
            if len(entries) != math.prod(self._shape):
                raise _DamagedError(f"{len(entries)} entries in a cell array {self._shape}")
            return entries
        stored, content = self._next()
        if self._class == _CHAR_CLASS and stored in _TEXTS:
            return bytes(content).decode(_TEXTS[stored])
        if self._class in _NUMERIC_CLASSES and stored in _NUMBERS:
            return np.frombuffer(content, _NUMBERS[stored]).reshape(self._shape, order="F")
        raise _DamagedError(f"a value of class {self._class}, stored as {stored}, is not read")

    def _next(self) -> tuple[int, memoryview]:
        part = next(self._parts, None)
        if part is None:
            raise _DamagedError("a variable ends too early")
        return part
