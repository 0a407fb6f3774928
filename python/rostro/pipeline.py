"""From an image to the table of its faces in one call: a detector, then stages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from rostro import models
from rostro.detect.detector import Detector
from rostro.detect.upright import upright
from rostro.embed.embedder import Embedder
from rostro.errors import ArgumentError, ArgumentTypeError, ModelError
from rostro.faces import Faces, check_faces
from rostro.kernels import Color
from rostro.landmarks.landmarker import Landmarker
from rostro.models.choice import Precision
from rostro.support.arguments import check_several, shown
from rostro.types import Image, ImageLike

__all__ = ["FacePipeline", "Refusing", "Stage"]


class Stage(Protocol):
    """Takes the table of an image's faces and gives it back with more columns.

    An `Embedder` is one; any function is, that takes these three. The image is an array over the
    memory of the one that the pipeline was given; a tuple of such where its planes were apart.
    """

    def __call__(self, image: Image, faces: Faces, color: Color) -> Faces: ...


@runtime_checkable
class Refusing(Protocol):
    """A stage that says of faces why they may not be matched; ``None`` of those that may."""

    def refusals(self, faces: Faces) -> list[str | None]: ...


class FacePipeline:
    """Detects the faces of an image, and lets stages say more of them.

    Where the detector finds that an image lies on its side (see its ``turn``), stages see it
    turned upright; what the pipeline gives is in the image as it was given.

    Any number of threads may call one pipeline at once, if its stages allow it. The default models
    are installed into the cache when they are first used (see `rostro.models`). It is pickled as
    its detector and its stages.

    Args:
        detector: a `Detector`, or what makes one.
        embedder: an `Embedder`, or what makes one; ``None`` for no embeddings.
        stages: what else is to be known of the faces, in the order in which it is asked. The
            embedder is the last one, unless it stands among them.
        refine: a `Landmarker`, or what makes one, by whose points the embedder that is made here
            aligns faces; see `Embedder`.
        engine, threads, precision: of the detector and the embedder that are made here; see
            `Detector`.

    Attributes:
        detector, embedder, stages: as above; ``stages`` with the embedder.
    """

    def __init__(
        self,
        detector: Detector | str | Path = models.DEFAULTS["detect"],
        embedder: Embedder | str | Path | None = models.DEFAULTS["embed"],
        stages: Sequence[Stage] = (),
        *,
        refine: Landmarker | str | Path | None = None,
        engine: str = "auto",
        threads: int | None = None,
        precision: Precision = "auto",
    ) -> None:
        stages = check_several("stages", stages, "stages")
        for stage in stages:
            if not callable(stage):
                raise ArgumentTypeError(f"stages: got {shown(stage)}; what can be called is wanted")
        if not isinstance(detector, Detector):
            detector = Detector(detector, engine=engine, threads=threads, precision=precision)
        placed = next((stage for stage in stages if isinstance(stage, Embedder)), None)
        if refine is not None and (placed or embedder is None or isinstance(embedder, Embedder)):
            raise ArgumentError(
                "refine: got one without an embedder to be made for it; None is wanted here, and "
                "Embedder(name, refine=...), or a Landmarker among the stages"
            )
        if placed is not None:
            embedder = placed
        elif embedder is not None and not isinstance(embedder, Embedder):
            embedder = Embedder(
                embedder, engine=engine, threads=threads, precision=precision, refine=refine
            )
        self.detector = detector
        self.embedder = embedder
        last = () if embedder is None or placed is not None else (embedder,)
        self.stages: tuple[Stage, ...] = (*stages, *last)

    def __call__(self, image: ImageLike, color: Color = "bgr") -> Faces:
        """The faces of an image, best first, in its own pixels.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            color: one of `rostro.kernels.Color`.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image; or a stage that gives no table.
            ModelError: there are no landmarks, which an embedder needs.
            EngineError: a network failed.
        """
        seen, colors, faces, back = upright(image, self.detector(image, color), color)
        for stage in self.stages:
            if _lacks_landmarks(stage, faces):
                raise ModelError(
                    f"{self.detector.model.name} gives no landmarks, without which faces cannot be "
                    "aligned and embedded; take another detector, or embedder=None"
                )
            faces = stage(seen, faces, colors)
            if not isinstance(faces, Faces):
                raise ArgumentTypeError(
                    f"stages: got {stage!r}, which gave {type(faces).__name__}; Faces is wanted"
                )
        return back(faces)

    def refusals(self, faces: Faces) -> list[str | None]:
        """Why each of these faces may not be matched, in a few words; ``None``: it may.

        The stages that refuse faces, as a `Liveness` does, say it: any with a method ``refusals``
        that takes a table. The first reason counts.

        Args:
            faces: that this pipeline gave.

        Raises:
            ArgumentError, ArgumentTypeError: a table that these stages did not give.
            ModelError: a stage has no threshold.
        """
        reasons: list[str | None] = [None] * len(check_faces("faces", faces))
        for stage in self.stages:
            if isinstance(stage, Refusing):
                found = stage.refusals(faces)
                reasons = [one or other for one, other in zip(reasons, found, strict=True)]
        return reasons


def _lacks_landmarks(stage: Stage, faces: Faces) -> bool:
    """Whether an embedder is asked that aligns faces, by landmarks that are not there."""
    if not isinstance(stage, Embedder) or stage.refine is not None:
        return False
    return faces.landmarks is None and stage.template != "box"
