"""The second pass: photos and videos with regions hidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rostro.errors import RegionsError
from rostro.pictures.images import load_image, save_image
from rostro.types import Image
from rostro.video.anonymize.hiding import Hiding
from rostro.video.anonymize.regions import Regions
from rostro.video.sources import Problem, open_source
from rostro.video.writer import VideoWriter

__all__ = ["hide_in_photo", "hide_in_video"]

_USUAL_RATE = 25.0


def hide_in_photo(path: Path, target: Path, regions: Regions, hiding: Hiding) -> None:
    """Writes a photo, upright, without its metadata, and with its regions hidden.

    Raises:
        RegionsError: they are of another photo.
        ImageError, FileMissingError, WriteError: it cannot be read or written.
    """
    image = load_image(path)
    _check_size(path, image, regions)
    _check_count(path, 1, regions)
    hiding(image, next(regions.by_frame()))
    save_image(target, image)


def hide_in_video(
    path: Path,
    target: Path,
    regions: Regions,
    hiding: Hiding,
    *,
    sound: bool = True,
    progress: Callable[[], object] = lambda: None,
) -> list[Problem]:
    """Writes a video, upright, without its metadata, with its regions hidden and its sound.

    Args:
        sound: whether its sound is copied, as it is.
        progress: called for each frame.

    Returns:
        What was wrong with the video.

    Raises:
        RegionsError: they are of another video.
        VideoError, FileMissingError, WriteError: it cannot be read or written; nothing is left
            under the name of the target.
    """
    count, of_frames = 0, regions.by_frame()
    with open_source(path) as source:
        writer: VideoWriter | None = None
        try:
            begin, stream, last = 0.0, 0, 0.0
            for frame in source:
                _check_size(path, frame.image, regions)
                if writer is None:
                    writer = VideoWriter(
                        target,
                        (regions.width, regions.height),
                        source.rate or _USUAL_RATE,
                        sound_of=path if sound else None,
                        keep_partial=False,
                    )
                    begin = source.origin  # sound has times of its own
                if frame.stream != stream:
                    begin, stream = last + 1 / (source.rate or _USUAL_RATE), frame.stream
                last = begin + frame.time
                count += 1
                there = next(of_frames, None)
                if there is None:  # told below, with the number of all
                    continue
                hiding(frame.image, there)
                writer.write(frame.image, last)
                progress()
            _check_count(path, count, regions)
            if writer is not None:
                writer.close()
        except BaseException:
            if writer is not None:
                writer.discard()
            raise
        return source.problems.all()


def _check_size(path: Path, image: Image, regions: Regions) -> None:
    height, width = image.shape[:2]
    if (width, height) != (regions.width, regions.height):
        raise RegionsError(
            f"{path}: it is {width}x{height}, its regions are of {regions.width}x{regions.height}; "
            "regions of this very file are wanted"
        )


def _check_count(path: Path, count: int, regions: Regions) -> None:
    if count != regions.frames:
        raise RegionsError(
            f"{path}: it has {count} frames, its regions are of {regions.frames}; "
            "regions of this very file are wanted"
        )
