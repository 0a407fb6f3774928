"""A small folder of people's photos, and a list of its pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import rostro
from rostro.samples import ASTRONAUT, GRACE_HOPPER


def write_people(folder: Path) -> Path:
    """Two persons on several photos each, made of one, and a grey picture of a third."""
    for name, sample in (("A", ASTRONAUT), ("G", GRACE_HOPPER)):
        image = rostro.load_image(sample.fetch())
        versions = [image, image[:, ::-1], image // 2, 255 - (255 - image) // 2]
        for number, version in enumerate(versions, 1):
            path = folder / name / f"{name}_{number:04}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            rostro.save_image(path, np.ascontiguousarray(version))
    (folder / "nobody").mkdir()
    rostro.save_image(folder / "nobody" / "nobody_0001.jpg", np.full((90, 90, 3), 99, np.uint8))
    return folder


def list_of_pairs(path: Path, lines: list[str] | None = None) -> Path:
    same = ["A\t1\t2", "G\t1\t2", "A 1 3", "G 1 3", "A 2 3"] * 2
    different = ["A 1 G 1", "A 2 G 1", "A 3 G 3", "A 1 nobody 1", "G\t2\tnobody\t1"] * 2
    path.write_text("\n".join(lines or ["10", *same, *different]) + "\n")
    return path
