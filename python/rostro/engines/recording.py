"""Engines around another engine that note what goes through: the tensor, or the time it takes.

For one thread at a time.
"""

from __future__ import annotations

import time

from rostro.engines.base import Engine
from rostro.types import FloatArray

__all__ = ["Recorder", "Timer"]


class _Around:
    """An engine that is to its callers what ``engine`` is."""

    def __init__(self, engine: Engine) -> None:
        self.name, self.threads = engine.name, engine.threads
        self.input_shape, self.output_names = engine.input_shape, engine.output_names
        self._engine = engine


class Recorder(_Around):
    """An engine that keeps a copy of the tensor that it ran last, for its caller may reuse its own.

    Attributes:
        last: the tensor, (N, C, H, W) float32; ``None`` before the first run.
    """

    last: FloatArray | None = None

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        """As `rostro.engines.Engine.run`."""
        self.last = tensor.copy()
        return self._engine.run(tensor, *others)


class Timer(_Around):
    """An engine that adds up how long its runs take.

    Attributes:
        seconds: of all runs since it was last set; an image in tiles has several.
    """

    seconds = 0.0

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        """As `rostro.engines.Engine.run`."""
        start = time.perf_counter()
        outputs = self._engine.run(tensor, *others)
        self.seconds += time.perf_counter() - start
        return outputs
