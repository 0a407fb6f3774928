"""The stream as JPEGs: made while somebody looks, each frame once for all."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

from rostro.pictures.draw import draw_faces
from rostro.pictures.pixels import to_pillow
from rostro.types import Image
from rostro.video.web.board import Board, Shown

__all__ = ["BOUNDARY", "Pictures", "jpeg_of"]

BOUNDARY = "frame"
_LONGEST_SIDE = 960
"""Of what is sent, pixels: a board's link and a phone's screen want no more."""
_QUALITY = 75
_APART = 1 / 25  # seconds


class Pictures:
    """Gives viewers the newest frame, drawn and encoded.

    A viewer asks for the next frame when it has taken the last one: a slow one misses some, and
    holds nobody up.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._encoding = asyncio.Lock()
        self._number, self._jpeg = 0, b""
        self._next = 0.0
        self.encoded = 0

    async def after(self, number: int) -> tuple[int, bytes] | None:
        """The newest frame after this one, with its number; ``None`` at the end."""
        loop = asyncio.get_running_loop()
        if self._number <= number and await self._board.newer(number) is None:
            return None
        async with self._encoding:
            if self._number <= number:  # else another viewer asked for it meanwhile
                await asyncio.sleep(max(0.0, self._next - loop.time()))
                self._next = loop.time() + _APART
                shown = self._board.shown
                if shown is None:
                    return None
                self._jpeg = await asyncio.to_thread(_drawn, shown)
                self._number = shown.number
                self.encoded += 1
        return self._number, self._jpeg

    async def stream(self) -> AsyncIterator[bytes]:
        """The parts of a multipart/x-mixed-replace body."""
        number = 0
        yield f"--{BOUNDARY}\r\n".encode()
        while (found := await self.after(number)) is not None:
            number, jpeg = found
            head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            # The boundary at once: browsers show a picture when they see its end.
            yield head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


def _drawn(shown: Shown) -> bytes:
    return jpeg_of(draw_faces(shown.image, shown.faces, captions=shown.captions), _LONGEST_SIDE)


def jpeg_of(image: Image, longest_side: int) -> bytes:
    """A BGR image as a JPEG, shrunk where a side is longer."""
    picture = to_pillow(image)
    if max(picture.size) > longest_side:
        picture.thumbnail((longest_side, longest_side), reducing_gap=2.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
