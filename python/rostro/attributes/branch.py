"""Two embedders, the one of a face chosen by a number of the face table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rostro.embed.embedder import Embedder
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces, check_faces
from rostro.kernels.arguments import Color
from rostro.support.arguments import check_number, check_text, shown
from rostro.types import ImageLike

__all__ = ["Branch", "Branched"]


class Branched(NamedTuple):
    """The faces of an image in two tables, for two galleries.

    Attributes:
        good, poor: the faces that reach the threshold, and the others, each with the embeddings of
            its own embedder, in the order of the image's table.
        is_good: (N,) bool, for each face of the image's table, which one it went to.
    """

    good: Faces
    poor: Faces
    is_good: NDArray[np.bool_]


class Branch:
    """Embeds good faces with one network and poor ones with another, made for low resolution.

    Vectors of two networks do not compare. So this is no stage that fills one table: it gives two
    tables, and each is looked up in a gallery of its own, whose people are enrolled with the same
    embedder. Any number of threads may call one at once.

    Args:
        good: of the faces whose ``column`` is at least ``threshold``.
        poor: of the others; a face without the number, NaN, is among them.
        threshold: in the column's unit.
        column: ``"quality"``, another column of one number a face, or the name of an attribute.

    Raises:
        ArgumentError, ArgumentTypeError: not two embedders, the same one twice, no such threshold.
    """

    def __init__(
        self, good: Embedder, poor: Embedder, *, threshold: float, column: str = "quality"
    ) -> None:
        for name, embedder in {"good": good, "poor": poor}.items():
            if not isinstance(embedder, Embedder):
                raise ArgumentTypeError(f"{name}: got {shown(embedder)}; an Embedder is wanted")
        if good is poor:
            raise ArgumentError("poor: got the embedder of the good faces; another one is wanted")
        self.good, self.poor = good, poor
        self.threshold = check_number("threshold", threshold)
        if not np.isfinite(self.threshold):
            raise ArgumentError(f"threshold: got {threshold}; a finite number is wanted")
        self.column = check_text("column", column)

    def __call__(self, image: ImageLike, faces: Faces, color: Color = "bgr") -> Branched:
        """The faces in two tables, with ``embeddings`` and ``norms``.

        Args:
            image: uint8, (H, W, 3) or as ``color`` says; see `rostro.kernels`.
            faces: of the image, with the column, and without embeddings.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image, no such column of one number a
                face, or faces that are embedded already.
            Others as `Embedder`.
        """
        columns = check_faces("faces", faces).columns()
        if faces.embeddings is not None:
            raise ArgumentError(
                "faces: got a table with embeddings; one without is wanted, for two embedders' "
                "vectors do not compare: embedder=None leaves them out of a pipeline"
            )
        numbers = columns.get(self.column, columns.get(f"attributes.{self.column}"))
        if numbers is None or numbers.ndim != 1 or numbers.dtype.kind not in "fiu":
            raise ArgumentError(
                f"faces: got a table without a number {self.column!r} a face; one is wanted, by "
                "which it goes to one embedder or the other: of rostro.Quality() before, say"
            )
        is_good: NDArray[np.bool_] = numbers >= self.threshold
        return Branched(
            self.good(image, faces.select(is_good), color),
            self.poor(image, faces.select(~is_good), color),
            is_good,
        )
