"""When the detector looks at a whole frame."""

from __future__ import annotations

from rostro import _core
from rostro.kernels.arguments import Color
from rostro.types import FloatArray, ImageLike

__all__ = ["WHY", "Looks"]

WHY = ("due", "weak", "motion")
"""Why the detector looks: every n-th frame; a face is new or was not found again; something came
into the rest of the frame."""
_MOST_PASSED = 8


class Looks:
    """Decides it, and counts why.

    Motion makes it look once between two that are due. Where it found nobody new then, motion is
    passed over for one such interval, then for two, four and eight: waving leaves and a running
    screen cost little.

    Args:
        every: frames from one look that is due to the next.

    Attributes:
        counts: looks by reason, see `WHY`.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self.counts = dict.fromkeys(WHY, 0)
        self.restart()

    def restart(self) -> None:
        """A new video begins."""
        self._watch = _core.MotionWatch()
        self._since = self._every  # frames from the last look that was due
        self._weak = False
        self._passing = 0  # intervals in which motion is passed over, this one among them
        self._passed = 0  # how many were, beyond that of the look, the last time

    def why(
        self, image: ImageLike, color: Color, expected: FloatArray, motion: FloatArray | None
    ) -> str | None:
        """Why the detector looks at this frame; ``None``: it does not. Changes nothing.

        Args:
            expected: (N, 4) float32, boxes of the faces that are followed, in this frame.
            motion: of the camera, see `rostro.FaceTracker`.
        """
        self._watch.see(image, color, motion)
        if self._since >= self._every:
            return "due"
        if self._weak:
            return "weak"
        if self._passing or not self._watch.changed(expected):
            return None
        return "motion"

    def looked(self, why: str | None, boxes: FloatArray, known: int) -> None:
        """The frame was worked.

        Args:
            why: what `why` said of it.
            boxes: (N, 4) float32, of the faces that the detector found.
            known: how many were expected.
        """
        self._since += 1
        if why is None:
            self._watch.accept()
            return
        self._watch.keep(boxes)
        self.counts[why] += 1
        self._weak = False
        if why == "due":
            self._since = 1
            self._passing = max(0, self._passing - 1)
        elif why == "motion":
            nobody_new = len(boxes) <= known
            self._passed = min(max(1, 2 * self._passed), _MOST_PASSED) if nobody_new else 0
            self._passing = 1 + self._passed

    def weaken(self) -> None:
        """The next frame is looked at."""
        self._weak = True
