"""Where faces stand: the pose that fits points of an image, cameras, and what is seen of a pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro import _core
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.kernels.arguments import check_size
from rostro.support.arguments import check_number, check_text, shown
from rostro.types import FloatArray

__all__ = [
    "NO_POSE",
    "Camera",
    "Poses",
    "fit_pose",
    "mean_face",
    "numbers_of",
    "pose_in_crop",
    "pose_of_crop",
    "project_points",
    "projected_boxes",
]

NO_POSE: float = _core.no_pose
"""The error, in pixels, of a face whose points say nothing of a pose."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera: (x, y, z) of its frame, x right, y down, z forward, is seen at the pixel
    (fx x / z + cx, fy y / z + cy).

    Lens distortion is not modelled: undistort the points of a wide lens before.

    Args:
        fx, fy: focal lengths in pixels.
        cx, cy: the pixel on the optical axis.

    Raises:
        ArgumentError: a focal length that is not above 0, or a number that is not finite.
    """

    fx: float
    fy: float
    cx: float
    cy: float

    def __post_init__(self) -> None:
        numbers = {name: check_number(name, getattr(self, name)) for name in self.__slots__}
        for name, number in numbers.items():
            object.__setattr__(self, name, number)
        _core.check_camera(self.numbers)

    @property
    def numbers(self) -> tuple[float, float, float, float]:
        """fx, fy, cx, cy."""
        return self.fx, self.fy, self.cx, self.cy

    @classmethod
    def assumed(cls, width: int, height: int, hfov: float = 60) -> Camera:
        """The camera of an image of which nothing else is known.

        Its axis goes through the middle, pixels are square, and it is ``hfov`` degrees from the
        left edge to the right one. Angles hardly depend on it; distances are as wrong as its focal
        length.
        """
        return cls(*_core.assumed_camera(*check_size((width, height)), check_number("hfov", hfov)))


def numbers_of(camera: object) -> tuple[float, float, float, float]:
    """Of an argument that is to be a camera."""
    if not isinstance(camera, Camera):
        raise ArgumentTypeError(f"camera: got {shown(camera)}; a rostro.Camera is wanted")
    return camera.numbers


class Poses(NamedTuple):
    """Poses of N faces, float64: ``rotations @ point + translations`` is a point of the face in the
    camera's frame, x right, y down, z forward.

    Attributes:
        rotations: (N, 3, 3).
        translations: (N, 3) metres, of the point between the eyes.
        angles: (N, 3) yaw, pitch, roll in degrees, as `rostro.rotations` has them.
        errors: (N,) root mean square distance in pixels of the points to where the pose puts them;
            `NO_POSE` where they say nothing of one: the face then looks ahead from 1 m.
        covariances: (N, 6, 6) of a small turn about the camera's axes x, y, z in radians and of the
            translation's x, y, z in metres: how far to trust the pose, as the points' scatter about
            it has it. What differs between a person and the mean face is in that scatter.
    """

    rotations: NDArray[np.float64]
    translations: NDArray[np.float64]
    angles: NDArray[np.float64]
    errors: NDArray[np.float64]
    covariances: NDArray[np.float64]


def fit_pose(
    points: FloatArray,
    scheme: str | NDArray[np.float64],
    camera: Camera | None = None,
    *,
    image_size: tuple[int, int] | None = None,
    weights: FloatArray | None = None,
) -> Poses:
    """The poses in which a mean face is seen at these points: all faces in one call.

    Least squares with Levenberg and Marquardt's method, from both of the closed weak perspective
    solutions of the points' principal plane, so that flat and profile views do not flip; points
    further off than 6 % of the face's radius count no more than linearly (Huber), so that one wrong
    point does not carry the others away.

    Args:
        points: (N, K, 2) float32 pixels, or (N, K, 3), whose third coordinate is not used.
        scheme: the points' names, see `mean_face`; or points of an object of one's own, (K, 3)
            float64 in metres, on no line. ``"five"`` are a detector's landmarks.
        camera: of the image. ``None``: `Camera.assumed` of ``image_size``, 60 degrees wide.
        image_size: (width, height) in pixels, wanted where there is no camera.
        weights: (N, K) float32, 0 or more, of the squared distances: 0 leaves a point out, such as
            one that is hidden. At least four points of a face count.

    Raises:
        ArgumentError: points that are not finite, or of another number than the scheme's; weights
            that leave fewer than four; neither a camera nor a size. It names the face.
    """
    if camera is None:
        if image_size is None:
            raise ArgumentError(
                "camera: got None without an image_size; rostro.Camera(fx, fy, cx, cy) is wanted, "
                "or image_size=(width, height), for which one of 60 degrees is assumed"
            )
        camera = Camera.assumed(*check_size(image_size, "image_size"))
    if not isinstance(scheme, np.ndarray):
        check_text("scheme", scheme)
    return Poses(*_core.fit_poses(points, scheme, numbers_of(camera), weights))


def mean_face(scheme: str) -> NDArray[np.float64]:
    """The mean face of grown persons: (K, 3) float64 metres.

    Args:
        scheme: ``"five"``, ``"ibug68"``, ``"ibug66"``, ``"wflw98"``, ``"jd106"``, ``"mesh468"`` or
            ``"mesh478"``.

    The origin lies between the eyes' centers, x to the image's right, y down, z into the head; what
    is straight ahead is as 300W-LP's labels have it: the chin's tip lies 5 mm nearer than the eyes'
    centers. The eyes' centers are 63 mm apart, the mean of grown persons (Dodgson,
    "Variation and extrema of human interpupillary distance", 2004): where a person's are 3 mm
    closer, distances come out 5 % too large.

    Raises:
        ArgumentError: no such scheme, which lists them.
    """
    return _core.mean_face(check_text("scheme", scheme))


def project_points(
    points: NDArray[np.float64],
    rotations: NDArray[np.float64],
    translations: NDArray[np.float64],
    camera: Camera,
) -> NDArray[np.float64]:
    """Where points of an object are seen: (N, K, 2) float64 pixels.

    Args:
        points: (K, 3) float64 metres.
        rotations, translations: (N, 3, 3) and (N, 3) float64.

    Raises:
        ArgumentError: also for a point that lies behind the camera.
    """
    return _core.project_points(points, rotations, translations, numbers_of(camera))


def projected_boxes(
    points: NDArray[np.float64],
    rotations: NDArray[np.float64],
    translations: NDArray[np.float64],
    camera: Camera,
) -> NDArray[np.float64]:
    """The smallest boxes around what `project_points` gives: (N, 4) float64 ``x1, y1, x2, y2``."""
    return _core.projected_boxes(points, rotations, translations, numbers_of(camera))


def pose_of_crop(
    rotations: NDArray[np.float64],
    translations: NDArray[np.float64],
    crops: NDArray[np.float64],
    camera: Camera,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Poses in the cameras of crops, as img2pose's network gives them, in the image's camera.

    By Albiero et al., "img2pose", 2021, section 3: a crop's camera has its axis through the middle
    of the box and width + height for focal length. img2pose's own camera of an image is
    ``Camera(w + h, w + h, w // 2, h // 2)``.

    Args:
        rotations, translations: (N, 3, 3) and (N, 3) float64.
        crops: (N, 4) float64 ``x1, y1, x2, y2`` in pixels of the image.

    Returns:
        The rotations and translations there; `pose_in_crop` undoes it.

    Raises:
        ArgumentError: also for a crop without area.
    """
    return _core.poses_across(rotations, translations, crops, numbers_of(camera), True)


def pose_in_crop(
    rotations: NDArray[np.float64],
    translations: NDArray[np.float64],
    crops: NDArray[np.float64],
    camera: Camera,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Poses in the image's camera in those of crops; see `pose_of_crop`."""
    return _core.poses_across(rotations, translations, crops, numbers_of(camera), False)
