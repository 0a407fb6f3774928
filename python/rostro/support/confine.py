"""Becomes another program, with limits: ``python -I -S confine.py SETTINGS PROGRAM ARGUMENT...``.

A program of its own, and no function between fork and exec: there Python would run in the copy of a
process whose other threads may have held its locks. `rostro.support.processes` starts it.
"""

import contextlib
import json
import os
import resource
import signal
import sys

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS has no limit of memory
        resource.setrlimit(what, (value, value))


def _on_linux(network: bool) -> None:
    """Into a network of this process alone, with nothing in it, where the system allows that; and
    to die with the process that waits for this one."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import ctypes

        libc = ctypes.CDLL(None)
        if not network:
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)  # os.unshare came with Python 3.12
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # new rights forget it: after unshare


def main() -> None:
    settings = json.loads(sys.argv[1])
    _on_linux(settings["network"])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, settings["seconds"])
    _limit(resource.RLIMIT_FSIZE, settings["file_bytes"])
    _limit(resource.RLIMIT_AS, settings["memory"])
    # By names, for Python may add LC_CTYPE to what it was given.
    environment = {name: os.environ[name] for name in settings["environment"]}
    os.execve(sys.argv[2], sys.argv[2:], environment)


if __name__ == "__main__":
    main()
