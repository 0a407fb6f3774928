"""Pictures in folders: which files are taken, and what is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rostro.errors import FileMissingError, ImageError
from rostro.pictures.formats import picture_suffixes

__all__ = ["Found", "find_pictures_in", "is_hidden", "person_folders"]

# What file servers, macOS and Windows put beside the files of their users, thumbnails among them.
_SYSTEM = frozenset(
    {
        "@eadir",
        "@recycle",
        "@tmp",
        "#recycle",
        "#snapshot",
        "__macosx",
        "$recycle.bin",
        "system volume information",
        "lost+found",
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """Pictures, sorted, and what else there is: how many of what."""

    pictures: list[Path] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def skipped_text(self) -> str:
        """As in ``"1 hidden file, 3 .txt files"``; empty if nothing was skipped."""
        kinds = sorted(self.skipped.items())
        return ", ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in kinds)


def is_hidden(*names: str) -> bool:
    """Whether one of these files or folders is hidden, or a system's and not its user's."""
    return any(name.startswith(".") or name.lower() in _SYSTEM for name in names)


def find_pictures_in(
    folder: Path, leave_out: Path | None = None, also: frozenset[str] = frozenset()
) -> Found:
    """The pictures in a folder and in all folders below it, known by their suffixes.

    Hidden files, hidden and system folders and links to folders are left out.

    Args:
        leave_out: a folder that is left out, too.
        also: lower-case suffixes of what is taken besides pictures.

    Raises:
        FileMissingError: there is no such folder.
        ImageError: a folder cannot be read.
    """
    found = Found()
    waiting = [folder]
    while waiting:
        for path in _sort_into(found, waiting.pop(), also):
            if path.is_symlink():
                found.skipped["folder link"] += 1
            elif leave_out is not None and leave_out.exists() and path.samefile(leave_out):
                found.skipped["output folder"] += 1
            else:
                waiting.append(path)
    found.pictures.sort()
    return found


def person_folders(folder: Path) -> tuple[list[Path], Found]:
    """The folders right in ``folder``, each of a person, and the pictures beside them.

    Raises:
        FileMissingError: there is no such folder.
        ImageError: it cannot be read.
    """
    beside = Found()
    people = sorted(_sort_into(beside, folder))
    beside.pictures.sort()
    return people, beside


def _sort_into(found: Found, folder: Path, also: frozenset[str] = frozenset()) -> list[Path]:
    """Sorts the files right in a folder; returns its folders."""
    suffixes = picture_suffixes() | also
    try:
        entries = list(folder.iterdir())
    except FileNotFoundError:
        raise FileMissingError(f"{folder}: no such folder") from None
    except OSError as error:
        raise ImageError(f"{folder}: {error.strerror}") from error
    folders = []
    for path in entries:
        if is_hidden(path.name):
            found.skipped["hidden or system folder" if path.is_dir() else "hidden file"] += 1
        elif path.is_dir():
            folders.append(path)
        elif path.suffix.lower() not in suffixes:
            found.skipped[f"{path.suffix.lower() or 'other'} file"] += 1
        elif path.is_file():
            found.pictures.append(path)
        else:
            found.skipped["device or broken link"] += 1
    return folders
