"""The kernels, usable on their own in anyone's pipeline: what runs around the networks.

All of them are thread-safe and release the GIL. Arrays are NumPy, never copied or cast behind the
caller's back: a wrong dtype raises `ArgumentTypeError`, a wrong shape, stride or value
`ArgumentError`, and the message names the argument, what it is and what is wanted.

Images are uint8: (H, W, 3) for ``color="bgr"`` and ``"rgb"``, (H, W) for ``"gray"``, (3 H / 2, W)
for ``"nv12"``, (H, W, 2) for ``"yuyv"``. They may be views with any row stride, such as a crop of a
larger frame. Coordinates are ``(x, y)`` in pixels, pixel centres at integers, the origin at the
top-left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import Detections, FloatArray, Image

__all__ = [
    "Channels",
    "Color",
    "LetterboxTransform",
    "align",
    "crop_boxes",
    "decode",
    "estimate_similarity",
    "letterbox",
    "nms",
    "nms_weighted",
    "template_points",
]

Color = Literal["bgr", "rgb", "gray", "nv12", "yuyv"]
Channels = Literal["bgr", "rgb"]
NmsMethod = Literal["hard", "soft-linear", "soft-gaussian", "weighted"]
PerChannel = float | Sequence[float]


@dataclass(frozen=True, slots=True)
class LetterboxTransform:
    """Maps pixels of a letterboxed tensor to pixels of the image: image = scale * x + offset."""

    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float

    def points(self, points: FloatArray) -> FloatArray:
        """(..., 2) float32 points of the tensor as points of the image."""
        scale = np.array([self.scale_x, self.scale_y], np.float32)
        return points * scale + np.array([self.offset_x, self.offset_y], np.float32)

    def boxes(self, boxes: FloatArray) -> FloatArray:
        """(N, 4) float32 boxes of the tensor as boxes of the image."""
        return self.points(boxes.reshape(-1, 2, 2)).reshape(boxes.shape)

    def detections(self, found: Detections) -> Detections:
        """Detections in the tensor as detections in the image."""
        landmarks = None if found.landmarks is None else self.points(found.landmarks)
        return Detections(self.boxes(found.boxes), found.scores, landmarks, found.poses)


def letterbox(
    image: Image,
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
    width, height = _size(size)
    order = channels or _natural_order(color)
    if not 0 <= pad <= 255:
        raise ArgumentError(f"pad: {pad}; a pixel value from 0 to 255 is wanted")
    tensor: NDArray[Any]
    if dtype == "float32":
        tensor, transform = _core.letterbox_float32(
            image, color, width, height, upscale, pad, order,
            _three(mean, "mean"), _three(std, "std"), out,
        )  # fmt: skip
    elif dtype == "uint8":
        if (mean, std) != (0.0, 1.0):
            raise ArgumentError('mean, std: only dtype="float32" can be normalised')
        tensor, transform = _core.letterbox_uint8(
            image, color, width, height, upscale, pad, order, out
        )
    else:
        raise ArgumentError(f'dtype: {dtype!r}; "float32" or "uint8" is wanted')
    return tensor, LetterboxTransform(*transform)


def decode(
    head: str,
    outputs: Sequence[FloatArray],
    input_size: tuple[int, int],
    score_threshold: float,
    top_k: int = 5000,
) -> Detections:
    """Decode a detector's outputs to boxes and landmarks, before non-maximum suppression.

    Args:
        head: how the network puts it; docs/detectors.md lists all. For example ``"yunet"`` (12
            outputs: cls, obj, bbox, kps, each for strides 8, 16, 32), ``"scrfd"`` (9: scores,
            boxes, points, each for strides 8, 16, 32; 6 without points), ``"retinaface"`` (boxes,
            scores, points).
        outputs: float32; each (n, c) or (1, n, c), a row an anchor; or, where the network gives
            an array for each stride, also the planes that it computes, (c, h, w) or (1, c, h, w).
        input_size: (width, height) of the network's input.
        score_threshold: 0..1; anchors whose score reaches it are decoded. NaN never does.
        top_k: at most so many, the best ones.

    Returns:
        Detections, best first (ties: the earlier anchor), in pixels of the network's input, not
        clipped to it.
    """
    width, height = _size(input_size)
    return Detections(
        *_core.decode(head, outputs, width, height, score_threshold, _count(top_k, "top_k"))
    )


def nms(
    boxes: FloatArray,
    scores: FloatArray,
    iou_threshold: float,
    top_k: int | None = None,
    method: NmsMethod = "hard",
    *,
    sigma: float = 0.5,
    score_threshold: float = 0.001,
) -> NDArray[np.int64]:
    """Non-maximum suppression.

    A box goes when its intersection over union with a better, kept one is above ``iou_threshold``.
    Boxes without area overlap nothing; entries whose score is NaN are dropped.

    Args:
        boxes: (N, 4) float32, ``x1, y1, x2, y2``.
        scores: (N,) float32.
        iou_threshold: 0..1.
        top_k: keep at most so many.
        method: ``"hard"`` as above. The soft ones (Bodla et al., 2017) lower the scores of boxes
            that a better one overlaps instead: ``"soft-linear"`` by 1 - iou where it is above the
            threshold, ``"soft-gaussian"`` by exp(-iou^2 / sigma) everywhere. ``"weighted"`` keeps
            the boxes that ``"hard"`` keeps; `nms_weighted` gives their merged coordinates.
        sigma: of the Gaussian, above 0.
        score_threshold: soft methods drop a box whose lowered score is below it.

    Returns:
        Indices of the kept boxes, int64, best first (by the lowered scores for soft methods); ties:
        lower index first.
    """
    limit = len(scores) if top_k is None else _count(top_k, "top_k")
    return _core.nms(boxes, scores, iou_threshold, limit, method, sigma, score_threshold)


def nms_weighted(found: Detections, iou_threshold: float, top_k: int | None = None) -> Detections:
    """Non-maximum suppression that merges faces instead of dropping them, as BlazeFace does.

    The faces that `nms` keeps; each has the mean of its own boxes and landmarks and those of the
    faces that it suppressed, weighted by their scores, and its own score and pose.

    Args:
        found: what `decode` gives.
        iou_threshold: 0..1.
        top_k: keep at most so many.

    Returns:
        Detections, best first.
    """
    limit = len(found) if top_k is None else _count(top_k, "top_k")
    boxes, scores, landmarks = _core.nms_weighted(
        found.boxes, found.scores, found.landmarks, iou_threshold, limit
    )
    poses = None
    if found.poses is not None:
        poses = found.poses[nms(found.boxes, found.scores, iou_threshold, limit)]
    return Detections(boxes, scores, landmarks, poses)


def estimate_similarity(src: FloatArray, dst: FloatArray) -> FloatArray:
    """The similarity that takes points ``src`` to ``dst`` with the least squared error.

    Rotation, uniform scale and translation, never a reflection (Umeyama, "Least-squares estimation
    of transformation parameters between two point patterns", 1991, eq. 40-42; closed form in 2-D).

    Args:
        src: (K, 2) or (N, K, 2) float32.
        dst: (K, 2) float32, K >= 2.

    Returns:
        (2, 3) or (N, 2, 3) float32: ``dst = m[:, :2] @ src + m[:, 2]``.

    Raises:
        ArgumentError: also for points that are not finite or all coincide.
    """
    return _core.estimate_similarity(src, dst)


def align(
    image: Image,
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
    """Warp faces to crops in which their landmarks lie at a template's, bilinear, all in one call.

    What lies outside the image is black and blends into its border (OpenCV's BORDER_CONSTANT).

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
    order = channels or _natural_order(color)
    width, height = _crop_size(size)
    if mean is None and std is None:
        return _core.align_uint8(image, landmarks, width, height, template, color, order, out)
    scaling = _scaling(mean, std)
    return _core.align_float32(
        image, landmarks, width, height, template, color, order, *scaling, out
    )


def crop_boxes(
    image: Image,
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
    order = channels or _natural_order(color)
    width, height = _crop_size(size)
    if mean is None and std is None:
        return _core.crop_boxes_uint8(image, boxes, width, height, color, order)
    scaling = _scaling(mean, std)
    return _core.crop_boxes_float32(image, boxes, width, height, color, order, *scaling)


def template_points(name: str, size: int | tuple[int, int]) -> FloatArray:
    """Where the landmarks lie in crops of `align`: (5, 2) float32, in pixels.

    Raises:
        ArgumentError: no such template, which lists them; or no such size.
    """
    return _core.template_points(name, *_crop_size(size))


def _crop_size(size: int | tuple[int, int]) -> tuple[int, int]:
    return _size((size, size) if isinstance(size, int | np.integer) else size)


def _scaling(
    mean: PerChannel | None, std: PerChannel | None
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return (
        _three(0.0 if mean is None else mean, "mean"),
        _three(1.0 if std is None else std, "std"),
    )


def _natural_order(color: Color) -> Channels:
    return "rgb" if color == "rgb" else "bgr"


def _size(size: tuple[int, int]) -> tuple[int, int]:
    try:
        width, height = size
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"size: {size!r}; a pair (width, height) is wanted") from None
    return _count(width, "width"), _count(height, "height")


def _count(number: int, name: str) -> int:
    if not isinstance(number, int | np.integer):
        raise ArgumentTypeError(f"{name}: {number!r}; an integer is wanted")
    if not 0 <= number < 2**31:
        raise ArgumentError(f"{name}: {number}; a number from 0 to 2147483647 is wanted")
    return int(number)


def _three(value: PerChannel, name: str) -> tuple[float, float, float]:
    if isinstance(value, int | float):
        return (value, value, value)
    try:
        first, second, third = value
    except (TypeError, ValueError):
        raise ArgumentError(f"{name}: {value!r}; one number or three are wanted") from None
    return (float(first), float(second), float(third))
