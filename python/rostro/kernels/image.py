"""Images to tensors and crops: letterbox, aligned faces, boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.kernels.arguments import (
    Channels,
    Color,
    PerChannel,
    check_size,
    color_orders,
    crop_size,
    scaling,
    three,
)
from rostro.support.arguments import check_flag, check_integer, check_text, shown
from rostro.types import FloatArray, ImageLike

__all__ = ["LetterboxTransform", "align", "crop_boxes", "letterbox"]


@dataclass(frozen=True, slots=True)
class LetterboxTransform:
    """Maps pixels of a letterboxed tensor to pixels of the image: image = scale * x + offset."""

    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float

    @property
    def matrix(self) -> FloatArray:
        """The same as (2, 3) float32: image = m[:, :2] @ tensor + m[:, 2]."""
        return np.array(
            [[self.scale_x, 0, self.offset_x], [0, self.scale_y, self.offset_y]], np.float32
        )

    @property
    def scaling(self) -> FloatArray:
        """What a detector gives to the image, (2, 3) float32, for `Faces.mapped`: the scale alone.

        Networks learn from boxes and points that were multiplied by the scale and not moved as the
        centres of pixels are (docs/measured/small-faces.md). `rostro.Detector` does the same.
        """
        return np.array([[self.scale_x, 0, 0], [0, self.scale_y, 0]], np.float32)

    def points(self, points: FloatArray) -> FloatArray:
        """(..., 2) float32 points of the tensor as points of the image."""
        if not isinstance(points, np.ndarray) or points.ndim < 1 or points.shape[-1] != 2:
            raise ArgumentTypeError(
                f"points: got {shown(points)}; a float32 array of shape (..., 2) is wanted"
            )
        flat = [("points", "points", points.reshape(-1, 2))]
        moved: FloatArray = _core.map_columns(flat, self.matrix)["points"]
        return moved.reshape(points.shape)

    def boxes(self, boxes: FloatArray) -> FloatArray:
        """(N, 4) float32 boxes of the tensor as boxes of the image."""
        if not isinstance(boxes, np.ndarray) or boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ArgumentTypeError(
                f"boxes: got {shown(boxes)}; a float32 array of shape (N, 4) is wanted"
            )
        moved: FloatArray = _core.map_columns([("boxes", "box", boxes)], self.matrix)["boxes"]
        return moved


def letterbox(
    image: ImageLike,
    size: tuple[int, int],
    *,
    color: Color = "bgr",
    channels: Channels | None = None,
    mean: PerChannel = 0.0,
    std: PerChannel = 1.0,
    dtype: Literal["float32", "uint8"] = "float32",
    pad: int = 0,
    upscale: bool = True,
    out: NDArray[Any] | None = None,
) -> tuple[NDArray[Any], LetterboxTransform]:
    """Scale an image to fit a network's input, its aspect ratio kept, and lay it out as a tensor.

    The image goes to the top-left corner; the rest is padding. With s = image / content, a pixel x
    of the tensor has its centre at (x + 0.5) s - 0.5 of the image: bilinear for s <= 2, the mean of
    the s pixels that it covers beyond, so that shrinking does not alias.

    Args:
        image: uint8, see the module's page.
        size: (width, height) of the tensor.
        color: how the image is to be read.
        channels: order of the tensor's planes; by default that of ``color``, and bgr for grey and
            camera formats.
        mean, std: of the tensor's channels, one number or three: (pixel - mean) / std, on the scale
            0-255.
        dtype: ``"uint8"`` gives the rounded pixels; mean and std stay 0 and 1 then.
        pad: pixel value of the padding, 0-255.
        upscale: whether an image smaller than ``size`` grows to fit it.
        out: C-contiguous array to write to, of the result's shape and dtype.

    Returns:
        The tensor, (1, 3, height, width), and the transform back to the image.
    """
    width, height = check_size(size)
    color, order = color_orders(color, channels)
    pad = check_integer("pad", pad, 0, 255)
    check_flag("upscale", upscale)
    check_text("dtype", dtype)
    tensor: NDArray[Any]
    if dtype == "float32":
        tensor, transform = _core.letterbox_float32(
            image, color, width, height, upscale, pad, order,
            three(mean, "mean"), three(std, "std"), out,
        )  # fmt: skip
    elif dtype == "uint8":
        if (*three(mean, "mean"), *three(std, "std")) != (0, 0, 0, 1, 1, 1):
            raise ArgumentError(
                f'mean, std: got {mean} and {std} for dtype="uint8"; 0 and 1 are wanted, for only '
                "float32 can be normalised"
            )
        tensor, transform = _core.letterbox_uint8(
            image, color, width, height, upscale, pad, order, out
        )
    else:
        raise ArgumentError(f'dtype: got {dtype!r}; "float32" or "uint8" is wanted')
    return tensor, LetterboxTransform(*transform)


def align(
    image: ImageLike,
    landmarks: FloatArray,
    size: int | tuple[int, int] = 112,
    template: str = "arcface",
    *,
    color: Color = "bgr",
    channels: Channels | None = None,
    mean: PerChannel | None = None,
    std: PerChannel | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Warp faces to crops in which their landmarks lie as in a crop template, in one call.

    Bilinear. What lies outside the image is black and blends into its border (OpenCV's
    BORDER_CONSTANT).

    Args:
        image: uint8, see the module's page.
        landmarks: (N, 5, 2) float32.
        size: side of the crops in pixels, or (width, height).
        template: ``"arcface"`` (112; 128 with 8 pixels more on either side) or ``"ffhq"`` (512),
            scaled to the height; a crop that is not square lacks, or has more of, either side
            alike: (96, 112) is what SphereFace takes.
        color, channels: as for `letterbox`.
        mean, std: when given, the crops come as normalised float32 tensor.
        out: C-contiguous array to write to, of the result's shape and dtype.

    Returns:
        (N, height, width, 3) uint8; or (N, 3, height, width) float32, (pixel - mean) / std of the
        same pixels, when ``mean`` or ``std`` is given.

    Raises:
        ArgumentError: also for landmarks that are not finite or all coincide; names the face.
    """
    color, order = color_orders(color, channels)
    width, height = crop_size(size)
    check_text("template", template)
    if mean is None and std is None:
        return _core.align_uint8(image, landmarks, width, height, template, color, order, out)
    return _core.align_float32(
        image, landmarks, width, height, template, color, order, *scaling(mean, std), out
    )


def crop_boxes(
    image: ImageLike,
    boxes: FloatArray,
    size: int | tuple[int, int],
    *,
    color: Color = "bgr",
    channels: Channels | None = None,
    mean: PerChannel | None = None,
    std: PerChannel | None = None,
) -> NDArray[Any]:
    """Stretch boxes of an image to crops, as networks take that were trained without alignment.

    What of a box lies outside the image is cut off first. Bilinear, without smoothing.

    Args:
        image: uint8, see the module's page.
        boxes: (N, 4) float32, ``x1, y1, x2, y2``: the pixels from x1 up to x2, as a slice.
        size, color, channels, mean, std: as for `align`.

    Returns:
        As `align`.

    Raises:
        ArgumentError: also for a box of which nothing lies in the image; names it.
    """
    color, order = color_orders(color, channels)
    width, height = crop_size(size)
    if mean is None and std is None:
        return _core.crop_boxes_uint8(image, boxes, width, height, color, order)
    return _core.crop_boxes_float32(image, boxes, width, height, color, order, *scaling(mean, std))
