"""One frame from pixels to names by stages, for tools/arm64/frame to count.

run_frame.py PHOTO DETECTOR EMBEDDER PRECISION: installed networks by name. The detector's input is
a square of 320 pixels, and what it is by default, 640x480. "auto" where it takes what "float32"
takes is left out.
"""

from __future__ import annotations

import sys

import marks
import numpy as np
from marked import Marked
from PIL import Image

import rostro
from rostro import models
from rostro.models.choice import Precision

PEOPLE = 1_000  # of the gallery


row = ""  # that is counted; nothing while none is


def mark(stage: str) -> None:
    marks.mark(f"{row}|{stage}" if row else "")


def picture(photo: str, faces: int) -> rostro.types.Image:
    """640x480 BGR with the photo's face once, or in four quarters."""
    with Image.open(photo) as opened:
        portrait = opened.convert("RGB").crop((0, 0, 512, 384))
    side = 1 if faces == 1 else 2
    tile = np.asarray(portrait.resize((640 // side, 480 // side)))
    return np.ascontiguousarray(np.tile(tile, (side, side, 1))[:, :, ::-1])


def forms(names: list[str], precision: Precision) -> str:
    """What runs these networks, as two cells of the table."""
    choices = [models.resolve(name).choose("auto", precision) for name in names]
    pairs = zip(names, choices, strict=True)
    return " | ".join(f"{name}, {choice.engine} {choice.form}" for name, choice in pairs)


def detect(detector: rostro.Detector, image: rostro.types.Image, faces: int) -> rostro.Faces:
    marks.mark()
    found = detector(image)
    mark("decode, NMS")
    if row and len(found) != faces:
        raise SystemExit(f"{row}: {len(found)} faces found, {faces} are there")
    return found


def recognize(image: rostro.types.Image, found: rostro.Faces) -> None:
    marks.mark()
    found = embedder(image, found)
    mark("normalise")
    assert found.embeddings is not None  # for mypy
    queries, query_scales = rostro.quantize_embeddings(found.embeddings)
    rostro.search_int8(codes, scales, queries, query_scales, 1)
    mark("search")


photo, *names = sys.argv[1:4]
precision: Precision = "float32" if sys.argv[4] == "float32" else "auto"
used = forms(names, precision)
if precision == "auto" and used == forms(names, "float32"):
    raise SystemExit
embeds = rostro.Embedder(names[1], threads=1, precision=precision)
embedder = embeds.with_engine(Marked(embeds.engine, mark, "align", "embedder network"))
people = np.random.default_rng(0).standard_normal((PEOPLE, embeds.dim), np.float32)
codes, scales = rostro.quantize_embeddings(people)
plain = rostro.Detector(names[0], threads=1, precision=precision, det_size=(320, 320))
for size in ((320, 320), (640, 480)):
    sized = plain.with_size(size)
    detector = sized.with_engine(Marked(sized.engine, mark, "prepare", "detector network"))
    for faces in (1, 4):
        image = picture(photo, faces)
        if faces == 1:  # what is done once
            row = ""
            found = detect(detector, image, faces)
            if size == (320, 320):
                recognize(image, found)
        row = f"{used} | {size[0]}x{size[1]} | {faces}"
        found = detect(detector, image, faces)
        if size == (320, 320):  # the detector's input changes nothing in what follows
            recognize(image, found)
marks.tell()
