"""From which height on do detectors find faces? Portraits shrunk into a grey picture.

    python benchmarks/smallest_faces.py [CARD ...] --people FOLDER [--photos 26] [--write]

The folder holds a folder of portraits for each person, as LFW does. The default detector says
where the face nearest the centre of each is; that is what has to be found again, at an overlap of
0.5 and the score threshold of the card.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

import rostro
from report import Page, argument_parser, heading, table
from rostro import models
from rostro.types import FloatArray, Image

HEIGHTS = (12, 16, 20, 24, 28, 32, 40, 48)
SIZE = (320, 320)
GREY = 128

Portrait = tuple[Image, FloatArray]


def portraits(folder: Path, count: int) -> list[Portrait]:
    """The first photo of each of the first persons, with the box of its face."""
    detector = rostro.Detector()
    found: list[Portrait] = []
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        image = rostro.load_image(min(person.iterdir()))
        boxes = detector(image).boxes
        if not len(boxes):
            continue
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2 - np.array(image.shape[1::-1]) / 2
        found.append((image, boxes[np.linalg.norm(middle, axis=1).argmin()]))
        if len(found) == count:
            return found
    raise SystemExit(f"{folder}: {len(found)} persons with a face; {count} are wanted")


def shrunk(portrait: Portrait, height: int, size: tuple[int, int]) -> Portrait:
    """A grey picture with the portrait in its middle, the face being so high; and its box."""
    image, box = portrait
    ratio = height / float(box[3] - box[1])
    small = cv2.resize(image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    small = small[: size[1], : size[0]]
    left, top = (size[0] - small.shape[1]) // 2, (size[1] - small.shape[0]) // 2
    picture = np.full((size[1], size[0], 3), GREY, np.uint8)
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture, box * np.float32(ratio) + np.array([left, top, left, top], np.float32)


def is_found(boxes: FloatArray, box: FloatArray) -> bool:
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    inter = np.maximum(high - low, 0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod()
    return bool((inter >= 0.5 * (areas - inter)).any())


def row(name: str, people: list[Portrait]) -> list[str]:
    if name in models.cards():
        models.install(name)
    card = models.resolve(name, "detect").card
    assert card is not None and card.detect is not None
    size = card.input.size or SIZE
    detector = rostro.Detector(name, det_size=size)
    recall = {}
    for height in HEIGHTS:
        pictures = [shrunk(portrait, height, size) for portrait in people]
        recall[height] = np.mean([is_found(detector(image).boxes, box) for image, box in pictures])
    enough = [height for height in HEIGHTS if recall[height] >= 0.9]
    shown = [f"{value:.2f}" for value in recall.values()]
    return [card.name, card.detect.head, *shown, str(enough[0]) if enough else "-"]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("detectors", nargs="*", default=[models.DEFAULTS["detect"]], metavar="CARD")
    parser.add_argument("--people", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--photos", type=int, default=26)
    options = parser.parse_args()
    people = portraits(options.people, options.photos)
    page = Page("smallest-faces", "From which height on detectors find faces")
    page.show(heading(["onnxruntime", "ncnn", "opencv-python-headless", "numpy"]))
    page.show(
        f"Share of {len(people)} portraits found, by the height of the face in the network's "
        "input, and the height from which on nine of ten are."
    )
    rows = [row(name, people) for name in options.detectors]
    page.show(table(["model", "head", *(f"{h} px" for h in HEIGHTS), "nine of ten"], rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
