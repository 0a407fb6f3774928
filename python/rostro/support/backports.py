"""What newer Pythons have and 3.10, that of JetPack 6 and ROS 2 Humble, has not."""

from __future__ import annotations

import sys
import warnings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["add_note", "tomllib"]


def add_note(error: BaseException, note: str) -> None:
    """Says more of an error that is on its way; in 3.10 by a warning."""
    if sys.version_info >= (3, 11):
        error.add_note(note)
    else:
        warnings.warn(note, stacklevel=3)
