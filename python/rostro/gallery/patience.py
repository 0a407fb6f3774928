"""Waiting for whoever has the lock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from rostro.errors import GalleryBusyError

__all__ = ["patiently"]

_Result = TypeVar("_Result")

_FIRST, _LONGEST = 0.001, 0.05  # seconds between tries


def patiently(work: Callable[[], _Result], timeout: float) -> _Result:
    """Work that is tried again until it is not busy, or the timeout is over.

    SQLite's own waiting cannot be interrupted, and there is none for another's checkpoint: a
    forget among three writers failed after 2 ms.
    """
    end = time.monotonic() + timeout
    pause = _FIRST
    while True:
        try:
            return work()
        except GalleryBusyError:
            left = end - time.monotonic()
            if left <= 0:
                raise
        time.sleep(min(left, pause * random.uniform(0.5, 1)))
        pause = min(2 * pause, _LONGEST)
