"""What ncnn's OpenMP library is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.heavy, pytest.mark.processes]

_SCRIPT = """
import os
from rostro.engines.openmp import import_ncnn
before = dict(os.environ)
import_ncnn()
print(dict(os.environ) == before)
"""


def spin_count(environment: dict[str, str]) -> str:
    """What the library says that it has read."""
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env=kept | environment | {"OMP_DISPLAY_ENV": "verbose"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True\n"  # the environment is as it was
    counts = re.findall(r"GOMP_SPINCOUNT = '(\d+)'", done.stderr)
    if not counts:
        pytest.skip("ncnn was not built with GNU's OpenMP library here")
    return str(counts[-1])


def test_its_threads_sleep_soon() -> None:
    assert spin_count({}) == "100"


def test_the_users_settings_stay() -> None:
    assert spin_count({"GOMP_SPINCOUNT": "77"}) == "77"
    assert int(spin_count({"OMP_WAIT_POLICY": "active"})) > 10**6
