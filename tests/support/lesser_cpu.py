"""Running Python as on a CPU with AVX2 and no int8 dot products."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "tools" / "avx2" / "run"


def traps_cpuid() -> bool:
    """Whether tools/avx2/run can hide what this CPU has."""
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.is_file() and "cpuid_fault" in cpuinfo.read_text()


def run_on_avx2(code: str, *arguments: str | Path) -> None:
    """Runs Python code there; skips the test where this machine cannot.

    ``ROSTRO_TEST_EMULATOR=qemu-x86_64`` emulates such a CPU, which takes a minute.
    """
    before = [str(RUN)]
    if not traps_cpuid():
        emulator = shutil.which(os.environ.get("ROSTRO_TEST_EMULATOR", ""))
        if emulator is None:
            pytest.skip("CPUID cannot be made to trap here; ROSTRO_TEST_EMULATOR=qemu-x86_64")
        before = [emulator, "-cpu", "Haswell"]
    check = "import rostro\nassert rostro.simd.features() == ('avx2',), rostro.simd.features()\n"
    command = [*before, sys.executable, "-c", check + code, *map(str, arguments)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
