"""Head poses: a mean face laid over points, or networks between the halves of the core's task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rostro import _core, models
from rostro.engines import Engine
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.kernels.pose import Camera, numbers_of
from rostro.models.card import Card, PoseSettings
from rostro.models.crop import crop_rule
from rostro.models.for_core import angle_indices
from rostro.support.arguments import check_text
from rostro.types import ImageLike

__all__ = ["HeadPose"]


class HeadPose:
    """Says how heads are turned, and without a network also where they are. A stage of a pipeline.

    Without a name the mean face is laid over the points of each face: its ``points``, where the
    table has those of a scheme that `rostro.mean_face` knows, else its five landmarks. With one,
    networks look at the faces. Any number of threads may call one at once; it is pickled as what it
    was made from.

    Args:
        name_or_path: ``None``, or a model of the task ``"pose"``: a built-in one, or a card
            (``.toml``); see `rostro.models`.
        camera: of the images, without a network. ``None``: `Camera.assumed` of each image's size.
        hfov: what is assumed then, degrees from the left edge of an image to the right one. 60 is a
            webcam's; photos of persons, and crops of them, are more often taken from afar: 30.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the networks; by default all CPUs this process may use, while they gain time.

    Attributes:
        model: the `rostro.models.Model`; ``None`` without a network.
        engines: the loaded networks, whose rotations are averaged.

    Raises:
        ModelError: the model's card is missing, says nothing of a pose, or nonsense.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path | None = None,
        *,
        camera: Camera | None = None,
        hfov: float = 60,
        engine: str = "auto",
        threads: int | None = None,
    ) -> None:
        self._recipe: Callable[[], HeadPose] = functools.partial(
            type(self), name_or_path, camera=camera, hfov=hfov, engine=engine, threads=threads
        )
        Camera.assumed(1, 1, hfov)  # refuses what is no angle
        if camera is not None:
            numbers_of(camera)  # refuses what is no camera
        self._camera, self._hfov = camera, hfov
        self.model: models.Model | None = None
        self.engines: tuple[Engine, ...] = ()
        self._tasks: list[_core.HeadPoseTask] = []
        if name_or_path is None:
            return
        if camera is not None:
            raise ArgumentError(
                f"camera: got one beside {str(name_or_path)!r}; None is wanted, networks take none"
            )
        self.model = models.resolve(name_or_path, "pose")
        together = [self.model]
        for name in _settings(self.model)[1].networks:
            together.append(models.resolve(self.model.folder / name, "pose"))
        # What is wrong with a card is said before a network is fetched and loaded for it.
        self._tasks = [_task(*_settings(model)) for model in together]
        self.engines = tuple(model.open(engine, threads) for model in together)

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with their ``poses``: (N, 3) float32 yaw, pitch, roll in degrees.

        Without a network also with ``translations``, (N, 3) float32 metres in the camera's frame,
        of the point between the eyes, and two attributes, (N,) float32: ``"pose_error"``, the root
        mean square distance in pixels of the points to those of the mean face, and
        ``"pose_sigma"``, by how many degrees the pose may be off, root mean square, as the scatter
        of the points has it.
        A face whose points say nothing has `rostro.kernels.NO_POSE` for error, and 180 for sigma.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`. Without a network
                its size alone is used.
            faces: of the image.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or neither landmarks nor points.
            EngineError: a network failed, or its numbers cannot be used.
            ModelError: its outputs are not what the card says.
        """
        check_faces("faces", faces)
        check_text("color", color)
        if not self._tasks:
            return self._fitted(faces, _core.image_size(image, color))
        columns = faces.for_core()
        turned = [np.empty((len(faces), 9)) for _ in self._tasks]
        batch = self._tasks[0].batch
        for begin in range(0, len(faces), batch):
            count = min(batch, len(faces) - begin)
            for task, engine, rotations in zip(self._tasks, self.engines, turned, strict=True):
                tensor, transforms = task.prepare(image, color, columns, begin, count)
                outputs = [output.reshape(count, -1) for output in engine.run(tensor)]
                rotations[begin : begin + count] = task.finish(outputs, transforms)
        return faces.with_columns(poses=_core.mean_poses(turned))

    def _fitted(self, faces: Faces, size: tuple[int, int]) -> Faces:
        camera = self._camera or Camera.assumed(*size, hfov=self._hfov)
        found = _core.fit_head_poses(faces.for_core(), faces.scheme or "", camera.numbers)
        return faces.of_checked(faces.columns() | found, faces.scheme)

    def __reduce__(self) -> tuple[Callable[[], HeadPose], tuple[()]]:
        return self._recipe, ()


def _settings(model: models.Model) -> tuple[Card, PoseSettings]:
    if model.card is None or model.card.pose is None:
        raise ModelError(
            f"{model.name}: how to tell poses with it is not known; write a model card beside it "
            "(task, input with size, outputs, crop, pose) and name the .toml"
        )
    return model.card, model.card.pose


def _task(card: Card, settings: PoseSettings) -> _core.HeadPoseTask:
    try:
        return _core.HeadPoseTask(
            name=card.name,
            crop=crop_rule(card),
            kind=settings.kind,
            outputs=angle_indices(settings.outputs),
            product=angle_indices(settings.product),
            signs=settings.signs,
            softmax=settings.softmax,
            factors=None if settings.factors is None else angle_indices(settings.factors),
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error
