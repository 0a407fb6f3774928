"""The camera of the images, as a CameraInfo says it, for the fit of poses."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from rostro import Camera, Faces, HeadPose
from rostro.kernels import Color
from rostro.types import Image

__all__ = ["PoseStage", "SizedCamera", "of_info"]


class CameraInfo(Protocol):
    """What is read of a `sensor_msgs/CameraInfo`."""

    width: int
    height: int
    k: Any


class SizedCamera(NamedTuple):
    """A camera, and the size of the images it is said for."""

    camera: Camera
    width: int
    height: int

    def at(self, width: int, height: int) -> Camera:
        """The same camera where images are scaled."""
        if (width, height) == (self.width, self.height) or not self.width or not self.height:
            return self.camera
        x, y = width / self.width, height / self.height
        fx, fy, cx, cy = self.camera.numbers
        # Pixel centres are at integers, so that the edge of an image is at -0.5.
        return Camera(fx * x, fy * y, (cx + 0.5) * x - 0.5, (cy + 0.5) * y - 0.5)


def of_info(info: CameraInfo) -> SizedCamera | None:
    """Of a `sensor_msgs/CameraInfo`; ``None``: the camera is not calibrated, ``k`` is zeros.

    Raises:
        ArgumentError: a matrix that is no camera's.
    """
    numbers = [float(number) for number in info.k]
    if not any(numbers):
        return None
    return SizedCamera(
        Camera(numbers[0], numbers[4], numbers[2], numbers[5]), info.width, info.height
    )


class PoseStage:
    """A stage of a pipeline: `rostro.HeadPose`, whose camera may come while it runs.

    Args:
        hfov: degrees of the image's width that are assumed before.
    """

    def __init__(self, hfov: float) -> None:
        self._assumed = HeadPose(hfov=hfov)
        self._said: SizedCamera | None = None
        self._known: tuple[Camera, HeadPose] | None = None

    @property
    def calibrated(self) -> bool:
        return self._said is not None

    def use(self, camera: SizedCamera | None) -> None:
        """From the next image on."""
        self._said = camera

    def __call__(self, image: Image, faces: Faces, color: Color) -> Faces:
        if self._said is None:
            return self._assumed(image, faces, color)
        # Of planes apart the first is the luma's, of the whole size.
        whole = image[0] if isinstance(image, tuple) else image
        camera = self._said.at(whole.shape[1], whole.shape[0])
        if self._known is None or self._known[0] != camera:
            self._known = camera, HeadPose(camera=camera)
        return self._known[1](image, faces, color)
