"""The kernels, usable on their own in anyone's pipeline: what runs around the networks.

All of them are thread-safe and release the GIL. Arrays are NumPy, never copied or cast behind the
caller's back: a wrong dtype raises `ArgumentTypeError`, a wrong shape, stride or value
`ArgumentError`, and the message names the argument, what it is and what is wanted.

Images are uint8, and are read where they lie:

================================== ============================================================
``color``                          shape
================================== ============================================================
``"bgr"``, ``"rgb"``               (H, W, 3)
``"bgra"``, ``"rgba"``             (H, W, 4); the fourth is not looked at
``"gray"``                         (H, W)
``"yuyv"``, ``"uyvy"``             (H, W, 2), W even
``"nv12"``, ``"nv21"``, ``"i420"`` (3 H / 2, W), H and W even; or a tuple of the planes, the luma's
                                   (H, W) first, then (H / 2, W) or (H / 2, W / 2, 2) of U and V,
                                   of I420 twice (H / 2, W / 2)
================================== ============================================================

An image is a NumPy array, an object with Python's buffer protocol (`memoryview`, a mapped buffer of
a camera), or one with DLPack in the memory of the CPU (a tensor of PyTorch). Rows may be any
distance apart, as in a crop of a larger frame, or where a driver pads them. YUV is that of ITU-R
BT.601 in limited range. Coordinates are ``(x, y)`` in pixels, pixel centres at integers, the origin
at the top-left corner.
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
