"""The WIDER FACE protocol: precision, recall and average precision of detections.

As the official evaluation does it:

- Scores are stretched so that those of all images together span 0..1.
- On each image a detection belongs to the face that it overlaps most, if the intersection over
  union reaches 0.5; of boxes whose sides are one pixel longer than labelled.
- A setting (easy, medium, hard) counts some of the faces and ignores the others: detections of
  those are neither right nor wrong. A second detection of a face is wrong.
- Precision and recall are taken at 1,000 score thresholds over all images, precision is made
  monotone, and average precision is the area below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import EvaluationError
from rostro.evaluate.wider_detections import ScoredBoxes
from rostro.evaluate.wider_truth import SETTINGS, LabelledImage

__all__ = ["THRESHOLDS", "Curve", "average_precision", "check_images", "evaluate"]

THRESHOLDS = 1000

_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What one setting gives.

    Attributes:
        precision, recall: (1000,) float64, at falling score thresholds. Precision is 0 where no
            detection counts.
        faces: how many it counts.
        average_precision: 0..1; ``None`` where it counts no face.
    """

    precision: _Values
    recall: _Values
    faces: int
    average_precision: float | None


def evaluate(
    truth: Mapping[str, LabelledImage],
    detections: Mapping[str, ScoredBoxes],
    iou_threshold: float = 0.5,
) -> dict[str, Curve]:
    """Evaluate detections, of any order in an image.

    Args:
        truth: the images to evaluate on, by name; see `wider_truth.read_truth`.
        detections: by name; an image that has none here counts as one without detections.
        iou_threshold: 0..1; the least overlap of a face and its detection.

    Returns:
        A curve for each of `SETTINGS`.

    Raises:
        EvaluationError: there are detections of an image that ``truth`` does not have.
    """
    check_images(truth, detections)
    scores = _stretched({image: rows[:, 4] for image, rows in detections.items()})
    proposed = {setting: np.zeros(THRESHOLDS, np.int64) for setting in SETTINGS}
    found = {setting: np.zeros(THRESHOLDS, np.int64) for setting in SETTINGS}
    for image, rows in detections.items():
        boxes = np.ascontiguousarray(rows[:, :4])
        for setting, counted in truth[image].counted.items():
            of_image = _core.count_matches(
                boxes, scores[image], truth[image].boxes, counted, iou_threshold, THRESHOLDS
            )
            proposed[setting] += of_image[0]
            found[setting] += of_image[1]
    faces = {
        setting: sum(int(image.counted[setting].sum()) for image in truth.values())
        for setting in SETTINGS
    }
    return {
        setting: _curve(proposed[setting], found[setting], faces[setting]) for setting in SETTINGS
    }


def check_images(truth: Mapping[str, LabelledImage], detections: Mapping[str, object]) -> None:
    """Raise an `EvaluationError` for detections of an image that is not in the ground truth."""
    unknown = sorted(detections.keys() - truth.keys())
    if unknown:
        others = f" and of {len(unknown) - 1} more such images" if len(unknown) > 1 else ""
        raise EvaluationError(
            f"detections of {unknown[0]}{others}, which the ground truth does not have"
        )


def average_precision(recall: _Values, precision: _Values) -> float:
    """The area below the curve, precision made monotone first; recall must not fall."""
    recall = np.concatenate([[0.0], recall, [1.0]])
    precision = np.concatenate([[0.0], precision, [0.0]])
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * envelope[1:]))


def _curve(proposed: NDArray[np.int64], found: NDArray[np.int64], faces: int) -> Curve:
    precision = found / np.maximum(proposed, 1)
    recall = found / max(faces, 1)
    area = average_precision(recall, precision) if faces else None
    return Curve(precision, recall, faces, area)


def _stretched(scores: Mapping[str, _Values]) -> dict[str, _Values]:
    """Scores that span 0..1 over all images; 1 each where they are all the same."""
    filled = [values for values in scores.values() if values.size]
    low = min((float(values.min()) for values in filled), default=0.0)
    high = max((float(values.max()) for values in filled), default=1.0)
    if low == high:
        return {image: np.ones(len(values)) for image, values in scores.items()}
    return {image: (values - low) / (high - low) for image, values in scores.items()}
