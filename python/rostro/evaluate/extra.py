"""The packages that only evaluation needs."""

from __future__ import annotations

import importlib
from typing import Any

from rostro.errors import ExtraNotInstalledError

__all__ = ["import_extra"]


def import_extra(module: str) -> Any:
    """A module of a package that the extra ``eval`` brings.

    Raises:
        ExtraNotInstalledError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ExtraNotInstalledError(
            f"{package} cannot be imported ({error}); it comes with: pip install 'rostro[eval]'"
        ) from error
