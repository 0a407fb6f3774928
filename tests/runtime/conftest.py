"""The C++ runtime's programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cpp_programs import cpp_program


@pytest.fixture
def card_settings() -> Path:
    """Prints the settings of a card."""
    return cpp_program("rostro_card_settings")


@pytest.fixture
def recognise() -> Path:
    """cpp/examples/recognise.cpp"""
    return cpp_program("rostro_recognise")


@pytest.fixture
def run_stages() -> Path:
    """Prints what some stages say of photos."""
    return cpp_program("rostro_run_stages")
