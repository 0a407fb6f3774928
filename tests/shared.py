"""Where the research photos are that some tests use; they are never part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(name: str) -> Path:
    """The folder ``name`` of the shared test data; skips the test where it is absent."""
    beside_repository = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("ROSTRO_TEST_DATA", beside_repository)) / name
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; ROSTRO_TEST_DATA can name its folder")
    return folder
