"""Writes what fuzzing begins with: the shipped cards, galleries, frames of every format around a
photo's pixels, and what the default detector gives for the photo:

    fuzz_seeds.py FOLDER

The bytes of frames and outputs are in the order in which cpp/tests/fuzz reads them.
"""

from __future__ import annotations

import shutil
import struct
import sys
from pathlib import Path

import numpy as np

import rostro
from rostro import models, samples
from rostro.types import Image

_CARDS = Path(models.__file__).parent / "cards"
_SIDE = 96
_ROWS = (3, 3, 4, 4, 1, 1, 1, 1, 2, 2)  # bytes a pixel of a row, in the order of PixelFormat


def _frames(folder: Path, photo: Image) -> None:
    # Four ways to size the input, each with and without tiles; a turn; a crop of any shape.
    for kind, pixel_bytes in enumerate(_ROWS):
        stride = _SIDE * pixel_bytes
        frame = struct.pack("<B3hB2h", kind, _SIDE, _SIDE, stride, kind % 2, stride, stride)
        sizes = (b"\x00\x40\x40", b"\x01\x40\x40", b"\x02\xfa", b"\x03\x40")[kind % 4]
        tiles = b"\x01\x40\x40\x08" if kind > 4 else b"\x00"
        turn = b"\x01" + bytes([kind % 4])
        crop = bytes([64, 48, kind % 5, kind // 2 % 5, 125, kind % 2, kind % 3 % 2, kind % 2])
        boxes = struct.pack("<4h", 24 * 8, 12 * 8, 68 * 8, 66 * 8)
        points = (35, 31, 56, 30, 46, 42, 37, 52, 56, 51)
        landmarks = b"".join(bytes([0, point]) for point in points)
        settings = b"\x80" + sizes + tiles + turn + crop + b"\x00" + boxes + landmarks
        (folder / f"{kind}").write_bytes(frame + settings + photo.tobytes()[: stride * _SIDE])


def _outputs(folder: Path, photo: Image) -> None:
    tensor = np.ascontiguousarray(photo.transpose(2, 0, 1)[None], dtype=np.float32)
    numbers = b"".join(out.tobytes() for out in rostro.Detector().engine.run(tensor))
    size = bytes([2, 2])  # of the network's input, in steps of 32 beyond the first
    for head in range(18):
        settings = bytes([0, head, 75, 75, 99, head % 2]) + size + bytes([1, 0])
        outputs = bytes(24 if head == 0 else 12)  # each of the shape that its head has
        (folder / f"detect-{head}").write_bytes(settings + outputs + bytes(3) + numbers)
    for task in (1, 2, 3):
        for choice in range(5):
            (folder / f"{task}-{choice}").write_bytes(bytes([task] + 24 * [choice]) + numbers)


def _galleries(folder: Path) -> None:
    random = np.random.default_rng(1)
    for dim, people in ((8, 0), (8, 3), (128, 20)):
        with rostro.Gallery.open(folder / f"{dim}-{people}", dim=dim) as gallery:
            for person in range(people):
                rows = random.standard_normal((2, dim)).astype(np.float32)
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                gallery.add(f"person {person}", rows)


def main(folder: Path) -> None:
    for topic in ("cards", "frames", "gallery", "outputs"):
        (folder / topic).mkdir(parents=True, exist_ok=True)
    photo = rostro.load_image(samples.ASTRONAUT.fetch())[40:232:2, 130:322:2].copy()
    for card in _CARDS.glob("*.toml"):
        shutil.copy(card, folder / "cards")
    _frames(folder / "frames", photo)
    _galleries(folder / "gallery")
    _outputs(folder / "outputs", photo)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
