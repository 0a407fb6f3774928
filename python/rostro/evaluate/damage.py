"""Hard photos out of good ones: damage at random, in amounts that fit the face.

Where every photo is good there is nothing to refuse, and no measure of quality can be told from
another. Each kind of damage happens to a photo with `PROBABILITY`, independently of the others, in
the order of `DAMAGES`, and as much as chance draws from its range. Lengths are in widths of the
face's box, so that photos of any size are hurt alike.
"""

from __future__ import annotations

import io
import math

import numpy as np

from rostro.pictures.pixels import from_pillow, to_pillow
from rostro.types import FloatArray, Image

__all__ = ["DAMAGES", "PROBABILITY", "damage"]

PROBABILITY = 1 / 6

DAMAGES: dict[str, tuple[float, float]] = {
    "scale": (16, 48),
    "blur": (0.01, 0.06),
    "gamma": (0.2, 5.0),
    "noise": (5, 60),
    "cut": (0.1, 0.6),
    "jpeg": (2, 20),
}
"""Ranges, drawn from uniformly; of scale and gamma, their logarithms are.

``scale``: the photo is made smaller until the face is so many pixels wide (one that is not wider
stays). ``blur``: the standard deviation of a Gaussian, in widths of the face. ``gamma``: the
exponent of the pixels' values in 0..1; above 1 is darker. ``noise``: the standard deviation of
what is added to each value in 0..255. ``cut``: the photo ends where so much of the face's width or
height is gone, at any of the four sides. ``jpeg``: the quality of a compression, as libjpeg has it.
"""


def damage(
    image: Image, box: FloatArray, random: np.random.Generator
) -> tuple[Image, FloatArray, tuple[str, ...]]:
    """A damaged copy of a photo.

    Args:
        image: (H, W, 3) uint8.
        box: (4,) float32 of the face, ``x1, y1, x2, y2``.
        random: what happens; as many numbers are drawn from it whatever that is.

    Returns:
        The photo, the box in its pixels, and the names of what happened to it.
    """
    happens = random.random(len(DAMAGES)) < PROBABILITY
    amounts = dict(zip(DAMAGES, random.random(len(DAMAGES)).tolist(), strict=True))
    side, seed = (int(number) for number in random.integers([4, 2**31]))
    done = tuple(name for name, does in zip(DAMAGES, happens, strict=True) if does)
    for name in done:
        low, high = DAMAGES[name]
        part = amounts[name]
        if name in ("scale", "gamma"):
            amount = low * (high / low) ** part
        else:
            amount = low + (high - low) * part
        if name == "scale":
            image, box = _scaled(image, box, amount)
        elif name == "blur":
            image = _blurred(image, amount * float(box[2] - box[0]))
        elif name == "gamma":
            table = 255 * (np.arange(256) / 255) ** amount
            image = table.round().astype(np.uint8)[image]
        elif name == "noise":
            image = _noisy(image, amount, seed)
        elif name == "cut":
            image, box = _cut(image, box, amount, side)
        else:
            image = _compressed(image, round(amount))
    return np.ascontiguousarray(image), box, done


def _scaled(image: Image, box: FloatArray, width: float) -> tuple[Image, FloatArray]:
    factor = width / float(box[2] - box[0])
    if factor >= 1:
        return image, box
    height, across = (max(1, math.ceil(side * factor)) for side in image.shape[:2])
    picture = to_pillow(image)
    small = from_pillow(picture.resize((across, height)))  # bicubic, with antialiasing
    factors = np.array([across / image.shape[1], height / image.shape[0]] * 2, np.float32)
    return small, box * factors


def _blurred(image: Image, sigma: float) -> Image:
    from PIL import ImageFilter

    return from_pillow(to_pillow(image).filter(ImageFilter.GaussianBlur(sigma)))


def _noisy(image: Image, sigma: float, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return (image + noise).round().clip(0, 255).astype(np.uint8)


def _cut(image: Image, box: FloatArray, share: float, side: int) -> tuple[Image, FloatArray]:
    """Side 0 is the left one, then the top, the right, the bottom; one row or column is left."""
    axis, far = side % 2, side >= 2
    low, high = float(box[axis]), float(box[axis + 2])
    length = image.shape[1 - axis]
    at = high - share * (high - low) if far else low + share * (high - low)
    line = min(max(round(at), 1), length - 1) if length > 1 else 0
    if length <= 1:
        return image, box
    kept = slice(0, line) if far else slice(line, length)
    moved = box.copy()
    if not far:
        moved[[axis, axis + 2]] -= line
    # What is gone of the face is no longer part of its box.
    moved[[axis, axis + 2]] = moved[[axis, axis + 2]].clip(0, kept.stop - kept.start)
    return (image[:, kept] if axis == 0 else image[kept]), moved


def _compressed(image: Image, quality: int) -> Image:
    from PIL import Image as pillow

    encoded = io.BytesIO()
    to_pillow(image).save(encoded, "JPEG", quality=quality)
    return from_pillow(pillow.open(encoded))
