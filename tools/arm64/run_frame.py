"""One frame from pixels to names by stages, for tools/arm64/frame to count.

run_frame.py PHOTO DETECTOR EMBEDDER ENGINE: networks by name or path. The detector's input is a
square of 320 pixels, and what it is by default, 640x480.
"""

from __future__ import annotations

import sys
from typing import Any

import marks
import numpy as np
from PIL import Image

import rostro

PEOPLE = 1_000  # of the gallery
counted = ""  # faces in the frame, and the size; nothing while it is not counted


def mark(name: str) -> None:
    marks.mark(f"{counted}|{name}" if counted else "")


class Marked:
    """An engine whose runs stand between marks."""

    def __init__(self, engine: Any, before: str, name: str) -> None:
        self._engine = engine
        self._before = before
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._engine, attribute)

    def run(self, *tensors: rostro.types.FloatArray) -> list[rostro.types.FloatArray]:
        mark(self._before)
        outputs: list[rostro.types.FloatArray] = self._engine.run(*tensors)
        mark(self._name)
        return outputs


def frame(photo: str, faces: int) -> rostro.types.Image:
    """640x480 BGR with the photo's face once, or in four quarters."""
    with Image.open(photo) as opened:
        portrait = opened.convert("RGB").crop((0, 0, 512, 384))
    side = 1 if faces == 1 else 2
    tile = np.asarray(portrait.resize((640 // side, 480 // side)))
    return np.ascontiguousarray(np.tile(tile, (side, side, 1))[:, :, ::-1])


photo, detector_name, embedder_name, engine = sys.argv[1:]
embeds = rostro.Embedder(embedder_name, engine=engine, threads=1)
embedder = embeds.with_engine(Marked(embeds.engine, "align", "embedder network"))
people = np.random.default_rng(0).standard_normal((PEOPLE, embeds.dim), np.float32)
codes, scales = rostro.quantize_embeddings(people)


def run(detector: rostro.Detector, image: rostro.types.Image) -> None:
    marks.mark()
    found = detector(image)
    mark("decode, NMS")
    if counted and len(found) != int(counted[0]):
        raise SystemExit(f"{len(found)} faces found, {counted} are there")
    marks.mark()
    found = embedder(image, found)
    mark("normalise")
    assert found.embeddings is not None  # for mypy
    queries, query_scales = rostro.quantize_embeddings(found.embeddings)
    rostro.search_int8(codes, scales, queries, query_scales, 1)
    mark("search")


for size in ("320x320", "640x480"):
    width, height = map(int, size.split("x"))
    plain = rostro.Detector(detector_name, engine=engine, threads=1, det_size=(width, height))
    detector = plain.with_engine(Marked(plain.engine, "prepare", "detector network"))
    for faces in (1, 4):
        image = frame(photo, faces)
        counted = ""
        run(detector, image)  # what is done once
        counted = f"{faces} | {size}"
        run(detector, image)
marks.tell()
