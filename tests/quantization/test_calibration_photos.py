"""Which photos are calibrated on, and which are held back."""

from __future__ import annotations

from pathlib import Path

from rostro.quantization.calibration_photos import split


def test_nobody_is_on_both_sides() -> None:
    photos = [Path(f"{person}/{number}.jpg") for person in range(30) for number in range(5)]
    made = split(photos, True, 1000, 1000)
    people = [{photo.parent for photo in part} for part in (made.calibration, made.held_back)]
    assert not people[0] & people[1]
    assert len(made.calibration) + len(made.held_back) == len(photos)
    assert 0.2 < len(made.calibration) / len(photos) < 0.35
    assert split(photos, True, 1000, 1000) == made
