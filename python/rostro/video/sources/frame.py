"""What every source of frames gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from rostro.types import Image
from rostro.video.sources.problems import Problems

__all__ = ["Frame", "RawFrame", "RawStream", "Source"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a stream.

    Attributes:
        image: (H, W, 3) uint8 BGR, C-contiguous, memory of its own.
        time: seconds since the first frame of the stream; of a stream always growing.
        number: of the stream, from 0; frames that could not be decoded count.
        stream: 0, and one more each time that a stream begins anew: a camera that came back, a time
            stamp that turned back by more than a second. Its ``time`` and ``number`` begin again;
            `rostro.FaceTracker.restart` is to be called then.
    """

    image: Image
    time: float
    number: int
    stream: int = 0


class Source(Protocol):
    """Frames of a file, a folder, a camera or an address, in their order, once.

    One thread iterates; `close` may be called by any.

    Attributes:
        name: as it was given.
        live: whether frames come when they come, so that who is slow must leave some out.
        rate: frames a second as the stream says, ``None`` where it does not.
        size: (width, height) of the last frame, or as the stream says before the first;
            ``None``: not known yet.
        problems: what was wrong with the stream so far, counted; nothing is printed.
    """

    @property
    def name(self) -> str: ...
    @property
    def live(self) -> bool: ...
    @property
    def rate(self) -> float | None: ...
    @property
    def size(self) -> tuple[int, int] | None: ...
    @property
    def problems(self) -> Problems: ...
    def __iter__(self) -> Iterator[Frame]: ...
    def close(self) -> None:
        """Ends the iteration, whichever thread it runs in, and gives back what was opened."""
        ...


class RawFrame(NamedTuple):
    """What comes out of a decoder.

    Attributes:
        image: as a `Frame`'s; ``None`` where it could not be decoded.
        stamp: seconds as the stream says them; ``None`` where it does not.
        damaged: parts of it are made up.
    """

    image: Image | None
    stamp: float | None
    damaged: bool = False


class RawStream(Protocol):
    """A stream that is open, as it comes: time stamps may be missing or wrong, it may break.

    Attributes:
        frames: how many the header says there are; 0 where it does not.
        seconds: how long the header says it is; 0 where it does not.
    """

    live: bool
    rate: float | None
    size: tuple[int, int] | None
    frames: int
    seconds: float

    def __iter__(self) -> Iterator[RawFrame]: ...
    def close(self) -> None: ...
