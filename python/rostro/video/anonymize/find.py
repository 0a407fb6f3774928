"""The first pass: what is to be hidden in a photo or video."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rostro.embed.embedder import Embedder
from rostro.errors import VideoError
from rostro.faces import Faces
from rostro.pictures.images import load_image
from rostro.types import Image
from rostro.video.anonymize.cuts import Cuts
from rostro.video.anonymize.regions import Regions
from rostro.video.anonymize.tracks import Seen, Track, covered, link
from rostro.video.anonymize.who import SURE_SCORE, Who
from rostro.video.sources import NewestFrame, open_source

__all__ = ["Finder"]

Progress = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds what is to be hidden.

    Attributes:
        detect: finds the faces of an image, BGR.
        who: decides which of them are hidden.
        embedder: where ``who`` needs embeddings.
        gap: seconds for which a face may be unseen, and is hidden where it must have been.
        margin: frames before a face was first seen, and after it was last seen, in which it is
            hidden, too.
    """

    detect: Callable[[Image], Faces]
    who: Who
    embedder: Embedder | None = None
    gap: float = 2.0
    margin: int = 5

    def in_photo(self, path: Path) -> Regions:
        """The regions of a photo, upright.

        Raises:
            ImageError, FileMissingError: it cannot be read.
        """
        image = load_image(path)
        height, width = image.shape[:2]
        faces = self._faces(image)
        tracks = self._tracks([Seen(0, 0.0, faces)], [], 1)
        return Regions(str(path), width, height, 1, tracks, [] if len(faces) else [0])

    def in_video(self, path: Path, progress: Progress = lambda: None) -> Regions:
        """The regions of a video.

        Args:
            progress: called for each frame.

        Raises:
            VideoError, FileMissingError: it cannot be read.
        """
        cuts, seen = Cuts(), list[Seen]()
        begins: list[int] = []
        stream, size = 0, None
        with open_source(path) as source, NewestFrame(source) as frames:
            for number, frame in enumerate(frames):  # nothing of a file is dropped
                if frame.stream != stream:
                    begins.append(number)
                    stream = frame.stream
                height, width = frame.image.shape[:2]
                if size is not None and size != (width, height):
                    raise VideoError(
                        f"{path}: frames change their size from {size[0]}x{size[1]} to "
                        f"{width}x{height}; convert it to one size first"
                    )
                size = (width, height)
                cuts.look(frame.image)
                seen.append(Seen(number, frame.time, self._faces(frame.image)))
                progress()
        if size is None:
            raise VideoError(f"{path}: there is no frame in it")
        scenes = sorted({*cuts.end(), *begins})
        empty = [each.frame for each in seen if not len(each.faces)]
        tracks = self._tracks(seen, scenes, len(seen))
        return Regions(str(path), *size, len(seen), tracks, empty, scenes)

    def _faces(self, image: Image) -> Faces:
        """Boxes and scores, and the embeddings of those that are sure, zeros of the others."""
        found = self.detect(image)
        columns = {name: found.columns()[name] for name in ("boxes", "scores")}
        sides = columns["boxes"][:, 2:] - columns["boxes"][:, :2]
        kept = np.flatnonzero((sides > 0).all(axis=1))
        if self.embedder is not None and self.who.needs_embeddings:
            sure = np.flatnonzero((columns["scores"] >= SURE_SCORE) & (sides > 0).all(axis=1))
            embeddings = np.zeros((len(found), self.embedder.dim), np.float32)
            if len(sure):
                made = self.embedder(image, found.select(sure)).columns()["embeddings"]
                embeddings[sure] = made
            columns["embeddings"] = embeddings
        return Faces.of(columns).select(kept)

    def _tracks(self, seen: list[Seen], cuts: list[int], frames: int) -> list[Track]:
        edges = [0, *cuts, frames]
        tracks = []
        for sightings in link(seen, cuts, self.gap):
            scene = bisect.bisect_right(edges, sightings.frames[0]) - 1
            track = covered(sightings, (edges[scene], edges[scene + 1] - 1), self.margin)
            track.hide, track.name, track.similarity = self.who(sightings)
            tracks.append(track)
        return tracks
