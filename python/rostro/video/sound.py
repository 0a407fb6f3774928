"""The sound of a video, copied packet by packet into another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rostro.errors import FileMissingError, VideoError
from rostro.video.extra import import_av
from rostro.video.sources.decoded import reason_of

__all__ = ["Sound"]


class Sound:
    """All streams of sound of a file; what they contain stays as it is, tags are left behind.

    Raises:
        FileMissingError: there is no such file.
        VideoError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._av = av = import_av()
        self._path = path
        try:
            self._input = av.open(f"file:{path}", "r", metadata_errors="replace")
        except FileNotFoundError:
            raise FileMissingError(f"{path}: no such file") from None
        except (av.FFmpegError, OSError, ValueError) as error:
            raise VideoError(f"{path}: cannot be opened: {reason_of(error)}") from error
        self._streams = list(self._input.streams.audio)
        self._copies: dict[int, Any] = {}
        self._packets: Iterator[Any] = iter(())
        self._next: Any = None

    def begin(self, output: Any) -> None:
        """Adds the streams to a container.

        Raises:
            VideoError: a kind of sound that it cannot hold.
        """
        for stream in self._streams:
            try:
                copy = output.add_stream_from_template(stream)
            except (self._av.FFmpegError, OSError, ValueError) as error:
                raise VideoError(
                    f"{self._path}: its sound, {stream.codec_context.name}, cannot be copied into "
                    f"{output.format.name}: {reason_of(error)}"
                ) from error
            copy.metadata.clear()
            self._copies[stream.index] = copy
        if self._streams:
            self._packets = self._input.demux(*self._streams)

    def copy_until(self, output: Any, time: float | None) -> None:
        """Copies what begins before a time in seconds, or all that is left."""
        while True:
            if self._next is None:
                self._next = self._take()
            if self._next is None or (time is not None and _time_of(self._next) > time):
                return
            packet, self._next = self._next, None
            packet.stream = self._copies[packet.stream.index]
            output.mux_one(packet)

    def _take(self) -> Any:
        try:
            for packet in self._packets:
                if packet.dts is not None:
                    return packet
        except (self._av.FFmpegError, OSError):  # it breaks off; so may the pictures
            self._packets = iter(())
        return None

    def close(self) -> None:
        self._input.close()


def _time_of(packet: Any) -> float:
    return float(packet.dts * packet.time_base)
