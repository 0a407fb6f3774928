"""What makes a machine busy: neighbours that hold CPUs, and less CPU time than there is."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["busy_neighbours", "duty_cycle", "quota"]

_PERIOD = 0.1  # seconds, the kernel's usual one


def _spin() -> None:
    """Holds a CPU until it is ended."""
    while True:
        pass


@contextlib.contextmanager
def busy_neighbours(processes: int) -> Iterator[None]:
    """So many busy processes, which are ended with the block."""
    context = multiprocessing.get_context("spawn")
    busy = [context.Process(target=_spin, daemon=True) for _ in range(processes)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()


@contextlib.contextmanager
def quota(cpus: float, name: str) -> Iterator[Path]:
    """A control group that gets so many CPUs' worth of time.

    Gives the file that a process writes its id into in order to belong to it. The processes must
    have ended with the block.

    Raises:
        OSError: that is not allowed here.
    """
    mount = Path("/sys/fs/cgroup")
    first = (mount / "cpu").is_dir()  # version 1 of control groups
    folder = (mount / "cpu" if first else mount) / f"rostro-benchmark-{os.getpid()}-{name}"
    folder.mkdir()
    try:
        period = round(_PERIOD * 1e6)
        if first:
            (folder / "cpu.cfs_period_us").write_text(str(period))
            (folder / "cpu.cfs_quota_us").write_text(str(round(cpus * period)))
        else:
            (folder / "cpu.max").write_text(f"{round(cpus * period)} {period}")
        yield folder / "cgroup.procs"
    finally:
        folder.rmdir()


@contextlib.contextmanager
def duty_cycle(share: float, process: int) -> Iterator[None]:
    """A stand-in for a quota below one CPU: the process is stopped for the rest of each 100 ms."""
    ended = threading.Event()

    def stop_and_go() -> None:
        while not ended.is_set():
            os.kill(process, signal.SIGCONT)
            time.sleep(share * _PERIOD)
            os.kill(process, signal.SIGSTOP)
            time.sleep((1 - share) * _PERIOD)

    thread = threading.Thread(target=stop_and_go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        os.kill(process, signal.SIGCONT)
