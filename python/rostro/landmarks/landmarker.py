"""Dense points of faces: a network between the two halves of the core's landmark task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rostro import _core, models
from rostro.errors import ArgumentError, ArgumentTypeError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.landmarks.schemes import convert_points
from rostro.landmarks.task import landmarker_task
from rostro.models.for_core import output_index
from rostro.support.arguments import check_flag, check_text, shown
from rostro.types import FloatArray, ImageLike

__all__ = ["CERTAINTY", "PRESENCE", "TRUSTED", "Landmarker"]

PRESENCE = "presence"
"""The attribute that says how sure a network is that there is a face in its crop."""
CERTAINTY = "certainty"
"""The attribute that says how far a face's points can be trusted."""
TRUSTED = 0.5
"""The least certainty of points that mean something."""


class Landmarker:
    """Finds many points of each face. A stage of a pipeline.

    Any number of threads may call one landmarker at once. A run of the network takes a few faces at
    most, so that memory does not grow with their number. It is pickled as what it was made from.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file; see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, while they gain time.
        landmarks: whether the five landmarks of the faces become those of the points, which are
            nearer to the truth than a light detector's; else, and of faces that the network does
            not see (a presence below 0.5), they stay as they are.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        scheme: of the points, such as ``"ibug68"``.
        landmarks: as above.
        attribute_names: for each attribute that it gives, what its numbers are: of
            ``"blendshapes"`` their 52 names.

    Raises:
        ModelError: the model's card is missing, says nothing of landmarks, or nonsense.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path,
        *,
        engine: str = "auto",
        threads: int | None = None,
        landmarks: bool = False,
    ) -> None:
        self._recipe: Callable[[], Landmarker] = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads, landmarks=landmarks
        )
        self.model = models.resolve(name_or_path, "landmarks")
        card = self.model.card
        if card is None or card.landmarks is None:
            raise ModelError(
                f"{name_or_path}: how to find points with it is not known; write a model card "
                "beside it (task, input with size, outputs, crop, landmarks) and name the .toml"
            )
        self.scheme = card.landmarks.scheme
        self.landmarks = check_flag("landmarks", landmarks)
        self.attribute_names = {each.name: each.names for each in card.landmarks.attributes}
        settings = card.landmarks
        output = functools.partial(output_index, card, "landmarks")
        self._points = output(settings.output)
        self._depth = None if settings.depth is None else output(settings.depth)
        self._presence = None if settings.presence is None else output(settings.presence)
        self._attributes = {each.name: output(each.output) for each in settings.attributes}
        # What is wrong with a card is said before a network is fetched and loaded for it.
        self._task = landmarker_task(card, settings, self.model.folder)
        self._size = self._task.points
        self._dims = self._task.dims
        self._gives_poses = settings.kind == "3dmm"
        self._gives_features = settings.kind == "descriptors"
        if landmarks and not self._size:
            raise ModelError(
                f"{card.name}: landmarks: got True of a morphable face without a basis, which has "
                "no points; landmarks.basis in the card is wanted"
            )
        self._says_presence = settings.presence is not None or settings.kind == "offsets"
        self.engine = self.model.open(engine, threads)

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with their ``points``, (N, K, 2) or (N, K, 3) float32, in the image's pixels.

        A depth is in pixels as well, smaller is nearer to the camera. The attribute
        ``"certainty"``, 0..1, says how far the points can be trusted: below 0.5 there is no face in
        the crop, or one that is turned too far away, and its points mean nothing. It is the
        attribute ``"presence"``, which is there where the network says whether it sees a face, less
        for a face whose landmarks (the detector's where there are any) show it turned by more than
        40 degrees of yaw. A network of a morphable face gives ``poses``, and without a basis no
        points.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image; with landmarks, where the card has crops turned upright.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
            EngineError: the network failed, or its numbers cannot be used.
            ModelError: its outputs are not what the card says.
        """
        check_text("color", color)
        columns = check_faces("faces", faces).for_core()
        points: FloatArray = np.empty((len(faces), self._size, self._dims), np.float32)
        attributes: dict[str, FloatArray] = {
            name: np.empty((len(faces), len(names)), np.float32)
            for name, names in self.attribute_names.items()
        }
        there: FloatArray = np.empty(len(faces), np.float32)
        poses: FloatArray = np.empty((len(faces), 3), np.float32)
        for begin in range(0, len(faces), self._task.batch):
            count = min(self._task.batch, len(faces) - begin)
            part = slice(begin, begin + count)
            tensor, transforms = self._task.prepare(image, color, columns, begin, count)
            outputs = self.engine.run(tensor)
            points[part], there[part], angles = self._task.finish(
                outputs[self._points],
                None if self._depth is None else outputs[self._depth],
                None if self._presence is None else outputs[self._presence],
                transforms,
            )
            if angles is not None:
                poses[part] = angles
            for name, index in self._attributes.items():
                attributes[name][part] = self._attribute(name, outputs[index], count)
        if self._says_presence:
            attributes[PRESENCE] = there
        if self._gives_poses:
            faces = faces.with_columns(poses=poses)
        if not self._size:
            return faces.with_columns(attributes=attributes)
        five = convert_points(np.ascontiguousarray(points[..., :2]), self.scheme, "five")
        before = five if faces.landmarks is None else faces.landmarks
        attributes[CERTAINTY] = _core.point_certainty(before, image, color, there)
        found = faces.with_columns(scheme=self.scheme, attributes=attributes, points=points)
        if not self.landmarks:
            return found
        # By the presence alone: of five faces of LFW that are turned away, the points align better
        # than the detector's landmarks (TAR of 0.9827 against 0.9807 at a FAR of 1e-4).
        unseen = there < TRUSTED
        five[unseen] = before[unseen]
        return found.with_columns(landmarks=five)

    def describe(
        self, image: ImageLike, faces: Faces, points: FloatArray, color: Color = "bgr"
    ) -> FloatArray:
        """What the network's features are at points of faces, by which it can find them elsewhere.

        Of a network of the kind ``"descriptors"``: click points of a few photos, take the mean of
        what they give, write it as ``descriptors`` into an ``.npz`` file, and name that in the
        card.

        Args:
            image, faces, color: as of a call.
            points: (N, K, 2) float32, in pixels of the image, within the crops of their faces.

        Returns:
            (N, K, D) float32.

        Raises:
            ModelError: a network of another kind.
            Others as of a call.
        """
        if not self._gives_features:
            raise ModelError(
                f"{self.model.name}: gives no features of points; a network whose card says "
                "kind = 'descriptors' is wanted"
            )
        check_text("color", color)
        columns = check_faces("faces", faces).for_core()
        if not isinstance(points, np.ndarray):
            raise ArgumentTypeError(f"points: got {shown(points)}; a float32 array is wanted")
        if points.ndim != 3 or len(points) != len(faces):
            raise ArgumentError(
                f"points: got {points.dtype} array of shape {points.shape}; ({len(faces)}, K, 2) "
                "is wanted"
            )
        parts: list[FloatArray] = []
        for begin in range(0, len(faces), self._task.batch):
            count = min(self._task.batch, len(faces) - begin)
            tensor, transforms = self._task.prepare(image, color, columns, begin, count)
            maps = self.engine.run(tensor)[self._points]
            clicked = np.ascontiguousarray(points[begin : begin + count])
            parts.append(self._task.features_at(maps, transforms, clicked))
        if not parts:
            return np.empty((0, points.shape[1], 0), np.float32)
        return np.concatenate(parts)

    def _attribute(self, name: str, output: FloatArray, count: int) -> FloatArray:
        wanted = (count, len(self.attribute_names[name]))
        if output.size != wanted[0] * wanted[1]:
            raise ModelError(
                f"{self.model.name}: gave {output.shape} numbers of {name} for {count} faces; "
                f"{wanted} are wanted by its card"
            )
        return output.reshape(wanted)

    def __reduce__(self) -> tuple[Callable[[], Landmarker], tuple[()]]:
        return self._recipe, ()
