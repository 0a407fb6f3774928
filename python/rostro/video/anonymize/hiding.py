"""Makes what lies in a region of an image unrecognizable."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError
from rostro.support.arguments import check_text, shown
from rostro.types import FloatArray, Image

__all__ = ["HOWS", "SHAPES", "Hiding", "How", "Shape", "enlarged"]

How: TypeAlias = Literal["blur", "pixelate", "fill"]
Shape: TypeAlias = Literal["ellipse", "rectangle"]
HOWS: tuple[How, ...] = get_args(How)
SHAPES: tuple[Shape, ...] = get_args(Shape)

CELLS = 6
"""Of the longer side of a region: all that is left of it is the mean color of each of these, so
of a face, which is smaller than its region, about three by four."""
_LEVELS = 16
"""Of each mean color: finer ones would say more, and of many frames together too much."""
_FILL = 64
_SIDES, _ABOVE, _BELOW = 0.2, 0.35, 0.15
"""By how much of its width and height a detector's box, which ends at the brows and the chin, is
enlarged. The ellipse in what comes out holds the whole box but the tips of its lower corners."""


def enlarged(boxes: FloatArray) -> FloatArray:
    """Regions, (N, 4) float32, that hold hair, ears and chin of faces with these (N, 4) boxes."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    change = np.stack([-_SIDES * width, -_ABOVE * height, _SIDES * width, _BELOW * height], axis=1)
    found: FloatArray = boxes + change
    return found


class Hiding:
    """How regions are hidden. Any number of threads may call one at once.

    ``"pixelate"`` leaves `CELLS` mean colors along the longer side of a region, ``"blur"`` the same
    with smooth transitions, ``"fill"`` nothing, one grey. What is hidden cannot be computed back.
    Pixels outside stay as they are, to the bit.

    Args:
        how: ``"blur"``, ``"pixelate"`` or ``"fill"``.
        shape: ``"ellipse"``, the largest within the region, or ``"rectangle"``, all of it.

    Raises:
        ArgumentError, ArgumentTypeError: others.
    """

    def __init__(self, how: How = "blur", shape: Shape = "ellipse") -> None:
        for name, value, known in (("how", how, HOWS), ("shape", shape, SHAPES)):
            if check_text(name, value) not in known:
                wanted = ", ".join(known)
                raise ArgumentError(f"{name}: got {shown(value)}; one of {wanted} is wanted")
        self.how: How = how
        self.shape: Shape = shape

    def __call__(self, image: Image, regions: FloatArray) -> None:
        """Hides regions of an image, in place.

        Args:
            image: (H, W, 3) uint8.
            regions: (N, 4) float32, ``x1, y1, x2, y2`` in pixels; what lies outside is left out.
        """
        height, width = image.shape[:2]
        for x1, y1, x2, y2 in regions.astype(np.float64):
            left, top = max(int(np.floor(x1)), 0), max(int(np.floor(y1)), 0)
            right, bottom = min(int(np.ceil(x2)) + 1, width), min(int(np.ceil(y2)) + 1, height)
            if left >= right or top >= bottom:
                continue
            part = image[top:bottom, left:right]
            hidden = self._hidden(part, max(x2 - x1, y2 - y1))
            if self.shape == "rectangle":
                part[:] = hidden
                continue
            y, x = np.ogrid[top:bottom, left:right]
            across, down = max((x2 - x1) / 2, 0.5), max((y2 - y1) / 2, 0.5)
            away = ((x - (x1 + x2) / 2) / across) ** 2 + ((y - (y1 + y2) / 2) / down) ** 2
            within = away <= 1
            part[within] = hidden[within]

    def _hidden(self, part: Image, side: float) -> Image:
        if self.how == "fill":
            return np.full_like(part, _FILL)
        from PIL import Image as pillow

        height, width = part.shape[:2]
        cell = max(side / CELLS, 1.0)
        cells = max(1, round(width / cell)), max(1, round(height / cell))
        picture = pillow.fromarray(np.ascontiguousarray(part))
        means: NDArray[np.uint8] = np.asarray(picture.resize(cells, pillow.Resampling.BOX))
        step = 256 // _LEVELS
        few = pillow.fromarray((means // step * step + step // 2).astype(np.uint8))
        smooth = self.how == "blur"
        filter_ = pillow.Resampling.BICUBIC if smooth else pillow.Resampling.NEAREST
        found: Image = np.asarray(few.resize((width, height), filter_))
        return found
