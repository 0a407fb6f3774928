"""Frames of the scenes of `tests.support.streams`, with faces of real photos in them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image as Pictures

import rostro
from rostro.types import Image
from tests.support.shared import shared_data
from tests.support.streams import HEIGHT, PEOPLE, WIDTH, Scene

FACE = 110
"""Height of the face in a photo of LFW of 250 pixels, about."""


def people(photos: int) -> list[list[Image]]:
    """Photos of the four of LFW who have most of them, beginning with the first."""
    folders = sorted((shared_data("lfw") / "images").iterdir())
    found = [sorted(folder.glob("*.jpg")) for folder in folders]
    most = sorted(found, key=lambda paths: -len(paths))[:PEOPLE]
    return [[rostro.load_image(path) for path in paths[:photos]] for paths in most]


def frames(scene: Scene, photos: list[list[Image]], change_every: int = 15) -> Iterator[Image]:
    """The larger face in front; everybody's photo changes now and then."""
    for frame in range(len(scene)):
        canvas = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        for person in np.argsort(scene.size[frame]):
            if not scene.there[frame, person]:
                continue
            mine = photos[person]
            photo = mine[frame // change_every % len(mine)]
            x, y, size = (float(n[frame, person]) for n in (scene.x, scene.y, scene.size))
            _paste(canvas, photo, x, y, size / FACE)
        yield canvas


def _paste(canvas: Image, photo: Image, x: float, y: float, scale: float) -> None:
    """The middle of a photo, where its face is."""
    middle = np.ascontiguousarray(photo[50:200, 60:190])
    sides = round(middle.shape[1] * scale), round(middle.shape[0] * scale)
    shrunk = np.asarray(Pictures.fromarray(middle).resize(sides))
    left, top = round(x - sides[0] / 2), round(y - sides[1] / 2)
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + sides[0], WIDTH), min(top + sides[1], HEIGHT)
    if x1 < x2 and y1 < y2:
        canvas[y1:y2, x1:x2] = shrunk[y1 - top : y2 - top, x1 - left : x2 - left]
