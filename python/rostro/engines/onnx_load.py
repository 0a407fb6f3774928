"""A network in ONNX Runtime, loaded: by the engine, and beforehand by a trial.

A trial runs this file as a program, without rostro: `rostro.engines.trial`.
"""

import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["line", "load"]


def load(onnxruntime: Any, file: str | Path, threads: int) -> Any:
    """A session.

    Raises:
        RuntimeError: it cannot be loaded.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    # Idle workers that spin would take the CPUs from the other engine and the other networks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            file,
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # it would try the same again, and print that
        )
    except Exception as error:  # the library's errors have no common base but this
        raise RuntimeError(f"onnxruntime cannot load {file}: {line(error)}") from error


def line(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())


def _told(
    onnxruntime: Any, file: str, inputs: list[tuple[str, str, list[int]]], outputs: list[str]
) -> str:
    """What is said of a network loaded, and run on blank images if there are inputs."""
    import numpy as np

    try:
        session = load(onnxruntime, file, 1)
    except RuntimeError as error:
        return str(error)
    if inputs:
        try:
            session.run(outputs, {name: np.zeros(shape, kind) for name, kind, shape in inputs})
        except Exception as error:
            return f"onnxruntime cannot run {file}: {line(error)}"
    return ""


def _main(folders: str, task: str) -> None:
    sys.path += json.loads(folders)
    import onnxruntime

    print("begin", flush=True)  # noqa: T201
    print(f"end\n{json.dumps(_told(onnxruntime, *json.loads(task)))}", flush=True)  # noqa: T201


if __name__ == "__main__":
    _main(*sys.argv[1:])
