"""Short videos of real photos, made on the spot; and what streams do wrong."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

import rostro
from rostro.errors import VideoError
from rostro.samples import ASTRONAUT
from rostro.types import Image
from rostro.video.sources.frame import RawFrame

RATE = 25


@functools.cache
def photo() -> Image:
    """A photo of 160x120 with a face in it."""
    return np.ascontiguousarray(rostro.load_image(ASTRONAUT.fetch())[20:260:2, 60:380:2])


def moving(count: int, image: Image | None = None) -> list[Image]:
    """The photo, a few pixels further to the right in each frame."""
    image = photo() if image is None else image
    return [np.roll(image, 4 * number, axis=1) for number in range(count)]


def write_movie(
    path: Path,
    images: Sequence[Image],
    stamps: Sequence[float] | None = None,
    *,
    codec: str = "libx264",
    rotation: float = 0,
    sound: bool = False,
    tags: dict[str, str] | None = None,
    gop: int = 12,
) -> Path:
    """A video at `RATE`, or at these seconds, by an encoder as it is."""
    options = {"movflags": "use_metadata_tags"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        container.metadata.update(tags or {})
        quality = {"crf": "10", "bf": "0"} if codec == "libx264" else {}
        stream: Any = container.add_stream(codec, rate=RATE, options=quality)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.gop_size = gop
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        heard = container.add_stream("aac", rate=8000, layout="mono") if sound else None
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            seconds = number / RATE if stamps is None else stamps[number]
            frame.pts, frame.time_base = round(seconds * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if heard is not None:
            tone = np.sin(np.arange(8000 * len(images) // RATE) / 5).astype(np.float32) / 4
            heard_frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
            heard_frame.sample_rate, heard_frame.pts = 8000, 0
            container.mux(heard.encode(heard_frame))
            container.mux(heard.encode(None))
    return path


def sound_of(path: Path) -> list[bytes]:
    """The packets of the sound of a video."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


class Scripted:
    """A stream that gives these frames, as `Decoded` would: images are told apart by their first
    pixel; ``None``: cannot be decoded; an error is raised."""

    def __init__(
        self,
        stamps: Sequence[float | Exception | None],
        *,
        live: bool = False,
        rate: float | None = RATE,
        sizes: Sequence[tuple[int, int]] = ((8, 6),),
        broken: Sequence[int] = (),
    ) -> None:
        self.live, self.rate, self.frames, self.seconds = live, rate, 0, 0.0
        self.size: tuple[int, int] | None = None
        self._stamps, self._sizes, self._broken = stamps, sizes, broken
        self.closed = False

    def __iter__(self) -> Iterator[RawFrame]:
        for number, stamp in enumerate(self._stamps):
            if isinstance(stamp, Exception):
                raise stamp
            width, height = self._sizes[min(number, len(self._sizes) - 1)]
            image = np.full((height, width, 3), number, np.uint8)
            yield RawFrame(None if number in self._broken else image, stamp)

    def close(self) -> None:
        self.closed = True


class Camera:
    """Opens one scripted stream after the other; what is an error cannot be opened."""

    def __init__(self, *streams: Scripted | VideoError) -> None:
        self._streams = iter(streams)
        self.opened = 0

    def __call__(self) -> Scripted:
        self.opened += 1
        stream = next(self._streams, VideoError("camera: unplugged"))
        if isinstance(stream, VideoError):
            raise stream
        return stream
