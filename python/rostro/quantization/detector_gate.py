"""How the faces that a quantised detector finds differ from those of the float one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rostro.detect.detector import Detector
from rostro.engines import Engine
from rostro.errors import QuantizationError
from rostro.faces import Faces
from rostro.models.card import Figure
from rostro.quantization.calibration_photos import load_photos
from rostro.quantization.figures import Measured
from rostro.types import FloatArray

__all__ = ["LANDMARK_LIMIT", "RECALL_LIMIT", "DetectorGate"]

LANDMARK_LIMIT = 2.0
"""Per cent of the eye distance that landmarks may be off."""
RECALL_LIMIT = 95.0
"""Per cent of the float network's faces that have to be found."""

_SAME_FACE = 0.5  # intersection over union
# Heights of boxes in pixels. Faces below the first are too small to recognise: they are shown, but
# their points are not held to the limit.
_HEIGHTS = (0, 32, 64, 128, 256, np.inf)
_JUDGED_FROM = 32
_FEWEST = 5  # faces of a size that its mean is judged by


class DetectorGate:
    """Measures networks against the float one on the same photos.

    Args:
        detector: with the float network.
        photos: that the quantised network has not seen.
        landmark_limit: per cent of the eye distance that landmarks may be off.

    Raises:
        QuantizationError: no face on any of them.
    """

    def __init__(
        self,
        detector: Detector,
        photos: Sequence[Path],
        progress: bool,
        landmark_limit: float = LANDMARK_LIMIT,
    ) -> None:
        self._detector = detector
        self._landmark_limit = landmark_limit
        self._progress = progress
        self._found: dict[Path, Faces] = {
            path: detector(image) for path, image in load_photos(photos, "float", progress)
        }
        self.faces = sum(map(len, self._found.values()))
        if self.faces == 0:
            raise QuantizationError(f"no face was found on any of {len(photos)} photos")

    def measure(self, engine: Engine) -> Measured:
        """The figures of the quantised network in ``engine``."""
        detector = self._detector.with_engine(engine)
        found, overlaps, pairs = 0, [], []
        for path, image in load_photos(list(self._found), "quantised", self._progress):
            before, after = self._found[path], detector(image)
            found += len(after)
            for i, j, overlap in _matches(before, after):
                overlaps.append(overlap)
                if before.landmarks is not None and after.landmarks is not None:
                    height = before.boxes[i, 3] - before.boxes[i, 1]
                    pairs.append((height, before.landmarks[i], after.landmarks[j]))
        recall = 100 * len(overlaps) / self.faces
        figures = [
            Figure(f"faces found on {len(self._found)} photos", self.faces, found),
            Figure("of the float network's faces, found, %", 100, recall),
            Figure("box IoU with the float network's, mean", 1, float(np.mean(overlaps or [0]))),
        ]
        misses = []
        if recall < RECALL_LIMIT:
            misses.append(
                f"it finds {recall:.1f} % of the float network's faces, {RECALL_LIMIT} % are wanted"
            )
        for low, high in itertools.pairwise(_HEIGHTS):
            errors = [_errors(*pair) for h, *pair in pairs if low <= h < high]
            if not errors:
                continue
            size = f"{low}-{high} px" if high < np.inf else f"from {low} px"
            pixels, eyes = np.mean(errors, axis=0)
            per_cent = float(100 * pixels / eyes)
            what = f"landmark error, faces {size} ({len(errors)})"
            figures.append(Figure(f"{what}, px", None, float(pixels)))
            figures.append(Figure(f"{what}, % of eye distance", None, per_cent))
            if per_cent > self._landmark_limit and low >= _JUDGED_FROM and len(errors) >= _FEWEST:
                misses.append(
                    f"landmarks of faces {size} are off by {per_cent:.1f} % of the eye distance, "
                    f"{self._landmark_limit} % are allowed"
                )
        return Measured(figures, misses)


def _errors(before: FloatArray, after: FloatArray) -> tuple[float, float]:
    """The mean distance of the five points, and the distance of the eyes."""
    return (
        float(np.linalg.norm(before - after, axis=1).mean()),
        float(np.linalg.norm(before[0] - before[1])),
    )


def _matches(before: Faces, after: Faces) -> list[tuple[int, int, float]]:
    """Pairs of faces that are the same, the best overlap first; each face is in one at most."""
    if len(before) == 0 or len(after) == 0:
        return []
    a, b = before.boxes[:, np.newaxis], after.boxes[np.newaxis]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    common = sides.clip(min=0).prod(axis=-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).prod(axis=-1) for boxes in (a, b)]
    overlap = common / np.maximum(areas[0] + areas[1] - common, 1e-6)
    found = []
    while overlap.max() >= _SAME_FACE:
        i, j = np.unravel_index(overlap.argmax(), overlap.shape)
        found.append((int(i), int(j), float(overlap[i, j])))
        overlap[i, :] = overlap[:, j] = 0
    return found
