"""Errors about a picture, with the name of its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rostro.errors import ImageError, RostroError

__all__ = ["naming"]


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Errors in the block come out with the name of the picture that the block works on.

    Raises:
        RostroError: of the kind it was.
        ImageError: the picture exceeds the memory.
    """
    try:
        yield
    except MemoryError as error:
        cause = f": {error}" if str(error) else ""
        raise ImageError(f"{path}: not enough memory{cause}") from error
    except RostroError as error:
        if str(path) in str(error):
            raise
        raise type(error)(f"{path}: {error}") from error
