"""Whether a gallery's file is whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rostro.errors import GalleryCorruptError
from rostro.gallery.arguments import check_path, check_timeout
from rostro.gallery.patience import patiently

__all__ = ["check"]


def check(path: str | Path, *, key: bytes | None = None, timeout: float = 10.0) -> list[str]:
    """What is damaged in a gallery, a line each; nothing if it is whole. Reads all of it.

    What is not listed is whole: ``Gallery.open(path, salvage=True).export(...)`` saves it.

    Raises:
        FileMissingError, GalleryError, GalleryKeyError, GalleryBusyError: as `Gallery.open`.
    """
    from rostro.gallery.sqlite_backend import SQLiteBackend

    check_timeout(timeout)
    try:
        opened = partial(SQLiteBackend, check_path(path), key, timeout, salvage=True)
        backend = patiently(opened, timeout)
    except GalleryCorruptError as error:
        return [str(error)]
    try:
        patiently(backend.load, timeout)
        return backend.check()
    except GalleryCorruptError as error:
        return [*backend.damage, str(error)]
    finally:
        backend.close()
