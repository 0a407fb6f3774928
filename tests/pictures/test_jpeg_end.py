"""JPEG files whose end is cut off: whole pictures are read, others never."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rostro.errors import ImageError
from rostro.pictures.images import load_image

KINDS = {
    "baseline": {"quality": 75},
    "optimized": {"quality": 30, "optimize": True},
    "progressive": {"quality": 85, "progressive": True},
    "restarts": {"quality": 75, "restart_marker_blocks": 3},
}


def picture() -> Image.Image:
    """Half noise, half flat: bits that matter, and blocks that are the same whatever is made up."""
    pixels = np.full((120, 160, 3), 9, np.uint8)
    pixels[:60] = np.random.default_rng(1).integers(0, 255, (60, 160, 3), np.uint8)
    return Image.fromarray(pixels[::-1].copy())


def encoded(kind: str, mode: str) -> bytes:
    file = io.BytesIO()
    picture().convert(mode).save(file, "JPEG", **KINDS[kind])
    return file.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("missing", [1, 2])
def test_only_the_end_marker_is_missing(
    kind: str, mode: str, missing: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = encoded(kind, mode)
    (tmp_path / "a.jpg").write_bytes(whole[:-missing])
    with caplog.at_level(logging.WARNING, "rostro"):
        image = load_image(tmp_path / "a.jpg")
    np.testing.assert_array_equal(image, load_image(whole))
    assert "a.jpg: the end marker of the JPEG is missing" in caplog.text


@pytest.mark.parametrize("kind", KINDS)
def test_where_pixels_are_missing_it_is_refused(kind: str) -> None:
    whole = encoded(kind, "RGB")
    pixels = load_image(whole)
    first_scan = whole.index(b"\xff\xda")
    # Among them between scans and right before and after restart markers.
    borders = [m.start() + i for m in re.finditer(rb"\xff[\xda\xd0-\xd7]", whole) for i in (0, 2)]
    refused = 0
    for length in {*borders[:40], *range(first_scan + 20, len(whole) - 2, 211), len(whole) - 5}:
        try:
            image = load_image(whole[:length])
        except ImageError:
            refused += 1
        else:  # what is missing is padding
            np.testing.assert_array_equal(image, pixels)
    assert refused > 10


def test_the_orientation_is_kept() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    picture().save(file, "JPEG", exif=exif)
    image = load_image(file.getvalue()[:-2], "rgb")
    assert image.shape == (160, 120, 3)
    np.testing.assert_array_equal(image, load_image(file.getvalue(), "rgb"))
