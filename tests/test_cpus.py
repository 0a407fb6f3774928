"""How many CPUs rostro thinks it may use."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.support import cpus
from rostro.support.cpus import available_cpus, resolve_threads


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 1.5),
        (
            # The tightest of nested groups counts.
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
                "sys/fs/cgroup/a/cpu.max": "200000 100000\n",
                "sys/fs/cgroup/cpu.max": "800000 100000\n",
            },
            2.0,
        ),
        (
            # A container is told the host's path, and finds its own limit at the mount.
            {
                "proc/self/cgroup": "0::/system.slice/docker-1.scope\n",
                "sys/fs/cgroup/cpu.max": "300000 100000\n",
            },
            3.0,
        ),
        (
            {
                "proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/x\n",
                "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
            },
            0.5,
        ),
        (
            {
                "proc/self/cgroup": "3:cpu:/\n0::/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            None,
        ),
    ],
)
def test_quota_of_the_cgroup(tmp_path: Path, files: dict[str, str], quota: float | None) -> None:
    assert cpus._quota(write(tmp_path, files)) == quota


@pytest.mark.parametrize(
    ("quota", "period"),
    [
        ("", ""),
        ("\n", "\n"),
        ("garbage", "100000"),
        ("100000", "garbage"),
        ("100000", "0"),
        ("0", "100000"),
        ("-5", "100000"),
        ("100000", "-5"),
        ("1e5", "100000"),
        ("9" * 400, "1"),
        ("9" * 5000, "1"),
        ("\udcff", "100000"),
    ],
)
def test_no_limit_is_taken_from_odd_files(tmp_path: Path, quota: str, period: str) -> None:
    root = tmp_path / "sys/fs/cgroup"
    groups = tmp_path / "proc/self/cgroup"
    for folder in (root / "cpu", groups.parent):
        folder.mkdir(parents=True)
    for path, text in (
        (root / "cpu.max", f"{quota} {period}"),
        (root / "cpu/cpu.cfs_quota_us", quota),
        (root / "cpu/cpu.cfs_period_us", period),
    ):
        path.write_bytes(text.encode(errors="surrogateescape"))
    for listed in ("0::/\n", "3:cpu:/\n"):
        groups.write_text(listed)
        assert cpus._quota(tmp_path) is None


@pytest.mark.parametrize(
    "listed", [b"", b"\n\n", b"garbage", b"0:", b"0::", b"0::/\0", b"\xff::/", b"0::/../../..\n"]
)
def test_an_odd_list_of_groups(tmp_path: Path, listed: bytes) -> None:
    write(tmp_path, {"proc/self/cgroup": "", "sys/fs/cgroup/cpu.max": "max 100000\n"})
    (tmp_path / "proc/self/cgroup").write_bytes(listed)
    assert cpus._quota(tmp_path) is None


@pytest.mark.parametrize(("quota", "cpus_there"), [(None, 4), (0.5, 1), (2.9, 2), (16.0, 4)])
def test_quota_and_affinity_together(
    monkeypatch: pytest.MonkeyPatch, quota: float | None, cpus_there: int
) -> None:
    monkeypatch.setattr(cpus, "_affinity", lambda: 4)
    monkeypatch.setattr(cpus, "_quota", lambda root: quota)
    assert available_cpus() == cpus_there


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_affinity_is_respected() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert available_cpus() == 1
        assert resolve_threads(None) == resolve_threads(64) == 1
    finally:
        os.sched_setaffinity(0, before)


def test_threads() -> None:
    assert resolve_threads(None) == available_cpus() >= 1
    assert resolve_threads(1) == resolve_threads(np.int64(1)) == 1
    assert resolve_threads(10_000) == available_cpus()
    with pytest.raises(ArgumentError, match="threads: got 0; at least 1 is wanted"):
        resolve_threads(0)
    for wrong in (1.0, True, "2", np.float32(1), np.array([1, 2])):
        with pytest.raises(ArgumentTypeError, match="an integer or None is wanted"):
            resolve_threads(wrong)  # type: ignore[arg-type]
