"""In the emulator: engines whose runs stand between marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rostro.types import FloatArray

__all__ = ["Marked"]


class Marked:
    """An engine that marks before and after each run.

    Args:
        mark: is given ``before``, which what was done until then is called, and ``name``, the run.
    """

    def __init__(self, engine: Any, mark: Callable[[str], None], before: str, name: str) -> None:
        self._engine = engine
        self._mark, self._before, self._name = mark, before, name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._engine, attribute)

    def run(self, *tensors: FloatArray) -> list[FloatArray]:
        self._mark(self._before)
        outputs: list[FloatArray] = self._engine.run(*tensors)
        self._mark(self._name)
        return outputs
