"""Which source a name is."""

from __future__ import annotations

import functools
import os
import re
import stat
from pathlib import Path

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError
from rostro.pictures.formats import picture_suffixes
from rostro.support.arguments import check_integer, check_number, check_path, shown
from rostro.support.files import expanded
from rostro.video.extra import import_av
from rostro.video.sources.decoded import Decoded
from rostro.video.sources.frame import RawStream
from rostro.video.sources.pictures import Pictures, pictures_of
from rostro.video.sources.retry import Retry
from rostro.video.sources.stream_source import StreamSource

__all__ = ["SCHEMES", "VIDEO_FILES", "is_picture", "open_source"]

VIDEO_FILES = frozenset(
    {".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"}
    | {".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
"""Lower-case suffixes by which folders are searched for videos; FFmpeg reads others, too."""

SCHEMES = frozenset({"http", "https", "rtmp", "rtmps", "rtsp", "rtsps", "srt", "tcp", "udp"})
"""Of addresses that are opened. FFmpeg has more, some of which read files."""
_PICTURE_RATE = 30.0
_V4L2_MAJOR = 81
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_WANTED = "a file, a folder of pictures, a camera such as 0 or /dev/video0, or an address"


def open_source(
    source: str | Path,
    *,
    rate: float | None = None,
    size: tuple[int, int] | None = None,
    retry: Retry | None = Retry(),  # noqa: B008 (frozen)
    timeout: float = 10.0,
) -> StreamSource:
    """A `Source` of frames: a file, a folder of pictures, a camera or an address.

    Args:
        source: the path of a video; of a folder of pictures, in the order of their numbers; of a
            picture; a V4L2 camera, ``"/dev/video0"`` or ``"0"``; or an address of RTSP, HTTP, RTMP,
            SRT, TCP or UDP.
        rate: frames a second: of pictures 30 unless another is given, of a camera what is asked of
            it. Videos have their own.
        size: (width, height) that is asked of a camera; it may choose another.
        retry: when a camera or a stream that dies is opened again; ``None``: never. Addresses of
            files, which have an end, are opened once.
        timeout: seconds that an address may be silent for before it has died.

    Raises:
        ArgumentError, ArgumentTypeError: not such arguments, or an address of another scheme.
        FileMissingError: no such file or camera, or no picture in a folder.
        VideoError: no video, or it cannot be opened.
        ImageError: a folder cannot be read.
        ExtraNotInstalledError: PyAV is missing.
    """
    _check(rate, size, retry, timeout)
    timeout, rate = float(timeout), None if rate is None else float(rate)
    address = _ADDRESS.match(source) if isinstance(source, str) else None
    if isinstance(source, str) and address:
        return _open_address(source, address[1].lower(), retry, timeout)
    if isinstance(source, str) and source.isascii() and source.isdecimal() and len(source) < 4:
        source = source if Path(source).exists() else f"/dev/video{source}"
    path = expanded(check_path("source", source))
    name = str(source)
    try:
        mode = path.stat()
    except FileNotFoundError:
        raise FileMissingError(f"{name}: no such file; {_WANTED} is wanted") from None
    except OSError as error:
        raise FileMissingError(f"{name}: {error.strerror}") from error
    if stat.S_ISDIR(mode.st_mode) or is_picture(path):
        paths = pictures_of(path)
        return StreamSource(name, lambda: Pictures(paths, rate or _PICTURE_RATE))
    import_av()
    if stat.S_ISCHR(mode.st_mode) and os.major(mode.st_rdev) == _V4L2_MAJOR:
        options = {} if rate is None else {"framerate": f"{rate:.6g}"}
        if size is not None:
            options["video_size"] = f"{size[0]}x{size[1]}"
        camera = functools.partial(Decoded, name, str(path), live=True, camera=True)
        return StreamSource(name, lambda: camera(options=options), retry)
    # "file:", for a name may look like one of FFmpeg's protocols.
    return StreamSource(name, lambda: Decoded(name, f"file:{path}"))


def is_picture(path: Path) -> bool:
    """Whether a file is one picture, by its suffix; GIF files may be videos."""
    return path.suffix.lower() in picture_suffixes() - VIDEO_FILES


def _open_address(source: str, scheme: str, retry: Retry | None, timeout: float) -> StreamSource:
    if scheme not in SCHEMES:
        raise ArgumentError(
            f"source: got {shown(source)}; an address of {', '.join(sorted(SCHEMES))} is wanted"
        )
    check_path("source", source)  # FFmpeg takes no NUL
    options = {"rtsp_transport": "tcp"} if scheme.startswith("rtsp") else {}
    name = _without_password(source)

    def open_() -> RawStream:
        return Decoded(name, source, live=None, options=options, timeout=timeout)

    return StreamSource(name, open_, retry)


def _without_password(address: str) -> str:
    """As it may be shown: ``rtsp://camera:***@host/``."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", address)


def _check(rate: object, size: object, retry: object, timeout: object) -> None:
    if rate is not None and not 0 < check_number("rate", rate) <= 1e6:
        raise ArgumentError(f"rate: got {shown(rate)}; frames a second, more than 0, are wanted")
    if size is not None:
        if not isinstance(size, tuple) or len(size) != 2:
            raise ArgumentTypeError(f"size: got {shown(size)}; (width, height) is wanted")
        for side in size:
            check_integer("size", side, 1, 16384)
    if retry is not None and not isinstance(retry, Retry):
        raise ArgumentTypeError(f"retry: got {shown(retry)}; Retry or None is wanted")
    if not 0 < check_number("timeout", timeout) <= 86400:
        raise ArgumentError(f"timeout: got {shown(timeout)}; seconds up to 86400 are wanted")
