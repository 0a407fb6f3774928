"""What an ONNX file refers to outside itself, told without loading it.

Only the keys of the protobuf messages are walked; weights are skipped, not read. ONNX's own package
would take 0.2 to 0.8 s to import, and parses all of the file.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["has_external_data"]

# Field numbers of onnx.proto3 that lead to tensors, by message.
_PATHS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_NUMBER, _BYTES8, _BLOCK, _GROUP, _GROUP_END, _BYTES4 = range(6)
_DEEPEST = 100  # protobuf refuses deeper messages


def has_external_data(file: BinaryIO) -> bool:
    """Whether weights of this ONNX file are in other files.

    What protobuf refuses counts as having none: the engine refuses it too.
    """
    if os.fstat(file.fileno()).st_size == 0:
        return False
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _search(data, 0, len(data), "model", 0)
        except (IndexError, ValueError):
            return False


def _search(data: mmap.mmap, start: int, end: int, message: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    found = False
    for field, kind, begin, stop in _fields(data, start, end):
        if message == "tensor":
            found |= (field, kind) == (_EXTERNAL_DATA, _BLOCK)
            found |= (field, kind) == (_DATA_LOCATION, _NUMBER) and data[begin] != 0
        elif kind == _BLOCK and (inner := _PATHS[message].get(field)):
            found |= _search(data, begin, stop, inner, depth + 1)
    return found


def _fields(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The number and kind of each field of a message, and where its content begins and ends.

    ONNX has no groups, but protobuf skips them.
    """
    groups: list[int] = []
    while start < end:
        key, start = _varint(data, start)
        field, kind = key >> 3, key & 7
        begin = stop = start
        if kind == _NUMBER:
            _, stop = _varint(data, start)
        elif kind == _BLOCK:
            size, begin = _varint(data, start)
            stop = begin + size
        elif kind in (_BYTES8, _BYTES4):
            stop = start + (8 if kind == _BYTES8 else 4)
        elif kind == _GROUP:
            groups.append(field)
        elif kind != _GROUP_END or not groups or groups.pop() != field:
            raise ValueError("no field of protobuf")
        if stop > end:
            raise ValueError("a field that ends beyond its message")
        if not groups:
            yield field, kind, begin, stop
        start = stop
    if groups:
        raise ValueError("a group without an end")


def _varint(data: mmap.mmap, start: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[start]
        start += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, start
        shift += 7
    raise ValueError("a number of more than 64 bits")
