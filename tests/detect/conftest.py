"""What several tests of the detector share."""

from __future__ import annotations

import pytest

import rostro
from rostro.types import Detections, Image


@pytest.fixture(scope="module")
def face(photo: Image, default_models: object) -> Detections:
    found = rostro.Detector(threads=1)(photo)
    assert len(found) == 1
    return found
