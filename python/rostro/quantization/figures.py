"""What a quantised network was measured to be, beside the float one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rostro.engines import Engine
from rostro.models.card import Figure, Threshold
from rostro.types import FloatArray

__all__ = ["Measured", "sizes", "table", "time_in_turn"]


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a quantised network, and which limits it misses.

    Attributes:
        misses: a sentence for each limit that is missed.
        threshold: the least cosine similarity of one person, found for the quantised network.
    """

    figures: list[Figure]
    misses: list[str]
    threshold: Threshold | None = None
    notes: list[str] = field(default_factory=list)


def table(figures: Sequence[Figure], columns: tuple[str, str]) -> str:
    """A Markdown table of figures."""
    rows = [["", *columns]]
    for figure in figures:
        before = "" if figure.before is None else f"{figure.before:.4g}"
        rows.append([figure.what, before, f"{figure.after:.4g}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * max(width, 3) for width in widths) + " |")
    return "\n".join(lines)


def sizes(before: Sequence[Path], after: Sequence[Path]) -> Figure:
    """The size of the files."""
    of_float, of_other = (sum(path.stat().st_size for path in files) for files in (before, after))
    return Figure("size, MB", of_float / 1e6, of_other / 1e6)


def time_in_turn(
    networks: Sequence[Engine], tensor: FloatArray, rounds: int, *others: FloatArray
) -> list[float]:
    """Median milliseconds of CPU time of a run of each network, run in turn.

    All see one machine, and what else runs there does not count; the networks must have one thread.
    """
    seconds: list[list[float]] = [[] for _ in networks]
    for _ in range(3):
        for network in networks:
            network.run(tensor, *others)
    for _ in range(rounds):
        for network, own in zip(networks, seconds, strict=True):
            start = time.thread_time()
            network.run(tensor, *others)
            own.append(time.thread_time() - start)
    return [float(np.median(own)) * 1e3 for own in seconds]
