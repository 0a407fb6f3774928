"""Which size of input a detector is given: how users say it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.support.arguments import shown

__all__ = ["DetSize", "InputSizes", "Size", "read_det_size"]

_LONGEST_SIDE = 640
_MOST_SIZES = 1000  # in an array; one of any length may be a view of a few bytes

Size: TypeAlias = tuple[int, int]
DetSize: TypeAlias = Size | Sequence[Size] | NDArray[np.integer] | Literal["auto", "native"] | None


class InputSizes(NamedTuple):
    """What the core takes, rostro/input_sizes.hpp."""

    sizes: list[Size]
    scale: float
    longest: int


def read_det_size(
    det_size: DetSize, min_face: float, smallest_face: float, tile: Size | None
) -> InputSizes:
    """What a user says of sizes, as the core takes it.

    Args:
        det_size, min_face, tile: see `rostro.Detector`.
        smallest_face: height in pixels of the input of the smallest faces that are found.

    Raises:
        ArgumentError, ArgumentTypeError: no such sizes.
    """
    if not (min_face > 0 and math.isfinite(min_face)):
        raise ArgumentError(f"min_face: got {min_face}; a height in pixels above 0 is wanted")
    longest = _LONGEST_SIDE if tile is None else max(_LONGEST_SIDE, *tile)
    if det_size is None:
        return InputSizes([], 0.0, longest)
    if isinstance(det_size, str):
        if det_size == "auto":
            return InputSizes([], smallest_face / min_face, longest)
        if det_size == "native":
            return InputSizes([], 0.0, 0)
    return InputSizes(_sizes(det_size), 0.0, longest)


def _sizes(det_size: object) -> list[Size]:
    got = f"det_size: got {shown(det_size)}"
    wanted = ArgumentTypeError(
        f'{got}; (width, height), a list of such, "auto", "native" or None is wanted'
    )
    if isinstance(det_size, np.ndarray):
        if det_size.ndim > 2 or det_size.shape[-1:] != (2,) or len(det_size) > _MOST_SIZES:
            raise wanted
        given = det_size.tolist()
    else:
        given = det_size
    if isinstance(given, str) or not isinstance(given, Sequence) or len(given) == 0:
        raise wanted
    pairs = [given] if isinstance(given[0], int | np.integer) else given
    sizes = []
    for pair in pairs:
        if not isinstance(pair, Sequence) or isinstance(pair, str):
            raise wanted
        if not all(isinstance(side, int | np.integer) for side in pair):
            raise wanted
        if len(pair) != 2 or min(pair) < 1 or max(pair) > 2**31 - 1:
            raise ArgumentError(f"{got}; (width, height) in pixels is wanted")
        sizes.append((int(pair[0]), int(pair[1])))
    return sizes
