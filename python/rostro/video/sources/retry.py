"""How often, and how patiently, a camera that died is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rostro.errors import ArgumentError
from rostro.support.arguments import check_integer, check_number, shown

__all__ = ["Retry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When a camera or a stream that died is opened again: after ``first`` seconds, then after
    twice as many, at most ``most``. A frame makes it begin anew.

    Attributes:
        first: seconds before the first attempt (0.5).
        most: seconds between two, at most (30).
        attempts: in a row, before the source ends with an error (10); ``None``: for ever.

    Raises:
        ArgumentError, ArgumentTypeError: not such numbers.
    """

    first: float = 0.5
    most: float = 30.0
    attempts: int | None = 10

    def __post_init__(self) -> None:
        for name in ("first", "most"):
            given = getattr(self, name)
            if not 0 < check_number(name, given) <= 86400:
                raise ArgumentError(f"{name}: got {shown(given)}; seconds up to 86400 are wanted")
        if self.attempts is not None:
            check_integer("attempts", self.attempts, 1)

    def delays(self) -> Iterator[float]:
        """Seconds before each attempt."""
        delay, attempt = self.first, 0
        while self.attempts is None or attempt < self.attempts:
            yield min(delay, self.most)
            delay, attempt = min(2 * delay, self.most), attempt + 1
