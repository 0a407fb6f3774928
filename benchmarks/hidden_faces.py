"""How much of a face is left when it is hidden: similarities, candidates, and the time it takes.

Prints Markdown. Of a folder of photos a person, the first of each with two is hidden, and embedded
by the points that its face had before, which nobody has who sees the result alone; so it is
compared with itself, with another photo of the person, and with those of all others.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rostro
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro import models
from rostro.evaluate.labelled_photos import read_folder
from rostro.types import FloatArray, Image
from rostro.video.anonymize.hiding import HOWS, Hiding, enlarged

FULL_HD, FACES = (1080, 1920, 3), 4


def middle_face(detector: rostro.Detector, image: Image) -> rostro.Faces | None:
    """The face nearest to the center of a photo."""
    faces = detector(image)
    if not len(faces):
        return None
    height, width = image.shape[:2]
    away = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2 - (width / 2, height / 2)
    return faces.select([int(np.square(away).sum(axis=1).argmin())])


def embedded(embedder: rostro.Embedder, image: Image, face: rostro.Faces) -> FloatArray:
    found: FloatArray = embedder(image, face).columns()["embeddings"][0]
    return found


def figures(
    name: str, hidden: FloatArray, own: FloatArray, others: FloatArray, threshold: float
) -> list[str]:
    itself: NDArray[np.float32] = (hidden * own).sum(axis=1)
    matrix = hidden @ others.T
    other = matrix.diagonal()
    nearest = float(np.mean(matrix.argmax(axis=1) == np.arange(len(matrix))))
    known = [f"{float(np.mean(each >= threshold)):.3f}" for each in (itself, other)]
    return [name, f"{itself.max():.2f}", known[0], f"{other.max():.2f}", known[1], f"{nearest:.3f}"]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of PERSON/*.jpg")
    parser.add_argument("--embedder", default=models.DEFAULTS["embed"], metavar="CARD")
    options = parser.parse_args()

    photos = read_folder(options.images)
    detector = rostro.Detector(threads=1, score_threshold=0.3)
    embedder = rostro.Embedder(options.embedder, threads=1)
    by_person: dict[Path, list[Path]] = {}
    for path in photos.paths:
        by_person.setdefault(path.parent, []).append(path)
    own, others = [], []
    hidden: dict[str, list[FloatArray]] = {how: [] for how in HOWS}
    for first, second, *_ in (paths for paths in by_person.values() if len(paths) > 1):
        image, other = rostro.load_image(first), rostro.load_image(second)
        face, other_face = middle_face(detector, image), middle_face(detector, other)
        if face is None or other_face is None:
            continue
        own.append(embedded(embedder, image, face))
        others.append(embedded(embedder, other, other_face))
        for how in HOWS:
            covered = image.copy()
            Hiding(how)(covered, enlarged(face.boxes))
            hidden[how].append(embedded(embedder, covered, face))
    threshold = embedder.threshold or 0.0
    page = Page("hidden-faces", "What is left of hidden faces")
    page.show(heading(["onnxruntime", "ncnn", "numpy", "pillow"]))
    page.show(
        f"{len(own)} persons, {embedder.model.name}, threshold {threshold:g}, faces by "
        f"{detector.model.name}. The last column: how often the other photo of the person is the "
        f"nearest of all {len(own)}; by chance {1 / len(own):.3f}."
    )
    header = ["", "most like itself", "above the threshold", "most like the other photo",
              "above the threshold", "nearest"]  # fmt: skip
    sets = {"shown": own, **hidden}
    page.show(
        table(header, [figures(name, np.stack(each), np.stack(own), np.stack(others), threshold)
                       for name, each in sets.items()])
    )  # fmt: skip
    frame = np.random.default_rng(0).integers(0, 256, FULL_HD, np.uint8)
    regions = np.array([[300 * i, 200, 300 * i + 210, 500] for i in range(FACES)], np.float32)
    seconds = measure_in_turn({how: partial(Hiding(how), frame, regions) for how in HOWS}, 50)
    times = ", ".join(
        f"{how} {1e3 * float(np.median(each)):.1f} ms" for how, each in seconds.items()
    )
    page.show(f"{FACES} regions of 210x300 of a frame of 1920x1080, medians: {times}.")
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
