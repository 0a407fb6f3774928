"""A gallery as one portable file: NumPy's .npz, as numpy.load reads it.

It holds ``codes`` (N, D) int8, ``scales`` (N,) float32, ``person`` (N,) uint32, the row of each
template's person in ``people``, and ``document``, UTF-8 of a JSON object with ``people`` (name and
metadata of each) and ``embedders``. It is neither encrypted nor compressed.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, GalleryError
from rostro.gallery.arguments import check_name
from rostro.gallery.identity import EmbedderIdentity
from rostro.gallery.records import decode_metadata, encode_metadata
from rostro.gallery.snapshot import Rows
from rostro.gallery.templates import are_templates
from rostro.support.files import replacing

__all__ = ["Exported", "read_export", "write_export"]

_FORMAT = 1
_ENCRYPTED = 1  # flag of a member of a zip file


@dataclass(frozen=True, slots=True, repr=False)
class Exported:
    """What is in such a file; ``rows.people`` count from 0 in ``names``, metadata are JSON."""

    names: Sequence[str]
    metadata: Sequence[bytes]
    embedders: tuple[EmbedderIdentity, ...]
    rows: Rows


def write_export(path: Path, exported: Exported) -> None:
    """Write it, readable by the owner alone.

    Raises:
        WriteError: it cannot be written.
    """
    people = [
        {"name": name, "metadata": decode_metadata(metadata)}
        for name, metadata in zip(exported.names, exported.metadata, strict=True)
    ]
    embedders = [embedder.encode() for embedder in exported.embedders]
    document = {"format": _FORMAT, "people": people, "embedders": embedders}
    with replacing(path, mode=0o600) as file:
        np.savez(
            file,
            codes=exported.rows.codes,
            scales=exported.rows.scales,
            person=exported.rows.people,
            document=np.frombuffer(json.dumps(document).encode(), np.uint8),
        )


def read_export(path: Path) -> Exported:
    """Read it, and check it as what is added is checked.

    Raises:
        FileMissingError: there is no such file.
        GalleryError: it is something else, or damaged, or holds what cannot be in a gallery.
    """
    if not path.is_file():
        raise FileMissingError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            codes = _array(archive, "codes", np.dtype(np.int8), 2)
            scales = _array(archive, "scales", np.dtype(np.float32), 1)
            people = _array(archive, "person", np.dtype(np.uint32), 1)
            document = json.loads(_array(archive, "document", np.dtype(np.uint8), 1).tobytes())
        rows = Rows(people, scales, codes)
        exported = _exported(document, rows)
    except (ArgumentError, ArgumentTypeError) as error:
        raise GalleryError(f"{path}: no export of a gallery that this rostro knows: {error}") from (
            error
        )
    except (
        *(ValueError, KeyError, TypeError, EOFError, OSError, RecursionError, zipfile.BadZipFile),
        *(NotImplementedError, OverflowError),
    ) as error:
        raise GalleryError(f"{path}: no export of a gallery, or a damaged one: {error}") from error
    wrong = np.flatnonzero(~are_templates(rows))
    if len(wrong):
        raise GalleryError(
            f"{path}: template {wrong[0]} cannot be of an embedding: codes times scale do not have "
            "norm 1; nothing was imported"
        )
    return exported


def _array(archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], ndim: int) -> NDArray[Any]:
    """An array, for which no more memory is taken than the file is long."""
    info = archive.getinfo(f"{name}.npy")
    if info.flag_bits & _ENCRYPTED or info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name}: encrypted or compressed; exports are neither")
    with archive.open(info) as file:
        shape = _shape(file, dtype)
        if len(shape) != ndim or math.prod(shape) * dtype.itemsize != info.file_size - file.tell():
            raise ValueError(f"{name}: shape {shape} is not that of its {info.file_size} bytes")
        # A copy, for what is read from a file is not aligned for any dtype.
        return np.frombuffer(file.read(), dtype).reshape(shape).copy()


def _shape(file: IO[bytes], dtype: np.dtype[Any]) -> tuple[int, ...]:
    """The shape from the header of a .npy file."""
    version = np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
    if version != (1, 0):
        raise ValueError(f"array of format {version}; (1, 0) is wanted")
    shape: tuple[int, ...]
    shape, fortran, found = np.lib.format.read_array_header_1_0(file)  # type: ignore[no-untyped-call]
    if found != dtype or (fortran and len(shape) > 1):
        raise ValueError(f"array of {found}; C-contiguous {dtype} is wanted")
    return shape


def _exported(document: Any, rows: Rows) -> Exported:
    if document["format"] != _FORMAT:
        raise ValueError(f"format {document['format']}; {_FORMAT} is wanted")
    names = [check_name(person["name"]) for person in document["people"]]
    metadata = [encode_metadata(person["metadata"]) for person in document["people"]]
    embedders = tuple(map(EmbedderIdentity.decode, document["embedders"]))
    if not len(rows.codes) == len(rows.scales) == len(rows.people):
        raise ValueError("its arrays are not equally long")
    if len(rows) and int(rows.people.max()) >= len(names):
        raise ValueError("templates of people who are not in it")
    return Exported(names, metadata, embedders, rows)
