"""Images that a detector found to lie on their side, as stages see them: turned upright."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rostro import _core
from rostro.faces import Faces
from rostro.kernels.arguments import Color
from rostro.kernels.planes import as_array
from rostro.types import Image, ImageLike

__all__ = ["upright"]

# What NumPy can turn; of the others a pixel is not a pixel alone, and they become BGR first.
_TURNED = ("bgr", "rgb", "bgra", "rgba", "gray")
# Columns that move with the image, or are told in its directions.
_MOVING = ("boxes", "landmarks", "points", "poses", "translations")


def upright(
    image: ImageLike, faces: Faces, color: Color
) -> tuple[Image, Color, Faces, Callable[[Faces], Faces]]:
    """The image turned so that its faces are upright, its color order, which is BGR of a camera's
    packed or planar format that was turned, the faces in it, and what takes faces back.

    Nothing is turned, or copied, unless a detector said so.
    """
    turns = (faces.attributes or {}).get("turn")
    degrees = 0 if turns is None or not len(turns) else int(turns[0])
    if degrees == 0:
        return as_array(image), color, faces, lambda found: found
    size = _core.image_size(image, color)
    if color in _TURNED:
        pixels = as_array(image)
    else:
        whole = np.array([[0, 0, *size]], np.float32)
        pixels, color = _core.crop_boxes_uint8(image, whole, *size, color, "bgr")[0], "bgr"
    turned = np.ascontiguousarray(np.rot90(pixels, -degrees // 90))
    there = _moved(faces, 360 - degrees, (turned.shape[1], turned.shape[0]))
    return turned, color, there, lambda found: _moved(found, degrees, size)


def _moved(faces: Faces, degrees: int, size: tuple[int, int]) -> Faces:
    moving = [column for column in faces.for_core() if column[0] in _MOVING]
    moved = _core.turn_back(moving, degrees, size)
    return faces.of_checked(faces.columns() | moved, faces.scheme)
