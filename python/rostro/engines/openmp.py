"""ncnn's OpenMP library, made to yield the CPU, and to go on in a forked child."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

__all__ = ["call_with_workers", "import_ncnn"]

# How often a worker looks for work before it sleeps. GNU's library looks for milliseconds, or for
# ever with OMP_WAIT_POLICY=active, and where another process has one of the CPUs, each of a
# network's hundred loops waits for a worker that waits for the CPU on which its owner spins.
_SPIN = {"GOMP_SPINCOUNT": "100"}
_USERS_OWN = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")

_T = TypeVar("_T")

_thread = threading.local()


def import_ncnn() -> Any:
    """Import ncnn; its OpenMP library reads its settings from the environment at that moment.

    That library is the wheel's own copy, so that no other library's threads are changed. What the
    user has set stays.
    """
    loaded = "ncnn" in sys.modules
    settings = {} if loaded or any(name in os.environ for name in _USERS_OWN) else _SPIN
    os.environ.update(settings)
    try:
        import ncnn
    finally:
        for name in settings:
            del os.environ[name]
    return ncnn


def call_with_workers(function: Callable[[], _T]) -> _T:
    """Call a function that uses OpenMP, in this thread if it can.

    The library keeps a thread's workers with the thread. One that has come through a fork has
    workers that are not there, and would wait for them for ever; in a new thread they are new.
    """
    helper: ThreadPoolExecutor | None = getattr(_thread, "helper", None)
    return function() if helper is None else helper.submit(function).result()


def _after_fork() -> None:
    _thread.helper = ThreadPoolExecutor(1, "rostro-ncnn")  # starts its thread when it is used


os.register_at_fork(after_in_child=_after_fork)
