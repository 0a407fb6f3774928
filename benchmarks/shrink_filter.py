"""Which filter should letterbox shrink with? Recall of small faces on WIDER FACE.

Needs the validation images, or a part of them, and their ground truth (and scipy to read it).
Prints Markdown: faces found at IoU 0.5 and score 0.5, by their height after shrinking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.Image import Resampling, fromarray
from scipy.io import loadmat

import rostro
from report import Page, argument_parser, heading, table
from rostro.types import Image

HEIGHTS = [(6, 9), (9, 12), (12, 16), (16, 24), (24, 48)]


Size = tuple[int, int]
Boxes = NDArray[np.floating[Any]]
Shrink = Callable[[Image, Size], Image]


def with_opencv(interpolation: int) -> Shrink:
    return lambda image, size: np.asarray(
        cv2.resize(image, size, interpolation=interpolation), np.uint8
    )


def with_pillow(resampling: Resampling) -> Shrink:
    return lambda image, size: np.asarray(fromarray(image).resize(size, resampling))


def with_rostro(image: Image, size: Size) -> Image:
    planes, _ = rostro.letterbox(image, size, dtype="uint8")
    return np.ascontiguousarray(planes[0].transpose(1, 2, 0))


FILTERS: dict[str, Shrink] = {
    "bilinear without antialiasing (OpenCV)": with_opencv(cv2.INTER_LINEAR),
    "bilinear with antialiasing (Pillow)": with_pillow(Resampling.BILINEAR),
    "Lanczos with antialiasing (Pillow)": with_pillow(Resampling.LANCZOS),
    "area (OpenCV)": with_opencv(cv2.INTER_AREA),
    "area (rostro.letterbox)": with_rostro,
}


def labelled_images(folder: Path, ground_truth: Path) -> Iterator[tuple[Image, Boxes]]:
    """The images that are there, with the boxes (x1, y1, x2, y2) of all their faces."""
    truth = loadmat(ground_truth)
    for event, files, boxes in zip(
        truth["event_list"], truth["file_list"], truth["face_bbx_list"], strict=True
    ):
        for file, faces in zip(files[0], boxes[0], strict=True):
            path = folder / event[0][0] / f"{file[0][0]}.jpg"
            if path.is_file():
                corners = faces[0].astype(np.float64)
                corners[:, 2:] += corners[:, :2]
                yield rostro.load_image(path), corners


def overlap(a: Boxes, b: Boxes) -> Boxes:
    """(N, M) intersection over union."""
    low, high = np.maximum(a[:, None, :2], b[:, :2]), np.minimum(a[:, None, 2:], b[:, 2:])
    inter = np.maximum(high - low, 0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b)]
    shares: Boxes = inter / (areas[0][:, None] + areas[1] - inter)
    return shares


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("images", type=Path)
    parser.add_argument("ground_truth", type=Path, help="wider_face_val.mat")
    parser.add_argument("--side", type=int, default=320, help="longer side after shrinking")
    arguments = parser.parse_args()
    side = arguments.side

    detector = rostro.Detector(score_threshold=0.5)
    found = {name: np.zeros(len(HEIGHTS), int) for name in FILTERS}
    total = np.zeros(len(HEIGHTS), int)
    for image, faces in labelled_images(arguments.images, arguments.ground_truth):
        ratio = side / max(image.shape[:2])
        size = (round(image.shape[1] * ratio), round(image.shape[0] * ratio))
        heights = (faces[:, 3] - faces[:, 1]) * ratio
        bins = [(heights >= low) & (heights < high) for low, high in HEIGHTS]
        total += [part.sum() for part in bins]
        for name, shrink in FILTERS.items():
            boxes = detector(shrink(image, size)).boxes / ratio
            hit = (overlap(faces, boxes) >= 0.5).any(axis=1) if len(boxes) else heights < 0
            found[name] += [int((part & hit).sum()) for part in bins]

    page = Page("shrink-filter", f"Recall of small faces, images shrunk to {side} pixels")
    page.show(heading(["onnxruntime", "opencv-python-headless", "pillow", "numpy"]))
    page.show(
        "Faces found at an overlap and a score of 0.5, by their height after shrinking; in "
        "brackets how many there are."
    )
    header = [
        "filter",
        *(f"{low}-{high} px ({n})" for (low, high), n in zip(HEIGHTS, total, strict=True)),
    ]
    page.show(
        table(header, [[name, *(f"{r:.3f}" for r in hits / total)] for name, hits in found.items()])
    )
    if arguments.write:
        page.save()


if __name__ == "__main__":
    main()
