"""The C++ runtime's programs, as `cmake --build --preset release` makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

_PROGRAMS = Path(__file__).parents[2] / "build" / "release" / "cpp" / "tests"


def _program(name: str) -> Path:
    path = _PROGRAMS / name
    if not path.is_file():
        pytest.skip(f"no {path}; cmake --preset release && cmake --build --preset release makes it")
    return path


@pytest.fixture
def card_settings() -> Path:
    """Prints the settings of a card."""
    return _program("rostro_card_settings")


@pytest.fixture
def recognise() -> Path:
    """cpp/examples/recognise.cpp"""
    return _program("rostro_recognise")
