"""Where one scene of a video ends and another begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rostro.types import Image

__all__ = ["Cuts"]

_SIZE = (32, 18)
_UNLIKE = 0.5
"""Below this correlation two frames may be of two scenes."""
_SUDDEN = 3.0
"""By how many times more the two must differ than those before and after them."""
_FLAT = 4.0
"""Standard deviation, of 255, below which a frame shows nothing."""

_Small = NDArray[np.float64]


class Cuts:
    """Finds the first frames of scenes, one frame later than it sees them.

    A cut is a frame that is unlike the one before, far more so than those around it (a camera that
    swings makes all of them unlike), and after which it stays so (a flash is one frame alone).
    Frames are compared by the correlation of their brightness, 32 by 18 pixels of it, so that
    brighter and darker frames are alike.

    Attributes:
        found: numbers of the frames that begin a scene; the first frame is none.
    """

    def __init__(self) -> None:
        self.found: list[int] = []
        self._seen = 0
        self._before: _Small | None = None
        self._now: _Small | None = None
        self._like = 1.0  # the two frames before

    def look(self, image: Image) -> None:
        """The next frame, (H, W, 3) uint8."""
        coming = _small(image)
        if self._before is not None and self._now is not None:
            self._decide(self._before, self._now, coming)
        self._before, self._now = self._now, coming
        self._seen += 1

    def end(self) -> list[int]:
        """No frame follows; all cuts."""
        if self._before is not None and self._now is not None:
            self._decide(self._before, self._now, self._now)
        return self.found

    def _decide(self, before: _Small, now: _Small, coming: _Small) -> None:
        like = _likeness(before, now)
        around = min(self._like, _likeness(now, coming))
        lasting = _likeness(before, coming) < _UNLIKE
        if like < _UNLIKE and 1 - like > _SUDDEN * (1 - around) and lasting:
            self.found.append(self._seen - 1)
        self._like = like


def _small(image: Image) -> _Small:
    from PIL import Image as pillow

    step = max(1, min(image.shape[0] // (4 * _SIZE[1]), image.shape[1] // (4 * _SIZE[0])))
    green = pillow.fromarray(np.ascontiguousarray(image[::step, ::step, 1]))
    return np.asarray(green.resize(_SIZE, pillow.Resampling.BOX)).astype(np.float64)


def _likeness(a: _Small, b: _Small) -> float:
    """The correlation of two frames, -1..1."""
    a, b = a - a.mean(), b - b.mean()
    strength_a, strength_b = a.std(), b.std()
    if strength_a < _FLAT or strength_b < _FLAT:
        return 1.0 if max(strength_a, strength_b) < 2 * _FLAT else 0.0
    return float((a * b).mean() / (strength_a * strength_b))
