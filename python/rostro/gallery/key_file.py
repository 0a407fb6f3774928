"""The key of an encrypted gallery, from a file."""

from __future__ import annotations

from pathlib import Path

from rostro.errors import FileMissingError, GalleryKeyError

__all__ = ["read_key_file"]

_BYTES = 32


def read_key_file(path: Path) -> bytes:
    """The 32 random bytes that a key file holds, and nothing else.

    Raises:
        FileMissingError: it cannot be read.
        GalleryKeyError: another length.
    """
    try:
        key = path.read_bytes()
    except OSError as error:
        raise FileMissingError(f"{path}: {error.strerror}") from error
    if len(key) != _BYTES:
        raise GalleryKeyError(f"{path}: {len(key)} bytes; a key file holds {_BYTES} random ones")
    return key
