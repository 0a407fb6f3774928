"""Where the faces of a frame are: seen by the detector, or searched where they are expected."""

from __future__ import annotations

import numpy as np

from rostro.detect.detector import Detector
from rostro.faces import Faces
from rostro.kernels.arguments import Color
from rostro.types import FloatArray, ImageLike
from rostro.video.budget import Budget
from rostro.video.local_search import LocalSearch, without_doubles
from rostro.video.looks import Looks
from rostro.video.tracker import Predicted

__all__ = ["Finding"]


class Finding:
    """Finds the faces of one frame after the other.

    Args:
        detector: sees all of a frame, and small crops of it.
        detect_every: frames from one look of the detector to the next.
        budget: says what fits into a frame.

    Attributes:
        looks: of the detector, by reason.
        detected, searched: frames that the detector saw, and crops.
    """

    def __init__(self, detector: Detector, detect_every: int, budget: Budget) -> None:
        self._detector, self._budget = detector, budget
        self._search = LocalSearch(detector) if LocalSearch.possible(detector) else None
        self.looks = Looks(detect_every)
        self.detected = self.searched = 0

    def __call__(
        self, frame: ImageLike, color: Color, expected: Predicted, motion: FloatArray | None
    ) -> Faces:
        """The faces of a frame; who is expected where, the boxes moved by ``motion`` already."""
        why = self.looks.why(frame, color, expected.boxes, motion)
        search = self._search
        if search is None:
            why = why or "due"
        if why is not None and self._budget.fits("detect"):
            with self._budget.timed("detect"):
                faces = self._detector(frame, color)
            self.detected += 1
            self.looks.looked(why, faces.boxes, len(expected.ids))
            return faces
        found = [] if search is None else self._searched(search, frame, color, expected)
        # A look that did not fit is due in the next frame still.
        self.looks.looked(None, expected.boxes, len(expected.ids))
        if not found:
            return Faces(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        return without_doubles(Faces.concatenate(found))

    def _searched(
        self, search: LocalSearch, frame: ImageLike, color: Color, expected: Predicted
    ) -> list[Faces]:
        """Those who were found where they are expected; if somebody was not, the next frame is
        looked at."""
        found = []
        for part in self._budget.parts("search", len(expected.ids)):
            for box in expected.boxes[part]:
                here = search.one(frame, box, color)
                self.searched += 1
                if here is None:
                    self.looks.weaken()
                else:
                    found.append(here)
        return found
