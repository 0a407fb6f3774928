"""The packages that only videos need."""

from __future__ import annotations

import importlib
from typing import Any

from rostro.errors import ExtraNotInstalledError
from rostro.support.forks import lock_around_forks

__all__ = ["import_av"]

# A process that is forked while a thread imports PyAV would wait for ever for the import's lock.
_loading = lock_around_forks()


def import_av() -> Any:
    """PyAV, which the extra ``video`` brings.

    Raises:
        ExtraNotInstalledError: it is not installed.
    """
    try:
        with _loading:
            return importlib.import_module("av")
    except ImportError as error:
        raise ExtraNotInstalledError(
            f'av cannot be imported ({error}); it comes with: pip install "rostro[video]"'
        ) from error
