"""The kernels, usable on their own in anyone's pipeline: what runs around the networks.

All of them are thread-safe and release the GIL. Arrays are NumPy, never copied or cast behind the
caller's back: a wrong dtype raises `ArgumentTypeError`, a wrong shape, stride or value
`ArgumentError`, and the message names the argument, what it is and what is wanted.

Images are uint8: (H, W, 3) for ``color="bgr"`` and ``"rgb"``, (H, W) for ``"gray"``, (3 H / 2, W)
for ``"nv12"``, (H, W, 2) for ``"yuyv"``. They may be views with any row stride, such as a crop of a
larger frame. Coordinates are ``(x, y)`` in pixels, pixel centres at integers, the origin at the
top-left corner.
"""

from rostro.kernels.arguments import Channels, Color, PerChannel
from rostro.kernels.detect import decode, nms, nms_weighted
from rostro.kernels.geometry import estimate_similarity, template_points
from rostro.kernels.image import LetterboxTransform, align, crop_boxes, letterbox
from rostro.kernels.match import quantize_embeddings, search_int8
from rostro.kernels.pose import (
    NO_POSE,
    Camera,
    Poses,
    fit_pose,
    mean_face,
    pose_in_crop,
    pose_of_crop,
    project_points,
    projected_boxes,
)

__all__ = [
    "NO_POSE",
    "Camera",
    "Channels",
    "Color",
    "LetterboxTransform",
    "PerChannel",
    "Poses",
    "align",
    "crop_boxes",
    "decode",
    "estimate_similarity",
    "fit_pose",
    "letterbox",
    "mean_face",
    "nms",
    "nms_weighted",
    "pose_in_crop",
    "pose_of_crop",
    "project_points",
    "projected_boxes",
    "quantize_embeddings",
    "search_int8",
    "template_points",
]
