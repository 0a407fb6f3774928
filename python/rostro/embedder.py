"""Face embeddings: one vector of unit norm for each face."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rostro import models
from rostro.errors import ArgumentError, ArgumentTypeError, ModelError
from rostro.kernels import Channels, Color, align, letterbox
from rostro.types import FloatArray, Image

__all__ = ["Embedder"]


class Embedder:
    """Turns faces into vectors whose dot product is their similarity.

    Any number of threads may call one embedder at once.

    Args:
        name_or_path: a built-in model, a card (``.toml``) or a model file; see `rostro.models`.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, never more.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        dim: length of an embedding.
        size: side of the aligned crops in pixels.
        template: their alignment template.
        threshold: the card's cosine similarity from which on two embeddings are taken for one
            person's; ``None`` where it names none. The card says how it was measured.

    Raises:
        ModelError: the model's card is missing or says nothing of an embedding.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self,
        name_or_path: str | Path = models.DEFAULTS["embed"],
        *,
        engine: str = "auto",
        threads: int | None = None,
    ) -> None:
        self.model = models.resolve(name_or_path, "embed")
        card = self.model.card
        if card is None or card.embed is None or card.input.size is None:
            raise ModelError(
                f"{name_or_path}: how to prepare faces for it is not known; write a model card "
                "beside it (task, input with size, outputs, embed) and name the .toml"
            )
        self._input = card.input
        self.dim = card.embed.dim
        self.template = card.embed.template
        self.size = card.input.size[0]
        cosine = card.thresholds.get("cosine")
        self.threshold = None if cosine is None else cosine.value
        self.engine = self.model.open(engine, threads)

    def __call__(self, crops: Image, color: Channels = "bgr") -> FloatArray:
        """Embed aligned crops, as `rostro.align` makes them.

        Args:
            crops: (N, size, size, 3) uint8, C-contiguous.
            color: their order, ``"bgr"`` or ``"rgb"``.

        Returns:
            (N, dim) float32 of unit norm.

        Raises:
            ArgumentError, ArgumentTypeError: not such crops.
            EngineError: the network failed.
        """
        side = self.size
        if not isinstance(crops, np.ndarray) or crops.dtype != np.uint8:
            got = getattr(crops, "dtype", type(crops).__name__)
            raise ArgumentTypeError(
                f"crops: {got}; a uint8 array of shape (N, {side}, {side}, 3) is wanted"
            )
        if crops.ndim != 4 or crops.shape[1:] != (side, side, 3):
            raise ArgumentError(
                f"crops: array of shape {crops.shape}; (N, {side}, {side}, 3) is wanted"
            )
        tensor = np.empty((len(crops), 3, side, side), np.float32)
        for crop, planes in zip(crops, tensor, strict=True):
            letterbox(
                crop,
                (side, side),
                color=color,
                channels=self._input.channels,
                mean=self._input.mean,
                std=self._input.std,
                out=planes[np.newaxis],
            )
        return self._embed(tensor)

    def embed_faces(self, image: Image, landmarks: FloatArray, color: Color = "bgr") -> FloatArray:
        """Align faces and embed them; the crops are never stored.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            landmarks: (N, 5, 2) float32 in the image's pixels.

        Returns:
            (N, dim) float32 of unit norm, the same as for the crops that `rostro.align` gives.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, or landmarks that give no face.
            EngineError: the network failed.
        """
        tensor = align(
            image,
            landmarks,
            self.size,
            self.template,
            color=color,
            channels=self._input.channels,
            mean=self._input.mean,
            std=self._input.std,
        )
        return self._embed(tensor)

    def _embed(self, tensor: FloatArray) -> FloatArray:
        if len(tensor) == 0:
            return np.empty((0, self.dim), np.float32)
        (features,) = self.engine.run(tensor)
        norms = np.linalg.norm(features, axis=1, keepdims=True)
        unit: FloatArray = features / np.maximum(norms, np.finfo(np.float32).tiny)
        return unit
