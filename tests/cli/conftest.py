"""Photos and folders that several commands are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostro.samples import ASTRONAUT, GRACE_HOPPER
from tests.support.labelled_folder import write_people
from tests.support.wider import write_found, write_truth


@pytest.fixture(scope="session")
def astronaut() -> Path:
    return ASTRONAUT.fetch()


@pytest.fixture(scope="session")
def hopper() -> Path:
    return GRACE_HOPPER.fetch()


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_people(tmp_path_factory.mktemp("people"))


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    return write_truth(tmp_path / "truth")


@pytest.fixture
def found(tmp_path: Path) -> Path:
    return write_found(tmp_path / "found")
