"""What benchmarks share: the page that each writes, its heading, and how they measure."""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rostro

ROOT = Path(__file__).resolve().parents[1]


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows ``--write``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--write", action="store_true", help="write docs/measured/ as well")
    return parser


class Page:
    """A page of docs/measured: printed as it grows, and written by `save`.

    Args:
        name: of the file, without its suffix.
        title: of the page.
    """

    def __init__(self, name: str, title: str) -> None:
        self._path = ROOT / "docs" / "measured" / f"{name}.md"
        self._title = title
        self._parts: list[str] = []
        print(f"# {title}\n", flush=True)

    def show(self, text: str) -> None:
        """Print Markdown, which becomes a paragraph or a table of the page."""
        self._parts.append(text.strip("\n") + "\n")
        print(self._parts[-1], flush=True)

    def save(self) -> None:
        """Write the page, with the command that does it."""
        head = f"# {self._title}\n\nWritten by `{_command()}`.\n"
        self._path.write_text("\n".join([head, *self._parts]))

    def save_in_readme(self, mark: str) -> None:
        """Put what was shown between the marks in README.md, too."""
        begin, end = f"<!-- measured: {mark} -->\n", "<!-- end of measured -->\n"
        readme = ROOT / "README.md"
        before, _, rest = readme.read_text().partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{readme}: no {begin.strip()} with an end")
        readme.write_text(before + begin + "\n" + "\n".join(self._parts) + "\n" + end + after)


def _command() -> str:
    """The command line, without the folders of the one who gave it."""
    shown = [Path(word).name if "/" in word else word for word in sys.argv[1:]]
    return f"python benchmarks/{Path(sys.argv[0]).name} {shlex.join(shown)}"


def cpu_name() -> str:
    """The model name of the CPU as Linux tells it, and whether tools/avx2/run hides what it has."""
    hidden = " as with AVX2 alone" if "hide_cpuid" in os.environ.get("LD_PRELOAD", "") else ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip() + hidden
    return (platform.processor() or platform.machine()) + hidden


def heading(packages: Sequence[str]) -> str:
    """One line that says what the figures below it were measured on and with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{datetime.date.today()}, {cpu_name()} ({platform.machine()}), "
        f"SIMD level {rostro.simd.level()}, Python {platform.python_version()}, {versions}"
        f"{_priority()}"
    )


def _priority() -> str:
    """What this session has before others of the machine, where that is not the usual."""
    group = Path("/proc/self/autogroup")
    nice = group.read_text().split()[-1] if group.is_file() else "0"
    return "" if nice == "0" else f"; beside other work, the session at nice {nice}"


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
