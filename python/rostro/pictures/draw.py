"""Faces drawn on a picture."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw, ImageFont

from rostro.errors import ArgumentError
from rostro.faces import Faces
from rostro.pictures.pixels import from_pillow, to_pillow
from rostro.rotations import matrix_from_angles
from rostro.types import FloatArray, Image

__all__ = ["draw_faces"]

_BRIGHT = (64, 224, 96)
_DARK = (16, 24, 16)
_RED, _GREEN, _BLUE = (255, 80, 80), (64, 224, 96), (96, 160, 255)


def draw_faces(
    image: Image, faces: Faces, color: str = "bgr", captions: Sequence[str] | None = None
) -> Image:
    """A copy of ``image`` with all that lies in it: box, landmarks, points, pose, score,
    quality of a face.

    Lines, points and text scale with the image and the face, and are drawn bright on dark, so that
    they can be told from any background. Of a pose the axes of the face are drawn: to its side red,
    down green, where it looks blue.

    Args:
        image: (H, W, 3) uint8 in the order ``color`` names; stays as it is.
        faces: what a detector or a pipeline gave for it.
        color: ``"bgr"`` or ``"rgb"``, also of the result.
        captions: more to be written of each face, below its score; lines, one below the other.

    Raises:
        ArgumentError, ArgumentTypeError: not such an image or ``color``; NaN or infinite places.
    """
    picture = to_pillow(image, color)
    canvas = ImageDraw.Draw(picture)
    boxes = _near("boxes", faces.boxes, picture.size)
    landmarks = faces.landmarks
    five = None if landmarks is None else _near("landmarks", landmarks, picture.size)
    points = None if faces.points is None else _near("points", faces.points[..., :2], picture.size)

    poses = None if faces.poses is None else matrix_from_angles(faces.poses.astype(np.float64))

    # The best face last, on top of the others.
    for index in reversed(range(len(faces))):
        x1, y1, x2, y2 = boxes[index].tolist()
        left, top, right, bottom = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        # In a large image lines are wider, but no face disappears under its own marks.
        line = max(1, round(min(max(picture.size) / 400, (right - left) / 30)))
        radius = max(1.0, min(2.0 * line, (right - left) / 30))
        text = [f"{faces.scores[index]:.2f}"]
        if faces.quality is not None:
            text[0] += f" q {faces.quality[index]:.2f}"
        if captions is not None and captions[index]:
            text += captions[index].split("\n")
        # Of several lines smaller ones: they are to hide no other face.
        size = min(max(picture.size) / 40, (right - left) / 3) * (0.6 if len(text) > 1 else 1)
        font = _font(max(10, round(size)))
        edge = (left - line, top - line, right + line, bottom + line)
        canvas.rectangle(edge, outline=_DARK, width=3 * line)
        canvas.rectangle((left, top, right, bottom), outline=_BRIGHT, width=line)
        # Points show what the five landmarks would: these would hide some.
        if points is not None:
            _dots(canvas, points[index], radius / 2)
        elif five is not None:
            for x, y in five[index].tolist():
                canvas.circle((x, y), radius + max(1, line // 2), fill=_DARK)
                canvas.circle((x, y), radius, fill=_BRIGHT)
        if poses is not None:
            middle = ((left + right) / 2, (top + bottom) / 2)
            _axes(canvas, middle if five is None else five[index, 2].tolist(), poses[index],
                  (right - left) / 2, line)  # fmt: skip
        _label(canvas, "\n".join(text), (left, top), font, picture.size)
    return from_pillow(picture, color)


def _dots(canvas: ImageDraw.ImageDraw, points: FloatArray, radius: float) -> None:
    """Many points: all dark rims first, for they touch one another."""
    for rim, fill in ((max(0.5, radius / 2), _DARK), (0.0, _BRIGHT)):
        for x, y in points.tolist():
            canvas.circle((x, y), radius + rim, fill=fill)


def _axes(
    canvas: ImageDraw.ImageDraw,
    origin: tuple[float, float],
    rotation: NDArray[np.float64],
    length: float,
    line: int,
) -> None:
    """The axes of a face as they are seen from afar, the farthest first."""
    axes = [(rotation[:, 0], _RED), (rotation[:, 1], _GREEN), (-rotation[:, 2], _BLUE)]
    for axis, fill in sorted(axes, key=lambda each: -float(each[0][2])):
        end = (origin[0] + length * float(axis[0]), origin[1] + length * float(axis[1]))
        canvas.line([tuple(origin), end], fill=_DARK, width=4 * line)
        canvas.line([tuple(origin), end], fill=fill, width=2 * line)


@functools.lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _near(name: str, places: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Places moved to within one image's size around the image: Pillow walks along every line."""
    if not np.isfinite(places).all():
        raise ArgumentError(f"faces.{name}: got NaN or infinity; pixels are wanted")
    reach = np.float32(max(size))
    return np.clip(places, -reach, 2 * reach)


def _label(
    canvas: ImageDraw.ImageDraw,
    text: str,
    corner: tuple[float, float],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    size: tuple[int, int],
) -> None:
    """``text`` on a bright plate on top of ``corner``, moved into the image where needed."""
    left, top, right, bottom = canvas.textbbox((0, 0), text, font=font)
    margin = (bottom - top) / 4 / (1 + text.count("\n"))
    width, height = right - left + 2 * margin, bottom - top + 2 * margin
    x = max(0, min(corner[0], size[0] - width))
    y = max(0, min(corner[1] - height, size[1] - height))
    canvas.rectangle((x, y, x + width, y + height), fill=_BRIGHT)
    canvas.text((x + margin - left, y + margin - top), text, font=font, fill=_DARK)
