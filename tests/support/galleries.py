"""What the tests of galleries share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rostro
from rostro.gallery.sqlite_backend import SQLiteBackend
from rostro.types import FloatArray


def unit(count: int, dim: int = 64, seed: int = 0) -> FloatArray:
    """Random embeddings of unit norm."""
    values = np.random.default_rng(seed).standard_normal((count, dim), np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values


def files_of(path: Path) -> list[Path]:
    """Everything in the folder of a gallery, which has it for itself."""
    return sorted(file for file in path.parent.iterdir() if file.is_file())


def raw_bytes(path: Path) -> bytes:
    """All bytes of all files of a gallery."""
    return b"".join(file.read_bytes() for file in files_of(path))


def sqlite_of(gallery: rostro.Gallery) -> SQLiteBackend:
    """What keeps a gallery that is a file."""
    backend = gallery._session._backend
    assert isinstance(backend, SQLiteBackend)
    return backend
