"""Which faces are hidden: everybody's, those that a gallery knows, or all but those."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

import numpy as np

from rostro.gallery import Gallery
from rostro.types import FloatArray
from rostro.video.anonymize.tracks import Sightings
from rostro.video.templates import MeanTemplate

__all__ = ["DOUBT", "SURE_SCORE", "ByGallery", "Decision", "Everybody", "Who"]

DOUBT = 0.1
"""Below the threshold of a similarity, a face may all the same be somebody whom the gallery
knows."""
SURE_SCORE = 0.6
"""Detections below are not compared: nothing can be said of them."""
_SHARE = 0.6
"""Of a track's embeddings that must be of one person, for it to be known; no other may be."""

Decision: TypeAlias = tuple[bool, str | None, float | None]
"""Whether to hide a face, whose it is, and the similarity that says so."""


class Who(Protocol):
    """Decides by all that was seen of a face."""

    needs_embeddings: bool

    def __call__(self, track: Sightings) -> Decision: ...


class Everybody:
    """All faces are hidden."""

    needs_embeddings = False

    def __call__(self, track: Sightings) -> Decision:
        return True, None, None


class ByGallery:
    """Hides those whom a gallery knows, or all but those; when in doubt, a face is hidden.

    To hide all but those who are known, a face is shown where the mean of its embeddings is
    somebody of the gallery, 60 % of them alone are, too, none is somebody else, and at least half
    of the sightings were sure enough to be compared. To hide those who are known alone, a face is
    shown where neither the mean of its embeddings nor one of them comes to within 0.1 of the
    threshold to anybody. A face that was never found with a sure score cannot be told, and is
    hidden.

    Args:
        hide: ``"known"`` or ``"unknown"``.
        threshold: the least similarity of one person.
    """

    needs_embeddings = True

    def __init__(
        self, gallery: Gallery, hide: Literal["known", "unknown"], threshold: float
    ) -> None:
        self._gallery, self._hide, self._threshold = gallery, hide, threshold

    def __call__(self, track: Sightings) -> Decision:
        if not track.embeddings:
            return True, None, None
        embeddings: FloatArray = np.stack(track.embeddings)
        template = MeanTemplate(embeddings.shape[1])
        template.add(embeddings)
        mean = template.result()
        if mean is None:
            return True, None, None
        found = self._gallery.search(np.concatenate([mean[None], embeddings]), 1)
        best = [matches[0] for matches in found if matches]
        if not best:  # nobody is in the gallery
            return self._hide == "unknown", None, None
        known = best[0].similarity >= self._threshold
        name = best[0].name if known else None
        if self._hide == "known":
            nearest = max(match.similarity for match in best)
            return nearest >= self._threshold - DOUBT, name, nearest
        named = [match.name for match in best[1:] if match.similarity >= self._threshold]
        agree = named.count(best[0].name)
        sure = known and agree == len(named) and agree >= _SHARE * len(embeddings)
        sure &= 2 * len(embeddings) >= len(track.frames)  # the others may be somebody else's
        return not sure, name, best[0].similarity
