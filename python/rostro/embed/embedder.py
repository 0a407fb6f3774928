"""Face embeddings: one vector of unit norm for each face."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rostro import models
from rostro.errors import ArgumentError, ArgumentTypeError, EngineError, ModelError
from rostro.kernels import (
    Channels,
    Color,
    align,
    crop_boxes,
    estimate_similarity,
    letterbox,
    template_points,
)
from rostro.types import Detections, FloatArray, Image

__all__ = ["Embedded", "Embedder"]

# Where image-left and image-right landmarks are once an image is mirrored.
_MIRRORED = [1, 0, 2, 4, 3]


class Embedded(NamedTuple):
    """Embeddings, (N, D) float32 of unit norm, and the norms, (N,), that the network gave them.

    A low norm tells a face that is hard to recognise: blurred, small, turned away, covered (Kim et
    al., "AdaFace", 2022, section 3.2). Norms compare within one model only.
    """

    embeddings: FloatArray
    norms: FloatArray


class Embedder:
    """Turns faces into vectors whose dot product is their similarity.

    Any number of threads may call one embedder at once.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file; see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, never more.
        flip: whether an embedding is that of the mean of what the network gives for the crop and
            for its mirror image, at twice the time; by default as the card says.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        dim: length of an embedding.
        size: (width, height) of the crops in pixels.
        template: their alignment template; ``"box"``: the detector's box instead.
        flip: as above.
        threshold: the card's cosine similarity from which on two embeddings are taken for one
            person's; ``None`` where it names none, or was calibrated with another ``flip``. The
            card says how it was measured, and may name a stricter one.

    Raises:
        ModelError: the model's card is missing, says nothing of an embedding, or nonsense.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path = models.DEFAULTS["embed"],
        *,
        engine: str = "auto",
        threads: int | None = None,
        flip: bool | None = None,
    ) -> None:
        self.model = models.resolve(name_or_path, "embed")
        card = self.model.card
        if card is None or card.embed is None or card.input.size is None:
            raise ModelError(
                f"{name_or_path}: how to prepare faces for it is not known; write a model card "
                "beside it (task, input with size, outputs, embed) and name the .toml"
            )
        self._input = card.input
        self._takes_landmarks = card.embed.landmarks is not None
        self.dim = card.embed.dim
        self.template = card.embed.template
        self.size = card.input.size
        self.flip = card.embed.flip if flip is None else flip
        cosine = card.thresholds.get("cosine") if self.flip == card.embed.flip else None
        self.threshold = None if cosine is None else cosine.value
        self._check_card(card)
        self.engine = self.model.open(engine, threads)

    def __call__(
        self, crops: Image, color: Channels = "bgr", landmarks: FloatArray | None = None
    ) -> FloatArray:
        """Embed crops of faces, as `crops` makes them.

        Args:
            crops: (N, height, width, 3) uint8, C-contiguous.
            color: their order, ``"bgr"`` or ``"rgb"``.
            landmarks: (N, 5, 2) float32 in pixels of the crops, for a network that takes them.

        Returns:
            (N, dim) float32 of unit norm.

        Raises:
            ArgumentError, ArgumentTypeError: not such crops, or landmarks missing.
            EngineError: the network failed.
            ModelError: its output is not what the card says.
        """
        return self.with_norms(crops, color, landmarks).embeddings

    def with_norms(
        self, crops: Image, color: Channels = "bgr", landmarks: FloatArray | None = None
    ) -> Embedded:
        """As a call; the norms besides."""
        width, height = self.size
        wanted = f"(N, {height}, {width}, 3)"
        if not isinstance(crops, np.ndarray) or crops.dtype != np.uint8:
            got = getattr(crops, "dtype", type(crops).__name__)
            raise ArgumentTypeError(f"crops: {got}; a uint8 array of shape {wanted} is wanted")
        if crops.ndim != 4 or crops.shape[1:] != (height, width, 3):
            raise ArgumentError(f"crops: array of shape {crops.shape}; {wanted} is wanted")
        tensor = np.empty((len(crops), 3, height, width), np.float32)
        for crop, planes in zip(crops, tensor, strict=True):
            letterbox(
                crop,
                self.size,
                color=color,
                channels=self._input.channels,
                mean=self._input.mean,
                std=self._input.std,
                out=planes[np.newaxis],
            )
        return self._embed(tensor, landmarks)

    def crops(self, image: Image, faces: Detections, color: Color = "bgr") -> Image:
        """The crops that this network takes of faces.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: with landmarks in the image's pixels; without, if the template is ``"box"``.

        Returns:
            (N, height, width, 3) uint8, RGB for ``color="rgb"``, else BGR.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
        """
        if self.template == "box":
            return crop_boxes(image, faces.boxes, self.size, color=color)
        return align(image, self._landmarks(faces), self.size, self.template, color=color)

    def embed_faces(self, image: Image, faces: Detections, color: Color = "bgr") -> Embedded:
        """Crop faces and embed them; the crops are never stored.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: with landmarks in the image's pixels; without, if the template is ``"box"``.

        Returns:
            The same as for the crops that `crops` gives.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or nothing to crop.
            EngineError: the network failed.
            ModelError: its output is not what the card says.
        """
        tensor = self._tensor(image, faces, color)
        landmarks = None
        if self._takes_landmarks:
            landmarks = self._landmarks_in_crops(self._landmarks(faces))
        return self._embed(tensor, landmarks)

    def _tensor(self, image: Image, faces: Detections, color: Color) -> FloatArray:
        channels, mean, std = self._input.channels, self._input.mean, self._input.std
        if self.template == "box":
            return crop_boxes(
                image, faces.boxes, self.size, color=color, channels=channels, mean=mean, std=std
            )
        return align(
            image,
            self._landmarks(faces),
            self.size,
            self.template,
            color=color,
            channels=channels,
            mean=mean,
            std=std,
        )

    def _landmarks(self, faces: Detections) -> FloatArray:
        if faces.landmarks is None:
            raise ArgumentError(
                f"faces: without landmarks, by which {self.model.name} wants them aligned; take a "
                "detector that gives landmarks"
            )
        return faces.landmarks

    def _landmarks_in_crops(self, landmarks: FloatArray) -> FloatArray:
        to_crop = estimate_similarity(landmarks, template_points(self.template, self.size))
        turned = landmarks @ to_crop[:, :, :2].transpose(0, 2, 1)
        moved: FloatArray = turned + to_crop[:, np.newaxis, :, 2]
        return moved

    def _embed(self, tensor: FloatArray, landmarks: FloatArray | None) -> Embedded:
        points = self._points(landmarks, len(tensor))
        if len(tensor) == 0:
            return Embedded(np.empty((0, self.dim), np.float32), np.empty(0, np.float32))
        features = self._run(tensor, points)
        if self.flip:
            # A landmark's place moves to the other side, and its name is that of the other side.
            if points is not None:
                points = np.ascontiguousarray(points[:, _MIRRORED])
                points[..., 0] = 1 - points[..., 0]
            mirrored = np.ascontiguousarray(tensor[..., ::-1])
            features = np.float32(0.5) * (features + self._run(mirrored, points))
        norms: FloatArray = np.linalg.norm(features, axis=1)
        usable = np.isfinite(norms) & (norms > 0)
        if not usable.all():
            raise EngineError(
                f"{self.model.name}: an embedding of norm {norms[~usable][0]}; the weights are "
                "damaged, or too large for the precision that they are computed in"
            )
        unit: FloatArray = features / norms[:, np.newaxis]
        return Embedded(unit, norms)

    def _points(self, landmarks: FloatArray | None, count: int) -> FloatArray | None:
        """Landmarks in 0..1 of the crop, for the network."""
        if not self._takes_landmarks:
            return None
        wanted = f"a float32 array of shape ({count}, 5, 2), in pixels of the crops, is wanted"
        if not isinstance(landmarks, np.ndarray) or landmarks.dtype != np.float32:
            got = getattr(landmarks, "dtype", type(landmarks).__name__)
            raise ArgumentTypeError(f"landmarks: {got}; {self.model.name} takes them: {wanted}")
        if landmarks.shape != (count, 5, 2):
            raise ArgumentError(f"landmarks: array of shape {landmarks.shape}; {wanted}")
        return np.divide(landmarks, self.size, dtype=np.float32)

    def _run(self, tensor: FloatArray, points: FloatArray | None) -> FloatArray:
        # A network that was exported for one image gets one after the other.
        step = self.engine.input_shape[0] or len(tensor)
        parts = []
        for i in range(0, len(tensor), step):
            second = None if points is None else points[i : i + step]
            parts.append(self.engine.run(tensor[i : i + step], second)[0])
        features = np.concatenate(parts) if len(parts) > 1 else parts[0]
        if features.shape != (len(tensor), self.dim):
            raise ModelError(
                f"{self.model.name}: its output for {len(tensor)} faces has the shape "
                f"{features.shape}; embed.dim, {self.dim}, makes it ({len(tensor)}, {self.dim})"
            )
        return features

    def _check_card(self, card: models.Card) -> None:
        """What is wrong with it is said before a network is fetched and loaded for it."""
        if len(card.outputs) != 1:
            raise ModelError(f"{card.name}: {len(card.outputs)} outputs; an embedder has one")
        if self._takes_landmarks and self.template == "box":
            raise ModelError(
                f'{card.name}: embed.landmarks: a network on "box" crops has no second input'
            )
        nobody = Detections(
            np.empty((0, 4), np.float32),
            np.empty(0, np.float32),
            np.empty((0, 5, 2), np.float32),
        )
        try:
            self._tensor(np.zeros((1, 1, 3), np.uint8), nobody, "bgr")
        except ArgumentError as error:
            raise ModelError(f"{card.name}: card: {error}") from error
