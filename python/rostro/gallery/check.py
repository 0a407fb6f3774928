"""Whether a gallery's file is whole."""

from __future__ import annotations

from pathlib import Path

from rostro.errors import GalleryCorruptError
from rostro.gallery.session import Session

__all__ = ["check"]


def check(path: str | Path, *, key: bytes | None = None, timeout: float = 10.0) -> list[str]:
    """What is damaged in a gallery, a line each; nothing if it is whole. Reads all of it.

    What is not listed is whole: ``Gallery.open(path, salvage=True).export(...)`` saves it.

    Raises:
        FileMissingError, GalleryError, GalleryKeyError, GalleryBusyError: as `Gallery.open`.
    """
    from rostro.gallery.store import Store

    try:
        store = Store(Path(path), key, timeout, salvage=True)
    except GalleryCorruptError as error:
        return [str(error)]
    session = Session(store.header, store)
    try:
        return [*store.reader.damage, *store.check()]
    except GalleryCorruptError as error:
        return [*store.reader.damage, str(error)]
    finally:
        session.close()
