"""The C++ programs that tests run beside Python."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["cpp_library", "cpp_program", "onnxruntime_library"]

_RELEASE = Path(__file__).resolve().parents[2] / "build" / "release"


def cpp_program(name: str) -> Path:
    """A program of the preset ``release``; skips the test where it is not built. Of the build that
    ``ROSTRO_CPP_BUILD`` names, it is an error that it is not there."""
    return _built("tests", name)


def cpp_library() -> Path:
    """The C API's library, likewise."""
    return _built("capi", "librostro.so.0")


def onnxruntime_library() -> Path:
    """What both open: the library of the wheel that Python runs networks with."""
    onnxruntime = pytest.importorskip("onnxruntime")
    (found,) = (Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*")
    return found


def _built(folder: str, name: str) -> Path:
    build = os.environ.get("ROSTRO_CPP_BUILD")
    found = Path(build or _RELEASE) / "cpp" / folder / name
    if not found.exists():
        (pytest.fail if build else pytest.skip)(
            f"no {found}; `cmake --workflow --preset release` builds it where its parts are"
        )
    return found
