"""Files, cameras and addresses, decoded by PyAV."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from rostro.errors import VideoError
from rostro.support.cpus import available_cpus
from rostro.types import Image
from rostro.video.extra import import_av
from rostro.video.sources.frame import RawFrame

__all__ = ["Decoded", "picture_of", "reason_of"]


class Decoded:
    """The video of a container that PyAV opens; a `RawStream`.

    Args:
        name: as it was given, for errors.
        address: what FFmpeg opens.
        live: ``None``: what has no known end is.
        camera: whether it is a camera of V4L2.
        options: FFmpeg's, of the demuxer.
        timeout: seconds that opening or a frame may take; ``None``: for ever.

    Raises:
        VideoError: it cannot be opened, or holds no video.
    """

    def __init__(
        self,
        name: str,
        address: str,
        *,
        live: bool | None = False,
        camera: bool = False,
        options: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> None:
        self._av = av = import_av()
        self._name = name
        try:
            self._container = av.open(
                address,
                "r",
                format="v4l2" if camera else None,
                options=options or {},
                metadata_errors="replace",
                timeout=timeout,
            )
        except (av.FFmpegError, OSError, ValueError) as error:
            raise VideoError(f"{name}: cannot be opened as a video: {reason_of(error)}") from error
        video = [
            stream
            for stream in self._container.streams.video
            if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        if not video:
            self._container.close()
            raise VideoError(f"{name}: there is no video in it")
        self._video = video[0]
        # Whole frames at once are quicker, and come as many frames later as there are threads.
        length = self._container.duration
        self.seconds = length / av.time_base if length is not None and length > 0 else 0.0
        self.live = not self.seconds if live is None else live
        with contextlib.suppress(RuntimeError):  # a codec without threads
            self._video.thread_type = "SLICE" if self.live else "AUTO"
            self._video.thread_count = available_cpus()
        rate = self._video.average_rate or self._video.guessed_rate
        self.rate = float(rate) if rate else None
        codec = self._video.codec_context
        known = codec is not None and codec.width > 0 and codec.height > 0
        self.size = (codec.width, codec.height) if known else None
        self.frames = int(self._video.frames)

    def __iter__(self) -> Iterator[RawFrame]:
        av = self._av
        packets = self._container.demux(self._video)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, EOFError):
                return
            except (av.FFmpegError, OSError) as error:
                raise VideoError(f"{self._name}: breaks off: {reason_of(error)}") from error
            try:
                frames = packet.decode()
            except EOFError:  # more packets after the one that says that there are no more
                continue
            except (av.FFmpegError, OSError, ValueError):
                yield RawFrame(None, None)
                continue
            for frame in frames:
                yield self._raw(frame)

    def _raw(self, frame: Any) -> RawFrame:
        stamp = frame.time
        try:
            image = picture_of(frame)
        except (self._av.FFmpegError, OSError, ValueError):  # no way to BGR
            return RawFrame(None, stamp)
        return RawFrame(image, stamp, bool(frame.is_corrupt))

    def close(self) -> None:
        self._container.close()


def picture_of(frame: Any) -> Image:
    """A frame of PyAV as (H, W, 3) uint8 BGR, upright, in memory of its own."""
    image: Image = frame.to_ndarray(format="bgr24")
    quarters = round(frame.rotation / 90) % 4  # counterclockwise, as NumPy's
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image


def reason_of(error: BaseException) -> str:
    """Why, without FFmpeg's numbers and without the name, which the message has."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return "nothing came within the time limit" if text == "Immediate exit requested" else text
