"""Scripts for tests, each run by a Python of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

_LIMIT = 120  # seconds; a script takes a few


def run_script(script: str, *arguments: object) -> str:
    """What a script prints; it must end well, tell nothing on the standard error, and not hang."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=_LIMIT)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)  # children that hang, too
            process.communicate()
    assert (process.returncode, err) == (0, "")
    return out
