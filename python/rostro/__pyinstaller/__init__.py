"""Tells PyInstaller of the hook beside this file; see its entry point in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

__all__ = ["get_hook_dirs"]


def get_hook_dirs() -> list[str]:
    """The folders of hooks."""
    return [str(Path(__file__).parent)]
