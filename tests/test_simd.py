"""The choice of kernels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict

import pytest
from click.testing import CliRunner

import rostro
from rostro.cli import cli
from rostro.errors import ArgumentError
from tests.support.lesser_cpu import RUN, traps_cpuid


def run(level: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import rostro; print(rostro.simd.level())"],
        env=os.environ | {"ROSTRO_SIMD": level},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.processes
@pytest.mark.parametrize("level", rostro.simd.levels())
def test_every_level_can_be_forced(level: str) -> None:
    assert run(level).stdout.strip() == level
    before = rostro.simd.level()
    try:
        rostro.simd.use(level)
        assert rostro.simd.level() == level
    finally:
        rostro.simd.use(before)


@pytest.mark.processes
def test_the_best_level_is_the_default() -> None:
    assert run("").stdout.strip() == rostro.simd.levels()[-1]


@pytest.mark.processes
def test_all_beyond_avx2_can_be_hidden() -> None:
    """From NumPy, too, and whatever else asks the CPU itself: tools/avx2/run."""
    if not traps_cpuid():
        pytest.skip("CPUID cannot be made to trap here")
    code = (
        "import numpy, rostro\n"
        "core = getattr(numpy, '_core', None) or numpy.core\n"
        "features = core._multiarray_umath.__cpu_features__\n"
        "print(rostro.simd.level(), *rostro.simd.features(), features['AVX512F'])"
    )
    command = [str(RUN), sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["avx2", "avx2", "False"], done.stderr


@pytest.mark.processes
def test_an_unknown_level_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ArgumentError, match=r'got "mmx".*scalar'):
        rostro.simd.use("mmx")
    failed = run("mmx")
    assert failed.returncode != 0
    assert "ROSTRO_SIMD" in failed.stderr
    assert "scalar" in failed.stderr


# What each level asks of the CPU.
FEATURES = {
    "scalar": set(),
    "avx2": {"avx2"},
    "avxvnni": {"avx2", "avxvnni"},
    "avx512vnni": {"avx2", "avx512vnni"},
    "neon": {"neon"},
    "neon_dotprod": {"neon", "dotprod"},
    "neon_i8mm": {"neon", "dotprod", "i8mm"},
}
# What a CPU of a level may have beside that: not all with AVX-512 have VNNI of 256 bits, and
# float16 is for networks.
OPTIONAL: defaultdict[str, set[str]] = defaultdict(
    set,
    {"avx512vnni": {"avxvnni"}, "neon": {"fp16"}, "neon_dotprod": {"fp16"}, "neon_i8mm": {"fp16"}},
)


def test_the_cpu_gets_every_level_whose_features_it_has() -> None:
    """ROSTRO_TEST_LEVEL is the level that the CPU of a CI run must get, so that none hides."""
    best = os.environ.get("ROSTRO_TEST_LEVEL") or rostro.simd.levels()[-1]
    assert rostro.simd.levels()[-1] == best
    assert set(rostro.simd.features()) - OPTIONAL[best] == FEATURES[best]


def test_doctor_shows_features_and_levels() -> None:
    done = CliRunner().invoke(cli, ["doctor", "--json"])
    cpu = json.loads(done.stdout)["cpu"]
    best = cpu["simd levels"][-1]
    assert set(cpu["features"]) - OPTIONAL[best] == FEATURES[best]
    assert cpu["simd levels"] == list(rostro.simd.levels())
    assert cpu["simd used"] == rostro.simd.level()
