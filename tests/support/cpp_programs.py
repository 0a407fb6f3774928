"""The C++ programs that tests run beside Python."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["cpp_program", "onnxruntime_library"]

_RELEASE = Path(__file__).resolve().parents[2] / "build" / "release"


def cpp_program(name: str) -> Path:
    """A program of the preset ``release``; skips the test where it is not built. Of the build that
    ``ROSTRO_CPP_BUILD`` names, it is an error that it is not there."""
    build = os.environ.get("ROSTRO_CPP_BUILD")
    found = Path(build or _RELEASE) / "cpp" / "tests" / name
    if not found.exists():
        (pytest.fail if build else pytest.skip)(
            f"no {found}; `cmake --workflow --preset release` builds it where its parts are"
        )
    return found


def onnxruntime_library() -> Path:
    """The library that Python uses, too."""
    onnxruntime = pytest.importorskip("onnxruntime")
    (found,) = (Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*")
    return found
