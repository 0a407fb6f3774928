"""A network in ONNX Runtime that outlives a fork; the library is used without its telemetry."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rostro.engines.base import loading
from rostro.engines.onnx_load import line, load
from rostro.errors import EngineError, FileMissingError
from rostro.types import FloatArray

__all__ = ["OnnxRuntimeSession", "import_onnxruntime"]

_log = logging.getLogger(__name__)


def import_onnxruntime() -> Any:
    """Import the library with its telemetry off, which only works before it is first loaded."""
    loaded = "onnxruntime" in sys.modules
    opted_out = os.environ.get("ORT_DISABLE_TELEMETRY") == "1"
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    if loaded and not opted_out:
        onnxruntime.disable_telemetry_events()
        _log.warning(
            "onnxruntime was imported before rostro could switch its telemetry off, and may have "
            "written and sent some already: set ORT_DISABLE_TELEMETRY=1 in the environment, or "
            "open rostro's networks first"
        )
    return onnxruntime


class OnnxRuntimeSession:
    """A loaded file; a forked child loads it again when it first runs it.

    Attributes:
        inputs, outputs: what the library says of them, of each its name, type and shape.

    Raises:
        FileMissingError, EngineError: it cannot be loaded.
    """

    def __init__(self, file: Path, threads: int) -> None:
        self._file = file.absolute()  # a child may be in another folder
        self._threads = threads
        self._stamp = _stamp(file)
        self._session = session = _load(file, threads)
        self.inputs: list[Any] = session.get_inputs()
        self.outputs: list[Any] = session.get_outputs()
        _sessions.add(self)

    def run(self, outputs: Sequence[str], feed: Mapping[str, NDArray[Any]]) -> list[FloatArray]:
        """The outputs of these names, in float32; a number alone as an array of one."""
        session = self._session or self._load_again()
        try:
            arrays = session.run(outputs, feed)
        except Exception as error:  # its errors have no common base but this
            raise EngineError(f"onnxruntime cannot run {self._file}: {line(error)}") from error
        return [np.atleast_1d(np.asarray(array, dtype=np.float32)) for array in arrays]

    def _load_again(self) -> Any:
        with loading:
            if self._session is None:
                try:
                    same = _stamp(self._file) == self._stamp
                except FileMissingError as error:
                    raise EngineError(f"{error}, and this forked process must load it") from error
                if not same:
                    raise EngineError(
                        f"{self._file} was changed since the process that this one was forked from "
                        "loaded it; start both anew"
                    )
                self._session = _load(self._file, self._threads)
            return self._session

    def abandon(self) -> None:
        """Forget the parent's session, whose threads are not there in a child.

        It would wait for them even in order to end, so that it is never ended.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
        self._session = None


_sessions: weakref.WeakSet[OnnxRuntimeSession] = weakref.WeakSet()


def _after_fork() -> None:
    for session in list(_sessions):
        session.abandon()


os.register_at_fork(after_in_child=_after_fork)


def _load(file: Path, threads: int) -> Any:
    try:
        return load(import_onnxruntime(), file, threads)
    except RuntimeError as error:
        raise EngineError(str(error)) from error


def _stamp(file: Path) -> tuple[int, ...]:
    """What changes when the file does."""
    try:
        status = file.stat()
    except OSError as error:
        raise FileMissingError(f"{file}: {error.strerror}") from error
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
