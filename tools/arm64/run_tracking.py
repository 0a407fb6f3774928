"""A stream of two people who move, for tools/arm64/frame to count.

run_tracking.py PORTRAITS.npy, uint8 (2, 240, 240, 3) in BGR. First a frame is detected and
embedded, then frames are followed, with the detector at every fifth.
"""

from __future__ import annotations

import sys

import marks
import numpy as np
from marked import Marked

import rostro

EVERY = 5
FRAMES = 3 * EVERY
counted = ""


def mark(name: str) -> None:
    marks.mark(f"{counted}|{name}" if counted else "")


def frame(number: int) -> rostro.types.Image:
    """640x480; the people move by three pixels a frame, in different ways."""
    canvas = np.full((480, 640, 3), 90, np.uint8)
    down, right = 60 + 3 * number, 340 + 3 * number
    canvas[down : down + 240, 40:280] = one
    canvas[120:360, right : right + 240] = other
    return canvas


one, other = np.load(sys.argv[1])
finds = rostro.Detector(threads=1, det_size=(320, 320))
embeds = rostro.Embedder(threads=1)
pipeline = rostro.FacePipeline(
    finds.with_engine(Marked(finds.engine, mark, "rostro", "networks")),
    embeds.with_engine(Marked(embeds.engine, mark, "rostro", "networks")),
)
pipeline(frame(0))  # what is done once
marks.mark()
counted = "all networks in every frame"
if len(pipeline(frame(0))) != 2:
    raise SystemExit("two faces are there")
mark("rostro")
counted = ""
tracker = rostro.FaceTracker(pipeline, detect_every=EVERY)
for number in range(FRAMES):
    image = frame(number)
    first, last = number // EVERY * EVERY + 1, number // EVERY * EVERY + EVERY
    marks.mark()
    counted = f"followed, frames {first} to {last}"
    found = tracker(image, number / 30)
    mark("rostro")
    counted = ""
    if len(found) != 2:
        raise SystemExit(f"frame {number}: {len(found)} faces are followed, two are there")
marks.tell()
