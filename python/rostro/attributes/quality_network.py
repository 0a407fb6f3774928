"""Quality by a network: one of its own, or an embedder, around the halves of the core's task."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np

from rostro import _core, models
from rostro.embed.embedder import Embedder
from rostro.errors import ArgumentError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.landmarks.schemes import convert_points
from rostro.models.card import Card
from rostro.models.card_crop import CropSettings
from rostro.models.card_quality import (
    LandmarkQuality,
    NormQuality,
    QualitySettings,
    RecognizabilityQuality,
    ScalarQuality,
    SymmetryQuality,
)
from rostro.models.crop import crop_rule
from rostro.models.for_core import output_index, read_arrays
from rostro.support.arguments import check_flag, check_text
from rostro.types import FloatArray, ImageLike

__all__ = ["NetworkQuality", "point_features", "read_center"]

_Measure = Callable[[ImageLike, Faces, Color], FloatArray]


class NetworkQuality:
    """Says how good faces are, 0..1, by a network. A stage of a pipeline.

    What it is follows from the card's ``[quality]``: see `rostro.models.card_quality`. Any number
    of threads may call one at once; it is pickled as what it was made from.

    By an embedder (kinds ``"norm"`` and ``"recognizability"``) the table's ``norms`` and
    ``embeddings`` are taken where it has both, so place it behind that embedder and no other; else
    the embedder runs here, and what it says is not kept. ``"symmetry"`` always runs it, twice a
    face.

    Args:
        name_or_path: a model of the task ``"quality"``, or of ``"embed"`` with ``[quality]`` on its
            card: a built-in one, or a card (``.toml``); see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, while they gain time.

    Attributes:
        model: the `rostro.models.Model`.
        kind: of the quality, as the card has it.
        engine: the loaded `rostro.engines.Engine`.

    Raises:
        ModelError: the model's card is missing, says nothing of quality, or nonsense.
        FileMissingError: the center that the card names is not there.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self, name_or_path: str | Path, *, engine: str = "auto", threads: int | None = None
    ) -> None:
        self._recipe: Callable[[], NetworkQuality] = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads
        )
        self.model = models.resolve(name_or_path)
        card = self.model.card
        if card is None or card.quality is None:
            raise ModelError(
                f"{name_or_path}: how to tell quality with it is not known; write a model card "
                "beside it (task, input, outputs, quality) and name the .toml"
            )
        self.kind: str = card.quality.kind
        # What is wrong with a card is said before a network is fetched and loaded for it.
        _check_range(card, card.quality)
        match card.quality:
            case ScalarQuality() as scalar:
                self._task = _task(card, scalar)
                self._output = output_index(card, "quality", scalar.output)
                self._measure: _Measure = self._by_network
                self.engine = self.model.open(engine, threads)
            case LandmarkQuality() as settings:
                self._points = settings
                self._output = output_index(card, "quality", settings.output)
                _core_scheme(card, settings.scheme)
                self._measure = self._by_landmarks
                self.engine = self.model.open(engine, threads)
            case NormQuality() | RecognizabilityQuality() | SymmetryQuality() as settings:
                if isinstance(settings, RecognizabilityQuality):
                    self._center = read_center(self.model.folder / settings.center)
                    self._check_center(card)
                if self.kind == "symmetry" and card.embed and card.embed.landmarks is not None:
                    raise ModelError(
                        f"{card.name}: card: quality.kind: got 'symmetry' of a network that takes "
                        "landmarks, which a half with its mirror image has not; another is wanted"
                    )
                self._embedder = Embedder(name_or_path, engine=engine, threads=threads)
                self._measure = {
                    "norm": self._by_norm,
                    "recognizability": self._by_recognizability,
                    "symmetry": self._by_symmetry,
                }[self.kind]
                self.engine = self._embedder.engine
        self._range = card.quality.range

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Faces:
        """The faces with their ``quality``, (N,) float32 in 0..1.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image; with landmarks or points, where the card asks for them.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, nothing to crop, or embeddings of
                another length than the card's.
            EngineError: the network failed, or its numbers cannot be used.
            ModelError: its output is not what the card says.
        """
        check_faces("faces", faces)
        check_text("color", color)
        _core.image_size(image, color)  # refuses what is no image, also where none is looked at
        return faces.with_columns(quality=self._measure(image, faces, color))

    def _by_network(self, image: ImageLike, faces: Faces, color: Color) -> FloatArray:
        columns = faces.for_core()
        quality: FloatArray = np.empty(len(faces), np.float32)
        for begin in range(0, len(faces), self._task.batch):
            count = min(self._task.batch, len(faces) - begin)
            outputs = self.engine.run(self._task.prepare(image, color, columns, begin, count))
            one_a_row = outputs[self._output].reshape(-1, 1)
            quality[begin : begin + count] = self._task.finish(one_a_row, count)
        return quality

    def _by_landmarks(self, image: ImageLike, faces: Faces, color: Color) -> FloatArray:
        if len(faces) == 0:
            return np.empty(0, np.float32)
        settings = self._points
        features = point_features(faces, settings.scheme, settings.frame, settings.unit)
        outputs = self.engine.run(features.reshape(*features.shape, 1, 1))
        numbers = outputs[self._output].ravel()
        if len(numbers) != len(faces):
            raise ModelError(
                f"{self.model.name}: gave {len(numbers)} numbers for {len(faces)} faces; one a "
                "face is wanted of the output that its card's quality names"
            )
        return _core.scale_quality(numbers, self._range)

    def _by_norm(self, image: ImageLike, faces: Faces, color: Color) -> FloatArray:
        _, norms = self._embedded(image, faces, color)
        return _core.scale_quality(norms, self._range)

    def _by_recognizability(self, image: ImageLike, faces: Faces, color: Color) -> FloatArray:
        embeddings, _ = self._embedded(image, faces, color)
        distances = _core.distances_to_center(embeddings, self._center)
        return _core.scale_quality(distances, self._range)

    def _by_symmetry(self, image: ImageLike, faces: Faces, color: Color) -> FloatArray:
        if len(faces) == 0:
            return np.empty(0, np.float32)
        # What crops of other colors are is said there: BGR, or RGB of an RGB image.
        crops = self._embedder.crops(image, faces, color)
        halves = _core.mirror_halves(crops)
        of_halves = self._embedder.embed_crops(halves, "rgb" if color == "rgb" else "bgr")
        return _core.scale_quality(_core.pair_similarities(of_halves.embeddings), self._range)

    def _embedded(
        self, image: ImageLike, faces: Faces, color: Color
    ) -> tuple[FloatArray, FloatArray]:
        """The embeddings and norms: those of the table, where it has them."""
        if faces.embeddings is None or faces.norms is None:
            # Another table than the caller's, which stays without them.
            faces = self._embedder(image, faces, color)
        if faces.embeddings is None or faces.norms is None:
            raise ModelError(f"{self.model.name}: gave no embeddings")
        dim = faces.embeddings.shape[1]
        if dim != self._embedder.dim:
            raise ArgumentError(
                f"faces: got embeddings of {dim} numbers, of another embedder; those of "
                f"{self.model.name}, {self._embedder.dim}, or none, are wanted"
            )
        return faces.embeddings, faces.norms

    def _check_center(self, card: Card) -> None:
        dim = card.embed.dim if card.embed else 0
        if len(self._center) != dim:
            raise ModelError(
                f"{card.name}: card: quality.center: got {len(self._center)} numbers; {dim} are "
                "wanted, of this embedder's photos: rostro eval unrecognizable measures them"
            )

    def __reduce__(self) -> tuple[Callable[[], NetworkQuality], tuple[()]]:
        return self._recipe, ()


def read_center(path: Path) -> FloatArray:
    """The center of a file that ``rostro eval unrecognizable`` wrote: (D,) float32 of unit norm.

    Raises:
        FileMissingError: there is no such file.
        ModelError: it holds no such center.
    """
    wanted = "an .npz file with center, which rostro eval unrecognizable writes,"
    center = np.ascontiguousarray(read_arrays(path, ("center",), wanted)["center"])
    if center.dtype != np.float32 or center.ndim != 1:
        raise ModelError(
            f"{path}: center: got {center.dtype} array of shape {center.shape}; float32, (D,), is "
            "wanted"
        )
    norm = float(np.linalg.norm(center))
    if not 0.99 < norm < 1.01:
        raise ModelError(f"{path}: center: got a norm of {norm:g}; 1 is wanted")
    return center


def point_features(
    faces: Faces,
    scheme: str = "five",
    frame: Literal["eyes", "box"] = "eyes",
    unit: bool = True,
) -> FloatArray:
    """What a network of the kind ``"landmarks"`` is given of each face, also to train one.

    Args:
        faces: with landmarks, or points of a scheme that has them; with points of ``scheme``,
            unless it is ``"five"``.
        scheme, frame, unit: as `rostro.models.card_quality.LandmarkQuality` has them.

    Returns:
        (N, 2 K + unit) float32: x and y of each point in the frame; the pixels of its unit.

    Raises:
        ArgumentError, ArgumentTypeError: not such faces, or one whose frame has no size.
    """
    five = check_faces("faces", faces).landmarks
    if five is None and faces.points is not None and faces.scheme is not None:
        five = convert_points(np.ascontiguousarray(faces.points[..., :2]), faces.scheme, "five")
    if five is None:
        raise ArgumentError("faces: got a table without landmarks; landmarks are wanted")
    points = five
    if check_text("scheme", scheme) != "five":
        if faces.points is None or faces.scheme != scheme:
            got = "no points" if faces.points is None else f"points of {faces.scheme!r}"
            raise ArgumentError(
                f"faces: got a table with {got}; points of {scheme!r} are wanted, of a Landmarker "
                "before"
            )
        points = faces.points
    return _core.point_features(
        check_text("frame", frame), points, five, faces.boxes, check_flag("unit", unit)
    )


def _check_range(card: Card, settings: QualitySettings) -> None:
    try:
        _core.scale_quality(np.zeros(1, np.float32), settings.range)
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: quality.{error}") from error


def _core_scheme(card: Card, scheme: str) -> None:
    try:
        _core.scheme(scheme)
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: quality.{error}") from error


def _task(card: Card, settings: ScalarQuality) -> _core.QualityNetworkTask:
    try:
        return _core.QualityNetworkTask(
            name=card.name,
            crop=crop_rule(card, CropSettings() if settings.template else None),
            crop_template=settings.template or "",
            range=settings.range,
        )
    except ArgumentError as error:
        raise ModelError(f"{card.name}: card: {error}") from error
