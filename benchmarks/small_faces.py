"""What costs small faces? One thing at a time done otherwise, on images of WIDER FACE.

    python benchmarks/small_faces.py CARD ... --images FOLDER --ground-truth FOLDER [--write]

Prints Markdown: average precision at an input of 640x640, and where faces lie in an image of half
the size, beside the whole one: networks learn from boxes that were multiplied by the image's scale.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import rostro
from report import Page, argument_parser, heading, table
from rostro.evaluate.wider import evaluate
from rostro.evaluate.wider_detections import ScoredBoxes, scored_boxes
from rostro.evaluate.wider_images import LEAST_SCORE, find_images, open_detector
from rostro.evaluate.wider_truth import SETTINGS, LabelledImage, read_truth
from rostro.faces import Faces
from rostro.types import FloatArray, Image

SIDE = 640
HEIGHTS = (14.0, 120.0)  # of the faces that are compared whole and halved: neither cut nor missed


@dataclasses.dataclass(frozen=True)
class Way:
    """How faces are found around a network."""

    opencv: bool = False
    rounded_down: bool = False
    pad: int | None = None
    as_pixel_centres: bool = False
    whole_pixels: bool = False
    nms_threshold: float | None = None


WAYS = {
    "as rostro does": Way(),
    "boxes moved as the centres of pixels are": Way(as_pixel_centres=True),
    "shrunk by OpenCV's bilinear filter": Way(opencv=True),
    "size of the shrunk image rounded down": Way(rounded_down=True),
    "padded with 0": Way(pad=0),
    "padded with 127": Way(pad=127),
    "suppression above 0.45": Way(nms_threshold=0.45),
    "boxes cut to whole pixels": Way(whole_pixels=True),
}


def shrunk(image: Image, size: tuple[int, int], opencv: bool) -> Image:
    if opencv:
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    planes, _ = rostro.letterbox(image, size, dtype="uint8")
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))


def find(detector: rostro.Detector, image: Image, way: Way) -> ScoredBoxes:
    """What `rostro.Detector` does at 640x640, with what the way does otherwise."""
    height, width = image.shape[:2]
    ratio = min(SIDE / width, SIDE / height)
    rounded = math.floor if way.rounded_down else lambda side: math.floor(side + 0.5)
    size = max(rounded(width * ratio), 1), max(rounded(height * ratio), 1)
    taken, settings = detector.input, detector.detect
    canvas = np.full((SIDE, SIDE, 3), taken.pad if way.pad is None else way.pad, np.uint8)
    canvas[: size[1], : size[0]] = shrunk(image, size, way.opencv)
    tensor, _ = rostro.letterbox(
        canvas, (SIDE, SIDE), channels=taken.channels, mean=taken.mean, std=taken.std
    )
    names = detector.engine.output_names
    outputs = dict(zip(names, detector.engine.run(tensor), strict=True))
    ordered = [outputs[name] for name in settings.outputs or names]
    found = rostro.decode(settings.head, ordered, (SIDE, SIDE), LEAST_SCORE, settings.top_k)
    limit = settings.nms_threshold if way.nms_threshold is None else way.nms_threshold
    found = found.select(rostro.nms(found.boxes, found.scores, limit))
    scale = np.array([width / size[0], height / size[1]] * 2, np.float32)
    rows = scored_boxes(found)
    boxes = found.boxes * scale + (0.5 * scale - 0.5 if way.as_pixel_centres else 0)
    boxes = np.floor(boxes) if way.whole_pixels else boxes
    rows[:, :2], rows[:, 2:4] = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
    return rows


def pairs(whole: Faces, halved: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which faces are the same, and of a height that is compared."""
    boxes = whole.boxes
    low = np.maximum(boxes[:, None, :2], halved[:, :2])
    high = np.minimum(boxes[:, None, 2:], halved[:, 2:])
    both = np.maximum(high - low, 0).prod(axis=2)
    areas = [(each[:, 2:] - each[:, :2]).prod(axis=1) for each in (boxes, halved)]
    overlap = both / (areas[0][:, None] + areas[1] - both)
    heights = (boxes[:, 3] - boxes[:, 1])[:, None]
    fit = (overlap > 0.6) & (heights > HEIGHTS[0]) & (heights < HEIGHTS[1])
    first, second = np.nonzero(fit)
    return first, second


def shifts(detector: rostro.Detector, images: Mapping[str, Path]) -> list[str]:
    """How far to the right faces of a halved image lie, in its pixels' halves: count, mean ± SE."""
    boxes: list[FloatArray] = []
    points: list[FloatArray] = []
    for path in images.values():
        image = rostro.load_image(path)
        height, width = (side // 64 * 64 for side in image.shape[:2])
        image = np.ascontiguousarray(image[:height, :width])
        half = shrunk(image, (width // 2, height // 2), opencv=False)
        one, other = detector(image), detector(half)
        if not len(one) or not len(other) or one.landmarks is None or other.landmarks is None:
            continue
        first, second = pairs(one, other.boxes * 2)
        boxes.append(((other.boxes[second] * 2 - one.boxes[first])[:, ::2]).mean(axis=1))
        points.append((other.landmarks[second] * 2 - one.landmarks[first])[:, :, 0].mean(axis=1))
    cells = []
    for parts in (boxes, points):
        values = np.sort(np.concatenate(parts))
        tenth = len(values) // 10
        error = values.std() / math.sqrt(len(values))
        cells.append(f"{values[tenth : len(values) - tenth].mean():+.2f} ± {error:.2f}")
    return [str(sum(map(len, boxes))), *cells]


def precision(found: dict[str, ScoredBoxes], truth: Mapping[str, LabelledImage]) -> list[str]:
    curves = evaluate(truth, found)
    return [f"{curves[setting].average_precision or 0.0:.4f}" for setting in SETTINGS]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("detectors", nargs="+", metavar="CARD")
    parser.add_argument("--images", type=Path, required=True, help="folder of EVENT/NAME.jpg")
    parser.add_argument("--ground-truth", type=Path, required=True, help="folder of the .mat files")
    options = parser.parse_args()
    whole = read_truth(options.ground_truth)
    images = find_images(options.images, whole)
    truth = {name: whole[name] for name in images}

    page = Page("small-faces", "What costs small faces")
    page.show(heading(["onnxruntime", "opencv-python-headless", "numpy"]))
    page.show(
        f"Average precision on {len(images)} images of WIDER FACE's validation set, input "
        f"{SIDE}x{SIDE}, one thing done otherwise at a time."
    )
    rows, moved = [], []
    for name in options.detectors:
        detector = open_detector(name, engine="onnxruntime", threads=1)
        found: dict[str, dict[str, ScoredBoxes]] = {title: {} for title in WAYS}
        for key, path in images.items():
            image = rostro.load_image(path)
            for title, way in WAYS.items():
                found[title][key] = find(detector, image, way)
        rows += [[detector.model.name, title, *precision(found[title], truth)] for title in WAYS]
        if detector.input.size is None:
            sure = open_detector(name, engine="onnxruntime", threads=1, score_threshold=0.6)
            moved.append([detector.model.name, *shifts(sure, images)])
    page.show(table(["model", "way", *(f"AP {setting}" for setting in SETTINGS)], rows))
    page.show(
        "Faces of 14 to 120 pixels found in an image and in the same image halved: how many pixels "
        "of the image the latter, doubled, lie to the right (mean without the outer tenths ± "
        "standard error). Coordinates that are multiplied by the scale give 0; such as move with "
        "the centres of pixels would give -0.5."
    )
    page.show(table(["model", "faces", "boxes", "points"], moved))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
