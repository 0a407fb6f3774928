"""Writes videos: whole under their name, or what there is of them under another."""

from __future__ import annotations

import contextlib
import errno
import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, VideoError, WriteError
from rostro.support.arguments import check_flag, check_integer, check_number, check_path, shown
from rostro.support.backports import add_note
from rostro.support.files import replacing
from rostro.types import Image
from rostro.video.extra import import_av
from rostro.video.sound import Sound
from rostro.video.sources.decoded import reason_of

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["VIDEO_SUFFIXES", "VideoWriter"]

_H264 = ("libx264", "libopenh264", "mpeg4")
_CODECS = {
    ".mp4": ("mp4", _H264),
    ".m4v": ("mp4", _H264),
    ".mov": ("mov", _H264),
    ".mkv": ("matroska", _H264),
    ".webm": ("webm", ("libvpx-vp9", "libvpx")),
}
VIDEO_SUFFIXES = frozenset(_CODECS)
"""Lower-case suffixes that `VideoWriter` writes."""

_OPTIONS = {
    "libx264": {"preset": "veryfast", "crf": "18"},
    "libopenh264": {"b": "8M"},
    "mpeg4": {"qscale": "3", "flags": "+qscale", "global_quality": "354"},
    "libvpx-vp9": {"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"},
    "libvpx": {"crf": "10", "b": "8M", "deadline": "realtime", "cpu-used": "6"},
}
_UNITS = 60000
"""Of a second, in which time stamps are kept: whole for the usual rates; MPEG-4 takes no more than
65,535."""
_LARGEST = 16384


class VideoWriter:
    """Writes frames with their times.

    The video grows under a temporary name in the same folder and gets its own when it is closed.
    Where writing fails, as on a full disk, what there is so far is kept as ``NAME.partial.SUFFIX``,
    or nothing, and the error says which; an MP4 with sound is nothing until its end. The encoder is
    H.264 where FFmpeg has one, VP9 for ``.webm``, else MPEG-4. One thread at a time.

    Args:
        path: ends in .m4v, .mkv, .mov, .mp4 or .webm; a file that is there is replaced at the
            end.
        size: (width, height) of the frames. An odd side is written with its last row or column
            twice, for encoders take even ones alone.
        rate: frames a second, about: times alone say when a frame is shown.
        sound_of: a video whose sound is copied as it is, at its own times.
        keep_partial: whether what there is so far is kept where writing fails.

    Raises:
        ArgumentError, ArgumentTypeError: not such arguments.
        FileMissingError: the folder does not exist, or ``sound_of`` does not.
        VideoError: no encoder, or a sound that the kind of file cannot hold.
        WriteError: the file cannot be written.
        ExtraNotInstalledError: PyAV is missing.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        rate: float,
        *,
        sound_of: str | Path | None = None,
        keep_partial: bool = True,
    ) -> None:
        self.path = check_path("path", path)
        if self.path.suffix.lower() not in _CODECS:
            wanted = ", ".join(sorted(_CODECS))
            raise ArgumentError(
                f"{self.path}: got the suffix {self.path.suffix!r}; one of {wanted} is wanted"
            )
        self.size = _checked_size(size)
        rate = check_number("rate", rate)
        if not 0.001 <= rate <= _UNITS:
            raise ArgumentError(f"rate: got {shown(rate)}; 0.001 to {_UNITS} a second is wanted")
        self._keep_partial = check_flag("keep_partial", keep_partial)
        sound = None if sound_of is None else check_path("sound_of", sound_of)
        self._av = import_av()
        if not self.path.parent.is_dir():
            raise FileMissingError(f"{path}: cannot be written, there is no {self.path.parent}")
        self._stack: contextlib.ExitStack | None = contextlib.ExitStack()
        self._last: int | None = None
        self._first = 0
        try:
            self._sound = None if sound is None else Sound(sound)
            if self._sound is not None:
                self._stack.callback(self._sound.close)
            self._file: Any = self._stack.enter_context(replacing(self.path))
            self._begin(Fraction(rate).limit_denominator(1001))
        except BaseException as error:
            self._abandon(error)
            raise

    def _begin(self, rate: Fraction) -> None:
        container, names = _CODECS[self.path.suffix.lower()]
        # A film that breaks off can still be seen: its index is written every second, and again as
        # one at the end.
        pieces = {"movflags": "+hybrid_fragmented", "frag_duration": "1000000"}
        # Not where sound begins at another time than the pictures: the index of pieces says that of
        # neither.
        grows = self._keep_partial and self._sound is None and container in ("mp4", "mov")
        options = pieces if grows else {}
        self._container = self._av.open(
            self._file, "w", format=container, options={"fflags": "+bitexact", **options}
        )
        name = next((name for name in names if self._has(name)), None)
        if name is None:
            raise VideoError(
                f"{self.path}: FFmpeg has none of the encoders {', '.join(names)} here"
            )
        self._video = self._container.add_stream(name, rate=rate, options=dict(_OPTIONS[name]))
        self._video.width, self._video.height = (side + side % 2 for side in self.size)
        self._video.pix_fmt = "yuv420p"
        self._video.gop_size = max(1, round(2 * rate))
        self._video.codec_context.time_base = Fraction(1, _UNITS)
        if self._sound is not None:
            self._sound.begin(self._container)

    def _has(self, name: str) -> bool:
        try:
            self._av.codec.Codec(name, "w")
        except self._av.codec.codec.UnknownCodecError:
            return False
        return True

    def write(self, image: Image, time: float) -> None:
        """Adds a frame.

        Args:
            image: (H, W, 3) uint8 BGR. One of another size is scaled into the video's, with black
                beside it.
            time: seconds, after the last frame's.

        Raises:
            ArgumentError, ArgumentTypeError: not such an image or time; nothing is changed.
            WriteError: the file cannot be written, as on a full disk; the writer is closed then.
            VideoError: the encoder failed, or the writer is closed.
        """
        self._check_open()
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
            raise ArgumentTypeError(f"image: got {shown(image)}; a uint8 array (H, W, 3) is wanted")
        if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise ArgumentError(f"image: got {shown(image)}; one (H, W, 3), not empty, is wanted")
        stamp = self._stamp(check_number("time", time))
        with self._failing():
            frame = self._av.VideoFrame.from_ndarray(self._fitted(image), format="bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, _UNITS)
            self._mux(self._video.encode(frame))
            if self._sound is not None:
                self._sound.copy_until(self._container, stamp / _UNITS)

    def close(self) -> None:
        """Ends the video, which has its name then. One without a frame is no video: nothing is
        written.

        Raises:
            WriteError, VideoError: as `write`.
        """
        if self._stack is None:
            return
        if self._last is None:
            self._abandon(VideoError(f"{self.path}: no frame was written"))
            return
        with self._failing():
            self._mux(self._video.encode(None))
            if self._sound is not None:
                self._sound.copy_until(self._container, None)
            self._container.close()
            stack, self._stack = self._stack, None
            stack.close()

    def discard(self) -> None:
        """Ends the writing; nothing is written."""
        self._abandon(VideoError(f"{self.path}: discarded"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif self._stack is not None:
            kept = self._partial()
            self._abandon(error)
            if kept is not None:
                add_note(error, f"what was written so far is kept as {kept}")

    def _stamp(self, time: float) -> int:
        if not -1e9 < time < 1e9:
            raise ArgumentError(f"time: got {shown(time)}; seconds are wanted")
        stamp = round(time * _UNITS)
        if self._last is not None and stamp <= self._last:
            raise ArgumentError(
                f"time: got {time!r}; one after the last frame's, {self._last / _UNITS:.6f}, "
                "is wanted"
            )
        if self._last is None:
            self._first = stamp
        self._last = stamp
        return stamp

    def _fitted(self, image: Image) -> Image:
        width, height = self.size
        if image.shape[:2] != (height, width):
            image = _scaled_into(image, self.size)
        if width % 2 or height % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        return np.ascontiguousarray(image)

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            self._container.mux(packet)

    def _check_open(self) -> None:
        if self._stack is None:
            raise VideoError(f"{self.path}: the writer is closed")

    @contextlib.contextmanager
    def _failing(self) -> Any:
        """Failures of the block come out as rostro's, with what was kept."""
        try:
            yield
        except (self._av.FFmpegError, OSError) as error:
            if self._stack is None:  # already told by `replacing`
                raise
            kept = self._partial()
            self._abandon(error)
            what = "nothing of it is kept" if kept is None else f"what there is is kept as {kept}"
            full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            known = isinstance(error, OSError) or full
            kind: type[WriteError | VideoError] = WriteError if known else VideoError
            raise kind(f"cannot write {self.path}: {reason_of(error)}; {what}") from error

    def _partial(self) -> Path | None:
        """Keeps what is in the temporary file, if it can be seen."""
        seconds = 0 if self._last is None else (self._last - self._first) / _UNITS
        if not self._keep_partial or not seconds:
            return None
        with contextlib.suppress(Exception):
            self._container.close()  # writes what it can
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()
        part = Path(os.fsdecode(self._file.name))
        kept = self.path.with_suffix(f".partial{self.path.suffix}")
        try:
            with self._av.open(f"file:{part}", "r") as written:
                next(written.decode(video=0))
            part.replace(kept)
        except (self._av.FFmpegError, OSError, ValueError, StopIteration, IndexError):
            return None
        return kept

    def _abandon(self, error: BaseException) -> None:
        stack, self._stack = self._stack, None
        if stack is None:
            return
        container = getattr(self, "_container", None)
        if container is not None:
            with contextlib.suppress(Exception):
                container.close()
        with contextlib.suppress(BaseException):  # the error itself, told by who calls
            stack.__exit__(type(error), error, error.__traceback__)


def _scaled_into(image: Image, size: tuple[int, int]) -> Image:
    from PIL import Image as pillow

    height, width = image.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    sides = max(1, round(width * scale)), max(1, round(height * scale))
    scaled = np.asarray(pillow.fromarray(np.ascontiguousarray(image)).resize(sides))
    left, top = (size[0] - sides[0]) // 2, (size[1] - sides[1]) // 2
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[top : top + sides[1], left : left + sides[0]] = scaled
    return canvas


def _checked_size(size: object) -> tuple[int, int]:
    if not isinstance(size, tuple) or len(size) != 2:
        raise ArgumentTypeError(f"size: got {shown(size)}; (width, height) is wanted")
    width, height = (check_integer("size", side, 2, _LARGEST) for side in size)
    return width, height
