"""The annotated video of a watched stream."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rostro.errors import RostroError
from rostro.faces import Faces
from rostro.pictures.draw import draw_faces
from rostro.types import Image
from rostro.video.writer import VideoWriter

__all__ = ["Recording"]


class Recording:
    """Writes frames with their faces until that fails; the watching goes on without.

    Args:
        path: as `VideoWriter` takes it; opened with the first frame, whose size the video has.
        rate: frames a second, about.

    Attributes:
        failure: why the video is not written, or not on; ``None`` while all is well.
        frames: written.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self._path = path
        self._rate = rate
        self._writer: VideoWriter | None = None
        self._last = float("-inf")
        self.failure: str | None = None
        self.frames = 0

    def write(self, image: Image, faces: Faces, captions: Sequence[str], time: float) -> None:
        """A frame; one whose time is not after the last one's is left out."""
        if self.failure is not None or not time > self._last:
            return
        try:
            if self._writer is None:
                height, width = image.shape[:2]
                self._writer = VideoWriter(self._path, (width, height), self._rate)
            self._writer.write(draw_faces(image, faces, captions=captions), time)
        except (RostroError, OSError) as error:
            self._fail(error)
        else:
            self._last = time
            self.frames += 1

    def close(self) -> None:
        """The video gets its name."""
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except (RostroError, OSError) as error:
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.failure = str(error)
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.discard()  # closed already, where it was the writer that failed
