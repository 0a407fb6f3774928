"""A gallery as one portable file: NumPy's .npz, as numpy.load reads it.

It holds ``codes`` (N, D) int8, ``scales`` (N,) float32, ``person`` (N,) uint32, the row of each
template's person in ``people``, and ``document``, UTF-8 of a JSON object with ``people`` (name and
metadata of each) and ``embedders``. It is not encrypted.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rostro.errors import FileMissingError, GalleryError
from rostro.gallery.identity import EmbedderIdentity
from rostro.gallery.snapshot import Rows
from rostro.support.files import replacing

__all__ = ["Exported", "read_export", "write_export"]

_FORMAT = 1


@dataclass(frozen=True, slots=True, repr=False)
class Exported:
    """What is in such a file; ``rows.people`` count from 0 in ``names``."""

    names: Sequence[str]
    metadata: Sequence[Mapping[str, Any]]
    embedders: tuple[EmbedderIdentity, ...]
    rows: Rows


def write_export(path: Path, exported: Exported) -> None:
    """Write it, readable by the owner alone.

    Raises:
        WriteError: it cannot be written.
    """
    people = [
        {"name": name, "metadata": metadata}
        for name, metadata in zip(exported.names, exported.metadata, strict=True)
    ]
    embedders = [asdict(embedder) for embedder in exported.embedders]
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
    """Read it.

    Raises:
        FileMissingError: there is no such file.
        GalleryError: it is something else, or damaged.
    """
    if not path.is_file():
        raise FileMissingError(f"{path}: no such file")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            rows = Rows(arrays["person"], arrays["scales"], arrays["codes"])
            document = json.loads(arrays["document"].tobytes())
        people = document["people"]
        exported = Exported(
            [str(person["name"]) for person in people],
            [dict(person["metadata"]) for person in people],
            tuple(EmbedderIdentity(**embedder) for embedder in document["embedders"]),
            rows,
        )
    except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise GalleryError(f"{path}: no export of a gallery, or a damaged one: {error}") from error
    count = len(rows.codes)
    fits = (
        document.get("format") == _FORMAT
        and rows.codes.dtype == np.int8
        and rows.codes.ndim == 2
        and rows.scales.dtype == np.float32
        and rows.people.dtype == np.uint32
        and rows.scales.shape == rows.people.shape == (count,)
        and bool(np.isfinite(rows.scales).all())
        and (count == 0 or int(rows.people.max()) < len(people))
    )
    if not fits:
        raise GalleryError(f"{path}: no export of a gallery that this rostro knows")
    return exported
