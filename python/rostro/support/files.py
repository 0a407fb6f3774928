"""Files on disk: where the cache is, hashes, and writes that are all or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from rostro.errors import RostroError, WriteError
from rostro.support.temporary import hold

__all__ = ["CHUNK", "cache_folder", "expanded", "open_regular", "replacing", "sha256_of"]

CHUNK = 1 << 20


def cache_folder() -> Path:
    """The folder of everything rostro keeps: ``ROSTRO_CACHE``, or the user's cache folder."""
    named = os.environ.get("ROSTRO_CACHE")
    if named:
        return expanded(named).absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("rostro", appauthor=False))


def open_regular(path: Path) -> BufferedReader:
    """A file opened for reading, at once: a pipe would wait for a writer, a device for input.

    Raises:
        OSError: it cannot be opened, or is no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except ValueError as error:  # a NUL, or characters that no file name can hold
        raise FileNotFoundError(errno.ENOENT, "no file has such a name") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")


def expanded(path: str | Path) -> Path:
    """The path with ``~`` for the home folder, where there is one."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open_regular(path) as file:
        return hash_in(file, "sha256")


def hash_in(file: BinaryIO, algorithm: str) -> str:
    """The hash of what is left of an open file, in hexadecimal."""
    digest = hashlib.new(algorithm)
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _held(path: Path, mode: int) -> int:
    """A new file, held: what a killed process left is removed, see `rostro.support.temporary`."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        if hold(descriptor, path):
            return descriptor
        os.close(descriptor)


@contextmanager
def replacing(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path`` when the block ends well and vanishes otherwise.

    Args:
        mode: of the new file, less the umask.

    Raises:
        WriteError: the folder or the file cannot be written, or ``path`` is no file.
    """
    # A device would be replaced by a file, for all programs, where root asks for it.
    if path.exists() and not path.is_file():
        raise WriteError(f"cannot write {path}: got a folder, a device or a pipe; a file is wanted")
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(part, "wb", opener=lambda *_: _held(part, mode)) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except RostroError:
        raise
    except OSError as error:
        advice = ""
        if path.is_relative_to(cache_folder()):
            advice = "; ROSTRO_CACHE can name another folder"
        reason = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        raise WriteError(f"cannot write {path}: {reason or error}{advice}") from error
