"""A fork while another thread holds a lock; each case a process of its own, for it would hang."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rostro
from tests.support.scripts import run_script

pytestmark = [pytest.mark.heavy, pytest.mark.processes]

_FORK = """
import os, sys, threading, time
import rostro

def fork(function):
    pid = os.fork()
    if pid == 0:
        function()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "p.png"
    rostro.save_image(path, np.zeros((40, 30, 3), np.uint8))
    return path


def test_pictures_are_read(picture: Path) -> None:
    script = """
going = True
def read():
    while going:
        rostro.load_image(sys.argv[1])
thread = threading.Thread(target=read)
thread.start()
for _ in range(50):
    fork(lambda: rostro.load_image(sys.argv[1]))
going = False
thread.join()
print("read")
"""
    assert run_script(_FORK + script, picture) == "read\n"


def test_a_library_is_imported(picture: Path) -> None:
    """Pillow, for the first picture."""
    script = """
thread = threading.Thread(target=rostro.load_image, args=[sys.argv[1]])
thread.start()
while "PIL" not in sys.modules:
    time.sleep(0.0001)
fork(lambda: rostro.load_image(sys.argv[1]))
thread.join()
print("read")
"""
    assert run_script(_FORK + script, picture) == "read\n"


def test_the_holder_of_a_lock_may_fork() -> None:
    script = """
from rostro.support.forks import lock_around_forks
lock = lock_around_forks()
with lock:
    fork(lambda: lock.release())
free = []
thread = threading.Thread(target=lambda: free.append(lock.acquire(timeout=5)))
thread.start()
thread.join()
print(free)
"""
    assert run_script(_FORK + script) == "[True]\n"
