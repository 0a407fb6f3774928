"""Instructions of calls in the emulator: what is counted there, and what the host reads of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent

_marked: list[str] = []


def mark(name: str = "", calls: int = 1) -> None:
    """In the emulator: ends what is counted since the last mark, so many calls of this name.

    What has no name is left out. marks_plugin.c sees getppid, which nothing else calls.
    """
    os.getppid()
    _marked.append(f"{name}|{calls}")


def tell() -> None:
    """In the emulator, at the end: prints the names for the host; printing is not counted."""
    print(*_marked, sep="\n")


def count(name: str, work: Callable[[], object], calls: int) -> None:
    """In the emulator: has the instructions of so many calls counted."""
    work()  # what is done once
    mark()
    for _ in range(calls):
        work()
    mark(name, calls)


def instructions(cpu: str, program: str, *arguments: str) -> dict[str, int]:
    """On the host: runs a program that marks; instructions of one call, by the names."""
    with tempfile.NamedTemporaryFile("r") as counts:
        done = subprocess.run(
            [HERE / "counted_python", cpu, counts.name, HERE / program, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        numbers = [int(line) for line in counts]
    # A line is empty where nothing was marked.
    works = [line.rpartition("|") for line in done.stdout.splitlines() if line]
    totals: dict[str, int] = {}
    for (name, _, calls), number in zip(works, numbers, strict=True):
        if name:
            totals[name] = totals.get(name, 0) + number // int(calls)
    return totals
