"""Where the research photos and networks are that some tests use; never part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_data(name: str) -> Path:
    """The folder ``name`` of the shared test data; skips the test where it is absent."""
    return _folder(_data(), name)


def shared_models(name: str) -> Path:
    """The folder ``name`` of the shared test networks; skips the test where it is absent."""
    return _folder(_data().parent / "models", name)


def _data() -> Path:
    beside_repository = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get("ROSTRO_TEST_DATA", beside_repository))


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    if not folder.is_dir():
        pytest.skip(f"no {folder}; ROSTRO_TEST_DATA can name the folder of the test data")
    return folder
