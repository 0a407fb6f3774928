"""How many CPUs this process may really use: its affinity, within its cgroup's quota."""

from __future__ import annotations

import operator
import os
from pathlib import Path
from typing import SupportsIndex

import numpy as np

from rostro.errors import ArgumentError, ArgumentTypeError

__all__ = ["available_cpus", "resolve_threads"]


def available_cpus() -> int:
    """CPUs that the process may be scheduled on, no more than its quota pays for; at least 1."""
    quota = _quota(Path("/"))
    allowed = _affinity()
    return allowed if quota is None else max(1, min(allowed, int(quota)))


def resolve_threads(threads: SupportsIndex | None) -> int:
    """The number of threads to use: ``None`` means all available CPUs, and more are never used.

    Raises:
        ArgumentTypeError: ``threads`` is no integer.
        ArgumentError: ``threads`` is below 1.
    """
    if threads is None:
        return available_cpus()
    try:
        # NumPy's integers are integers, and its bool is one to some of its versions.
        count = None if isinstance(threads, bool | np.bool_) else operator.index(threads)
    except TypeError:
        count = None
    if count is None:
        raise ArgumentTypeError(f"threads: got {threads!r}; an integer or None is wanted")
    if count < 1:
        raise ArgumentError(f"threads: got {count}; at least 1 is wanted")
    return min(count, available_cpus())


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(root: Path) -> float | None:
    """CPUs' worth of time that the tightest cgroup around this process grants; None: no limit."""
    quotas = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        parts = line.split(":", 2)
        if len(parts) != 3:
            continue
        _, controllers, group = parts
        if controllers == "":
            mount, read_quota = root / "sys/fs/cgroup", _quota_v2
        elif "cpu" in controllers.split(","):
            mount, read_quota = root / "sys/fs/cgroup" / controllers, _quota_v1
            if not mount.is_dir():
                mount = root / "sys/fs/cgroup/cpu"
        else:
            continue
        # A quota may sit on any group above ours. Inside a container the path that we are told can
        # be the host's and not exist here: then only the mount itself, which is always tried, does.
        folder = mount / group.lstrip("/")
        for level in (folder, *folder.parents):
            quotas.append(read_quota(level))
            if level == mount:
                break
    return min((quota for quota in quotas if quota is not None), default=None)


def _quota_v2(folder: Path) -> float | None:
    match _read(folder / "cpu.max").split():
        case [quota, period]:
            return _ratio(quota, period)
    return None


def _quota_v1(folder: Path) -> float | None:
    return _ratio(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _ratio(quota: str, period: str) -> float | None:
    """What the two files say; None for "max", -1 and whatever else is no quota.

    Sandboxes and half emulated kernels show blank files, a period of 0 or text of their own there.
    """
    try:
        cpus = int(quota) / int(period)
    except (ValueError, ArithmeticError):
        return None
    return cpus if cpus > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (OSError, ValueError):  # ValueError: a path that holds a NUL
        return ""
