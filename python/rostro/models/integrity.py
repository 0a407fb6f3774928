"""Model files are the ones that their cards name: size and SHA-256."""

from __future__ import annotations

from pathlib import Path

from rostro.errors import FileMissingError, ModelIntegrityError
from rostro.support.files import sha256_of

__all__ = ["check"]


def check(path: Path, *, size: int | None, sha256: str | None, remedy: str = "") -> None:
    """Check a file against what is known of it, the cheap test first.

    Args:
        size: in bytes; ``None``: not known.
        sha256: 64 hexadecimal digits; ``None``: not known.
        remedy: what the errors tell the user to do.

    Raises:
        FileMissingError: there is no such file.
        ModelIntegrityError: its size or SHA-256 differs.
    """
    advice = f"; {remedy}" if remedy else ""
    if not path.is_file():
        raise FileMissingError(f"{path}: no such file{advice}")
    actual_size = path.stat().st_size
    if size is not None and actual_size != size:
        raise ModelIntegrityError(f"{path}: got {actual_size} bytes; {size} are wanted{advice}")
    if sha256 is not None and (actual := sha256_of(path)) != sha256:
        raise ModelIntegrityError(f"{path}: got SHA-256 {actual}; {sha256} is wanted{advice}")
