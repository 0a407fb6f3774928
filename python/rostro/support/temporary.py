"""Temporary folders and files whose owner holds a lock, so that those of the dead can be told.

A process that is killed leaves them behind; its locks go with it, and whoever looks next removes
what nobody holds.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["hold", "remove_abandoned", "temporary_folder"]

# Of names that nobody gives a folder of their own.
_PREFIX, _SUFFIX = "rostro-", ".scratch"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A new folder for this user alone, which is gone when the block ends.

    Removes abandoned ones first.
    """
    remove_abandoned()
    while True:
        path = Path(tempfile.mkdtemp(_SUFFIX, _PREFIX))
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        if hold(descriptor, path):
            break
        os.close(descriptor)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def hold(descriptor: int, path: Path) -> bool:
    """Lock what was just made at ``path``; False: somebody took it for abandoned, make another."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        there = path.lstat()
    except OSError as error:
        # A file system without locks: nobody else gets one either, so nothing is ever removed.
        return error.errno not in (errno.EWOULDBLOCK, errno.ENOENT)
    own = os.fstat(descriptor)
    return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)


def remove_abandoned(folder: Path | None = None, pattern: str = f"{_PREFIX}*{_SUFFIX}") -> None:
    """Remove this user's files and folders in ``folder`` that match and that nobody holds.

    Args:
        folder: by default where `temporary_folder` makes its own.
    """
    for path in (folder or Path(tempfile.gettempdir())).glob(pattern):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue  # somebody else's, a link, or gone meanwhile
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
        except OSError:
            continue  # in use
        finally:
            os.close(descriptor)
