"""What several tests of the detector share."""

from __future__ import annotations

import pytest

import rostro
from rostro.faces import Faces
from rostro.types import Image


@pytest.fixture(scope="module")
def face(photo: Image, default_models: object) -> Faces:
    found = rostro.Detector(threads=1)(photo)
    assert len(found) == 1
    return found
