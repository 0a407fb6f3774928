"""The C API, and ONNX Runtime's library."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import c_void_p
from pathlib import Path

import pytest

from tests.support.capi import CApi
from tests.support.cpp_programs import cpp_library, onnxruntime_library


@pytest.fixture(scope="session")
def c() -> CApi:
    return CApi(cpp_library())


@pytest.fixture(scope="session")
def library_path() -> Path:
    return onnxruntime_library()


@pytest.fixture(scope="session")
def library(c: CApi, library_path: Path) -> Iterator[c_void_p]:
    handle = c.open("library_open", bytes(library_path))
    yield handle
    c("library_close", handle)
