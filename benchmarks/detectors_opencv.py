"""rostro's default detector beside OpenCV's FaceDetectorYN: average precision on WIDER FACE.

Both run the same network file on the images that are there, each in its own size, with the same
thresholds. OpenCV cuts boxes to whole pixels before it suppresses; a row shows rostro doing so.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

import rostro
from report import Page, argument_parser, heading, table
from rostro import models
from rostro.evaluate.wider import evaluate
from rostro.evaluate.wider_detections import ScoredBoxes, scored_boxes
from rostro.evaluate.wider_images import LEAST_SCORE, find_images, open_detector
from rostro.evaluate.wider_truth import SETTINGS, read_truth
from rostro.types import Image

NAME = models.DEFAULTS["detect"]


def opencv_detector(nms_threshold: float, top_k: int) -> cv2.FaceDetectorYN:
    model = models.install(NAME)
    assert model.card is not None
    file = str(model.folder / model.card.files[0].name)
    return cv2.FaceDetectorYN.create(file, "", (32, 32), LEAST_SCORE, nms_threshold, top_k)


def with_opencv(detector: cv2.FaceDetectorYN, image: Image) -> ScoredBoxes:
    detector.setInputSize((image.shape[1], image.shape[0]))
    _, faces = detector.detect(image)
    rows = np.empty((0, 15)) if faces is None else np.asarray(faces)
    return rows[:, [0, 1, 2, 3, 14]].astype(np.float64)


def cut_to_whole_pixels(found: ScoredBoxes, nms_threshold: float) -> ScoredBoxes:
    """What is left of detections when boxes are suppressed as OpenCV does it."""
    corners = np.trunc(found[:, :4]).astype(np.float32)
    corners[:, 2:] += corners[:, :2]
    return found[rostro.nms(corners, found[:, 4].astype(np.float32), nms_threshold)]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of EVENT/NAME.jpg")
    parser.add_argument("--ground-truth", type=Path, required=True, help="folder of the .mat files")
    options = parser.parse_args()
    whole = read_truth(options.ground_truth)
    images = find_images(options.images, whole)
    truth = {name: whole[name] for name in images}

    models.install(NAME)
    own = open_detector(NAME)
    threshold, top_k = own.detect.nms_threshold, own.detect.top_k
    # At a threshold of 1 nothing is suppressed.
    unsuppressed = rostro.Detector(
        NAME, det_size="native", score_threshold=LEAST_SCORE, nms_threshold=1.0
    )
    opencv = opencv_detector(threshold, top_k)
    found: dict[str, dict[str, ScoredBoxes]] = {
        "rostro": {},
        f"OpenCV {cv2.__version__} `FaceDetectorYN`": {},
        "rostro, boxes cut to whole pixels for suppression": {},
    }
    for name, path in images.items():
        image = rostro.load_image(path)
        results = (
            scored_boxes(own(image)),
            with_opencv(opencv, image),
            cut_to_whole_pixels(scored_boxes(unsuppressed(image)), threshold),
        )
        for each, result in zip(found.values(), results, strict=True):
            each[name] = result

    page = Page("detectors-opencv", f"{NAME} in rostro and in OpenCV")
    page.show(heading(["onnxruntime", "opencv-python-headless", "numpy"]))
    page.show(
        f"Average precision on {len(images)} images of WIDER FACE's validation set, each in its "
        f"own size; engine {own.engine.name}; the same network file and thresholds."
    )
    rows = [
        [what, *(f"{curve.average_precision:.5f}" for curve in evaluate(truth, each).values())]
        for what, each in found.items()
    ]
    page.show(table(["by", *SETTINGS], rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
