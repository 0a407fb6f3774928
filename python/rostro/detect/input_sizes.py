"""Which size of input a detector is given for an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from rostro.errors import ArgumentError, ArgumentTypeError

__all__ = ["LONGEST_SIDE", "DetSize", "InputSizes", "Size"]

LONGEST_SIDE = 640

Size = tuple[int, int]
DetSize = Size | Sequence[Size] | Literal["auto", "native"] | None


class InputSizes:
    """Chooses a (width, height) for every image.

    Args:
        det_size: see `rostro.Detector`.
        min_face: with ``"auto"``, the height in pixels of the image of the smallest faces wanted.
        smallest_face: the height in pixels of the input of the smallest faces that are found.
        step: sides are rounded up to multiples of this.
        only: the one size that the network takes, if so.
        longest: with None, the longer side is at most this.

    Raises:
        ArgumentError, ArgumentTypeError: no such sizes, or not for this network.
    """

    def __init__(
        self,
        det_size: DetSize,
        min_face: float,
        smallest_face: float,
        step: int,
        only: Size | None,
        longest: int = LONGEST_SIDE,
    ) -> None:
        if not (min_face > 0 and math.isfinite(min_face)):
            raise ArgumentError(f"min_face: {min_face}; a height in pixels above 0 is wanted")
        self._step = step
        self._longest = math.inf if det_size == "native" else longest
        self._ratio = smallest_face / min_face if det_size == "auto" else None
        self._sizes: tuple[Size, ...] = () if only is None else (only,)
        if det_size is not None and det_size not in ("auto", "native"):
            sizes = _sizes(det_size)
            if only is not None and any(size != only for size in sizes):
                raise ArgumentError(
                    f"det_size: {det_size!r}; this network takes {only[0]}x{only[1]} alone"
                )
            self._sizes = tuple(self._rounded(*size) for size in sizes) if only is None else sizes
        elif det_size is not None and only is not None:
            raise ArgumentError(
                f'det_size: "{det_size}"; this network takes {only[0]}x{only[1]} alone (tile= '
                "finds smaller faces)"
            )
        # By default an image is never enlarged.
        self.upscale = bool(self._sizes) or self._ratio is not None

    def __call__(self, width: int, height: int) -> Size:
        """The size of the input for an image of this size."""
        if self._ratio is not None:
            return self._rounded(width * self._ratio, height * self._ratio)
        if self._sizes:
            aspect = width / height
            return min(self._sizes, key=lambda size: abs(math.log(size[0] / size[1] / aspect)))
        shrink = min(1.0, self._longest / max(width, height))
        return self._rounded(round(width * shrink), round(height * shrink))

    def _rounded(self, width: float, height: float) -> Size:
        def up(side: float) -> int:
            # A side that is a multiple but for rounding errors is one.
            return max(1, math.ceil(side / self._step - 1e-6)) * self._step

        return up(width), up(height)


def _sizes(det_size: object) -> tuple[Size, ...]:
    wanted = (
        f'det_size: {det_size!r}; (width, height), a list of such, "auto", "native" or None is '
        "wanted"
    )
    if isinstance(det_size, str) or not isinstance(det_size, Sequence) or len(det_size) == 0:
        raise ArgumentTypeError(wanted)
    pairs = [det_size] if isinstance(det_size[0], int) else det_size
    for pair in pairs:
        if not isinstance(pair, Sequence) or not all(type(side) is int for side in pair):
            raise ArgumentTypeError(wanted)
        if len(pair) != 2 or min(pair) < 1:
            raise ArgumentError(f"det_size: {det_size!r}; (width, height) in pixels is wanted")
    return tuple((width, height) for width, height in pairs)
