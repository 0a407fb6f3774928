"""How rostro starts other programs: nothing of the current folder or the environment gets in.

The program is named by its absolute path and runs in a folder of its own, with the environment that
it is given and no more, within limits, and without network where it needs none.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Limits", "isolated_python", "pip_environment", "run"]

# Of pip's: where it looks for its settings and keeps its cache, how it reaches the index.
_PIP_NEEDS = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH"),
    *("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_CACHE_HOME", "NETRC"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds on the clock and of CPU time, bytes of memory, and of a
    file that it writes."""

    seconds: int
    memory: int
    file_bytes: int


def isolated_python() -> list[str]:
    """The command of this Python that takes nothing from the current folder or ``PYTHON*``.

    Raises:
        OSError: there is none, in a frozen program.
    """
    if getattr(sys, "frozen", False) or not Path(sys.executable or "").is_absolute():
        raise OSError(errno.ENOEXEC, "a frozen program has no Python to start others with")
    return [sys.executable, "-I"]


def pip_environment() -> dict[str, str]:
    """Of this process's environment what pip's index, mirror, proxy and certificate need."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _PIP_NEEDS or name.startswith("PIP_") or name.lower().endswith("_proxy")
    }


def run(
    command: Sequence[str],
    folder: Path,
    limits: Limits,
    *,
    environment: Mapping[str, str],
    network: bool,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Args:
        command: an absolute path, and arguments.
        folder: the program's working folder; nobody else's.
        environment: all of it.
        network: ``False``: none, where the system allows that without rights (user namespaces of
            Linux); with, where it does not.
        stdout, stderr: as of `subprocess.run`.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it took too long, and was killed.
    """
    if not Path(command[0]).is_absolute():
        raise OSError(errno.EINVAL, "a program is started by its absolute path", command[0])
    settings = {
        "environment": list(environment),
        "network": network,
        "seconds": limits.seconds,
        "memory": limits.memory,
        "file_bytes": limits.file_bytes,
    }
    launcher = [*isolated_python(), "-S", str(Path(__file__).with_name("confine.py"))]
    return subprocess.run(
        [*launcher, json.dumps(settings), *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
        timeout=limits.seconds,
        check=False,
    )
