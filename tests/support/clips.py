"""Short videos of the two people of `rostro demo`, from their photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as Pictures

import rostro
from rostro.samples import ASTRONAUT, GRACE_HOPPER
from rostro.types import Image
from rostro.video import VideoWriter

WIDTH, HEIGHT = 480, 320


def write_clip(path: Path, seconds: float, rate: float = 10.0) -> Path:
    """The astronaut on the left and Grace Hopper on the right, who sway."""
    astronaut = rostro.load_image(ASTRONAUT.fetch())[:260, 90:330]
    hopper = np.asarray(
        Pictures.fromarray(rostro.load_image(GRACE_HOPPER.fetch())).resize((256, 303))
    )[20:280, 20:240]
    with VideoWriter(path, (WIDTH, HEIGHT), rate) as video:
        for number in range(round(seconds * rate)):
            time = number / rate
            canvas: Image = np.full((HEIGHT, WIDTH, 3), 70, np.uint8)
            shift = round(8 * np.sin(time * 2))
            canvas[30 + shift :, 5:][:260, :240] = astronaut
            canvas[30 - shift :, 255:][:260, :220] = hopper
            video.write(canvas, time)
    return path
