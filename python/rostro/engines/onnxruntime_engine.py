"""ONNX Runtime, on the CPU, without telemetry."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rostro.engines.base import NetworkFiles, check_inputs, loading
from rostro.errors import EngineError, FileMissingError, ModelError
from rostro.types import FloatArray

__all__ = ["OnnxRuntimeEngine", "import_onnxruntime"]

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


class OnnxRuntimeEngine:
    """A network in ONNX Runtime; see `rostro.engines.Engine`.

    A forked child loads it again from its file when it first runs it.
    """

    name = "onnxruntime"

    def __init__(self, network: NetworkFiles, threads: int, outputs: Sequence[str] | None) -> None:
        if network.onnx is None:
            raise ModelError("onnxruntime needs an .onnx file, and this network has none")
        self.threads = threads
        self._file = network.onnx.absolute()  # a child may be in another folder
        self._stamp = _stamp(network.onnx)
        self._session = session = _load(network.onnx, threads)
        _engines.add(self)

        inputs = session.get_inputs()
        # The image first, wherever the graph has it.
        inputs.sort(key=lambda node: bool(node.name == network.second))
        image = inputs[0]
        if (
            [node.name for node in inputs[1:]] != [network.second] * (network.second is not None)
            or any(node.type != "tensor(float)" for node in inputs)
            or len(image.shape) != 4
        ):
            found = "; ".join(f"{node.name} {node.type} {node.shape}" for node in inputs)
            others = f", and {network.second}" if network.second else ""
            raise ModelError(
                f"{network.onnx}: a network with one input, float32 (N, C, H, W){others}, is "
                f"wanted; it has {found}"
            )
        known = [node.name for node in session.get_outputs()]
        if missing := [name for name in outputs or () if name not in known]:
            raise ModelError(
                f"{network.onnx}: no output {', '.join(missing)}; it has {', '.join(known)}"
            )
        n, c, h, w = (
            side if isinstance(side, int) else card_side
            for side, card_side in zip(image.shape, network.shape, strict=True)
        )
        self.output_names = tuple(outputs or known)
        self._input = image.name
        self._second = network.second
        self.input_shape = (n, c, h, w)
        self._multiple = network.multiple

    def run(self, tensor: FloatArray, second: FloatArray | None = None) -> list[FloatArray]:
        check_inputs(tensor, second, self.input_shape, self._multiple, self._second)
        feed = {self._input: tensor}
        if self._second is not None and second is not None:
            feed[self._second] = second
        try:
            arrays = (self._session or self._load_again()).run(self.output_names, feed)
        except EngineError:
            raise
        except Exception as error:
            raise EngineError(f"onnxruntime cannot run {self._file}: {_line(error)}") from error
        return [np.asarray(array, dtype=np.float32) for array in arrays]

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
                self._session = _load(self._file, self.threads)
            return self._session

    def _after_fork(self) -> None:
        # A session's threads are not there in a child: it would wait for them, even in order to
        # end. So it is never ended.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
        self._session = None


_engines: weakref.WeakSet[OnnxRuntimeEngine] = weakref.WeakSet()


def _after_fork() -> None:
    for engine in list(_engines):
        engine._after_fork()


os.register_at_fork(after_in_child=_after_fork)


def _load(file: Path, threads: int) -> Any:
    ort = import_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    # Idle workers that spin would take the CPUs from the other engine and the other networks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(
            file,
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # it would try the same again, and print that
        )
    except Exception as error:  # its errors have no common base but this
        raise EngineError(f"onnxruntime cannot load {file}: {_line(error)}") from error


def _stamp(file: Path) -> tuple[int, ...]:
    """What changes when the file does."""
    try:
        status = file.stat()
    except OSError as error:
        raise FileMissingError(f"{file}: {error.strerror}") from error
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
