"""The choice of kernels."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import rostro
from rostro.errors import ArgumentError


def run(level: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import rostro; print(rostro.simd.level())"],
        env=os.environ | {"ROSTRO_SIMD": level},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("level", rostro.simd.levels())
def test_every_level_can_be_forced(level: str) -> None:
    assert run(level).stdout.strip() == level
    before = rostro.simd.level()
    try:
        rostro.simd.use(level)
        assert rostro.simd.level() == level
    finally:
        rostro.simd.use(before)


def test_the_best_level_is_the_default() -> None:
    assert run("").stdout.strip() == rostro.simd.levels()[-1]


def test_an_unknown_level_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ArgumentError, match=r'"mmx" is not available.*scalar'):
        rostro.simd.use("mmx")
    failed = run("mmx")
    assert failed.returncode != 0
    assert "ROSTRO_SIMD" in failed.stderr
    assert "scalar" in failed.stderr
