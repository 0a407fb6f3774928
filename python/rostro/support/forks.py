"""Locks that are free in a forked child.

A child has the locks of its parent as they were and none of its threads: what another thread held
at that moment stays locked for ever. The interpreter's locks of modules that are being imported are
such locks, so what rostro imports where it is first needed belongs within one of these.
"""

from __future__ import annotations

import os
import threading

__all__ = ["lock_around_forks"]

_locks: list[threading.RLock] = []
_held: list[threading.RLock] = []  # for a fork that is interrupted half way


def lock_around_forks() -> threading.RLock:
    """A new lock that a fork waits for; for a module to make, for it is never given up."""
    lock = threading.RLock()  # for whoever forks while holding it
    _locks.append(lock)
    return lock


def _before() -> None:
    for lock in _locks:
        lock.acquire()
        _held.append(lock)


def _after() -> None:
    while _held:
        _held.pop().release()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
