"""The embeddings of the faces of a frame that are worth one, as far as the budget goes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rostro.errors import ModelError
from rostro.faces import Faces
from rostro.kernels.arguments import Color
from rostro.pipeline import FacePipeline
from rostro.types import ImageLike
from rostro.video.budget import Budget
from rostro.video.evidence import EvidencePlan
from rostro.video.identity import Vote
from rostro.video.tracker import Predicted

__all__ = ["Embedding"]


class Embedding:
    """Embeds faces of one frame after the other.

    Args:
        pipeline: whose embedder is run; one without is fine.
        budget: says what fits into a frame.

    Attributes:
        count: faces that were embedded.
    """

    def __init__(self, pipeline: FacePipeline, budget: Budget) -> None:
        self._pipeline, self._budget = pipeline, budget
        self._plan = EvidencePlan()
        self.count = 0

    def __call__(
        self,
        frame: ImageLike,
        color: Color,
        faces: Faces,
        expected: Predicted,
        votes: Mapping[int, Vote],
        time: float,
    ) -> Faces:
        """The faces of a frame with ``embeddings``, zeros of those that were not embedded; who is
        expected where, and what was seen of them.

        Raises:
            ModelError: the embedder wants landmarks, and there are none.
        """
        embedder = self._pipeline.embedder
        self._plan.look(faces, expected, votes, time)
        if embedder is None or not len(faces):
            return faces
        if faces.landmarks is None and embedder.template != "box" and embedder.refine is None:
            raise ModelError(
                f"{self._pipeline.detector.model.name} gives no landmarks, without which faces "
                "cannot be embedded; take another detector, or embedder=None"
            )
        for work, rows in (("embed_new", self._plan.new), ("embed_more", self._plan.better)):
            for part in self._budget.parts(work, len(rows)):
                made = embedder(frame, faces.select(rows[part]), color).columns()
                self._plan.embedded(rows[part], made["embeddings"])
                self.count += len(rows[part])
        found = self._plan.embeddings(embedder.dim)
        return faces if found is None else faces.with_columns(embeddings=found)

    def taken(self, ids: NDArray[np.int64]) -> list[tuple[int, float]]:
        """Rows that have an embedding and an id, with their quality; the others wait."""
        return self._plan.taken(ids)
