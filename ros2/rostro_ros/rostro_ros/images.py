"""Images of ROS as rostro takes them: over the message's own memory, without a copy."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, ImageError
from rostro.kernels import Color
from rostro.types import Image, ImageLike

__all__ = ["ENCODINGS", "Picture", "as_bgr", "of_compressed", "of_image", "to_message"]

ENCODINGS: dict[str, Color] = {
    "bgr8": "bgr",
    "rgb8": "rgb",
    "bgra8": "bgra",
    "rgba8": "rgba",
    "mono8": "gray",
    "8UC1": "gray",
    "8UC3": "bgr",  # as cv_bridge and image_view take it
    "8UC4": "bgra",
    "yuv422": "uyvy",  # the older name
    "uyvy": "uyvy",
    "yuv422_yuy2": "yuyv",
    "yuyv": "yuyv",
    "nv12": "nv12",
    "nv21": "nv21",
    "i420": "i420",
}
"""What the node reads, and how rostro calls it."""
_BYTES = {"bgr": 3, "rgb": 3, "bgra": 4, "rgba": 4, "gray": 1, "uyvy": 2, "yuyv": 2}
_PLANES = ("nv12", "nv21", "i420")
_MOST = 1 << 15
"""Pixels of a side: a header that was cut or made up asks for more."""


class Picture(NamedTuple):
    """An image and how its pixels are laid out, as every task of rostro takes the two."""

    image: ImageLike
    color: Color
    width: int
    height: int


class ImageMessage(Protocol):
    """What is read of a `sensor_msgs/Image`."""

    encoding: str
    width: int
    height: int
    step: int
    data: Any


class CompressedMessage(Protocol):
    """What is read of a `sensor_msgs/CompressedImage`."""

    format: str
    data: Any


def of_image(message: ImageMessage) -> Picture:
    """The pixels of a `sensor_msgs/Image`, over its memory, whatever its ``step``.

    Raises:
        ArgumentError: an encoding that is none of `ENCODINGS`, or fewer bytes than the header says.
    """
    color = _color(message.encoding)
    width, height, step = message.width, message.height, message.step
    if not (0 < width <= _MOST and 0 < height <= _MOST):
        raise ArgumentError(f"image: got {width}x{height}; 1 to {_MOST} pixels a side are wanted")
    data = np.frombuffer(message.data, np.uint8)
    if color in _PLANES:
        return Picture(_planes(data, color, width, height, step), color, width, height)
    channels = _BYTES[color]
    if color in ("uyvy", "yuyv") and width % 2:
        raise ArgumentError(
            f"image: got {width} pixels of {message.encoding} a row; even is wanted"
        )
    pixels = _view(data, 0, (height, width), channels, step or width * channels)
    return Picture(pixels, color, width, height)


def of_compressed(message: CompressedMessage) -> Picture:
    """The pixels of a `sensor_msgs/CompressedImage`: JPEG, PNG, or what else rostro reads.

    Raises:
        ArgumentError, ImageError: a depth image, or not a picture.
    """
    if "compressedDepth" in message.format:
        raise ArgumentError(f"image: got the format {message.format!r}; a color image is wanted")
    if not len(message.data):
        raise ImageError("image: empty, not a picture")
    image = rostro.load_image(memoryview(message.data))
    return Picture(image, "bgr", image.shape[1], image.shape[0])


def as_bgr(picture: Picture) -> Image:
    """A copy of the picture, (H, W, 3) BGR, to be drawn on."""
    whole = np.array([[0, 0, picture.width, picture.height]], np.float32)
    size = (picture.width, picture.height)
    copied: Image = rostro.crop_boxes(
        picture.image, whole, size, color=picture.color, channels="bgr"
    )[0]
    return copied


def to_message(image: Image, message: Any) -> Any:
    """Fills a `sensor_msgs/Image` with (H, W, 3) BGR pixels."""
    # From an array of bytes alone rclpy does not look at every number of the pixels.
    from array import array

    message.height, message.width = image.shape[:2]
    message.encoding, message.is_bigendian = "bgr8", 0
    message.step = 3 * message.width
    message.data = array("B", image.tobytes())
    return message


def _color(encoding: str) -> Color:
    color = ENCODINGS.get(encoding)
    if color is None:
        hint = "; put image_proc's debayer node before this one" if "bayer" in encoding else ""
        raise ArgumentError(
            f"image: got the encoding {encoding[:40]!r}; one of {', '.join(ENCODINGS)} is "
            f"wanted{hint}"
        )
    return color


def _planes(
    data: NDArray[np.uint8], color: str, width: int, height: int, step: int
) -> tuple[Image, ...]:
    """Luma and chroma apart; rows of both are ``step`` bytes apart, those of I420's chroma half."""
    if width % 2 or height % 2:
        raise ArgumentError(f"image: got {width}x{height} of {color}; even sides are wanted")
    step = step or width
    luma = _view(data, 0, (height, width), 1, step)
    begin, half = step * height, (height // 2, width // 2)
    if color != "i420":
        return luma, _view(data, begin, half, 2, step)
    return (
        luma,
        _view(data, begin, half, 1, step // 2),
        _view(data, begin + step // 2 * (height // 2), half, 1, step // 2),
    )


def _view(
    data: NDArray[np.uint8], begin: int, size: tuple[int, int], channels: int, step: int
) -> Image:
    """Rows of a buffer that are ``step`` bytes apart."""
    height, width = size
    row = width * channels
    if step < row:
        raise ArgumentError(f"image: got a step of {step} bytes; {row} or more are wanted")
    wanted = begin + step * (height - 1) + row  # the last row may lack its padding
    if len(data) < wanted:
        raise ArgumentError(f"image: got {len(data)} bytes; {wanted} are wanted: it was cut")
    shape = (height, width) if channels == 1 else (height, width, channels)
    strides = (step, 1) if channels == 1 else (step, channels, 1)
    return np.ndarray(shape, np.uint8, data, begin, strides)
