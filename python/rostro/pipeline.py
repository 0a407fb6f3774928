"""From an image to identities in one call."""

from __future__ import annotations

from pathlib import Path

from rostro import models
from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.errors import ModelError
from rostro.kernels import Color
from rostro.types import Faces, Image

__all__ = ["FacePipeline"]


class FacePipeline:
    """Detects the faces of an image, aligns and embeds them.

    Any number of threads may call one pipeline at once. The default models are installed into the
    cache when they are first used (see `rostro.models`).

    Args:
        detector: a `Detector`, or what makes one.
        embedder: an `Embedder`, or what makes one; ``None`` to detect only.
        engine, threads: of those that are made here; see `Detector`.
    """

    def __init__(
        self,
        detector: Detector | str | Path = models.DEFAULTS["detect"],
        embedder: Embedder | str | Path | None = models.DEFAULTS["embed"],
        *,
        engine: str = "auto",
        threads: int | None = None,
    ) -> None:
        if not isinstance(detector, Detector):
            detector = Detector(detector, engine=engine, threads=threads)
        if embedder is not None and not isinstance(embedder, Embedder):
            embedder = Embedder(embedder, engine=engine, threads=threads)
        self.detector = detector
        self.embedder = embedder

    def __call__(self, image: Image, color: Color = "bgr") -> Faces:
        """The faces of an image, best first, in its own pixels.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            color: ``"bgr"``, ``"rgb"``, ``"gray"``, ``"nv12"`` or ``"yuyv"``.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image.
            ModelError: the detector gives no landmarks, which an embedder needs.
            EngineError: a network failed.
        """
        found = self.detector(image, color)
        embeddings = norms = None
        if self.embedder is not None:
            if found.landmarks is None and self.embedder.template != "box":
                raise ModelError(
                    f"{self.detector.model.name} gives no landmarks, without which faces cannot be "
                    "aligned and embedded; take another detector, or embedder=None"
                )
            embeddings, norms = self.embedder.embed_faces(image, found, color)
        return Faces(
            found.boxes, found.scores, found.landmarks, embeddings, found.poses, norms=norms
        )
