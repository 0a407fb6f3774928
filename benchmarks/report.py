"""What every benchmark prints around its figures: machine, versions, date; and how it measures."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rostro


def cpu_name() -> str:
    """The model name of the CPU as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def heading(packages: Sequence[str]) -> str:
    """One line that says what the figures below it were measured on and with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{datetime.date.today()}, {cpu_name()} ({platform.machine()}), "
        f"SIMD level {rostro.simd.level()}, Python {platform.python_version()}, {versions}"
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def measure_in_turn(
    works: dict[str, Callable[[], object]], rounds: int, warm_up: int = 3
) -> dict[str, NDArray[np.float64]]:
    """Seconds of each work, run one after the other in every round, so that all see one machine."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for round_number in range(rounds + warm_up):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if round_number >= warm_up:
                seconds[name].append(time.perf_counter() - start)
    return {name: np.array(values) for name, values in seconds.items()}
