"""Model files are used only if they are what they should be: regular, whole, those of the card."""

from __future__ import annotations

import os
from io import BufferedReader
from pathlib import Path

from rostro.errors import FileMissingError, ModelError, ModelIntegrityError
from rostro.support.files import hash_in, open_regular
from rostro.support.onnx_scan import has_external_data

__all__ = ["check", "is_lfs_pointer", "open_model_file", "shown"]

_LFS = b"version https://git-lfs.github.com/spec/"


def check(
    path: Path,
    *,
    size: int | None,
    sha256: str | None,
    sha384: str | None = None,
    remedy: str = "",
) -> None:
    """Check a file against what is known of it, the cheap tests first.

    An .onnx file must hold all of its weights: the hash of a card covers no other file.

    Args:
        size: in bytes; ``None``: not known.
        sha256, sha384: 64 and 96 hexadecimal digits; ``None``: not known.
        remedy: what the errors tell the user to do.

    Raises:
        FileMissingError: there is no such file.
        ModelIntegrityError: its size or a hash differs, or it is a pointer of Git LFS.
        ModelError: it is no regular file, cannot be read, or has weights in other files.
    """
    advice = f"; {remedy}" if remedy else ""
    with open_model_file(path, advice) as file:
        if is_lfs_pointer(file.read(len(_LFS))):
            raise ModelIntegrityError(
                f"{path}: got a pointer of Git LFS; the file itself is wanted: git lfs pull"
            )
        actual_size = os.fstat(file.fileno()).st_size
        if size is not None and actual_size != size:
            raise ModelIntegrityError(f"{path}: got {actual_size} bytes; {size} are wanted{advice}")
        for name, wanted in (("SHA-256", sha256), ("SHA-384", sha384)):
            if wanted is None:
                continue
            file.seek(0)
            actual = hash_in(file, name.replace("-", ""))
            if actual != wanted:
                raise ModelIntegrityError(
                    f"{path}: got {name} {actual}; {wanted} is wanted{advice}"
                )
        if path.suffix.lower() == ".onnx" and has_external_data(file):
            raise ModelError(
                f"{path}: got weights in other files (ONNX external data); one file that holds "
                "them is wanted: onnx.save(onnx.load(OLD), NEW) in Python makes it"
            )


def open_model_file(path: Path, advice: str = "") -> BufferedReader:
    """A regular file, opened for reading.

    Raises:
        FileMissingError: there is no such file.
        ModelError: it is none that can be read, or its path is not UTF-8, which engines want.
    """
    if shown(path) != str(path):
        raise ModelError(f"{shown(path)}: got a path that is not UTF-8; rename it")
    try:
        return open_regular(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileMissingError(f"{path}: no such file{advice}") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}{advice}") from error


def is_lfs_pointer(head: bytes) -> bool:
    """Whether a file that begins so stands for one that ``git lfs pull`` would fetch."""
    return head.startswith(_LFS)


def shown(path: Path) -> str:
    """The path as text that can be written anywhere."""
    return str(path).encode("utf-8", "backslashreplace").decode()
