"""Networks that nobody vouches for, loaded and run by a process of its own before this one.

The engines trust their files: one that is damaged may take the process with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import logging
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from rostro.engines import ncnn_net, onnx_load
from rostro.engines.base import version_of
from rostro.errors import EngineError, WriteError
from rostro.support.files import cache_folder, replacing, sha256_of
from rostro.support.processes import Limits, isolated_python, run
from rostro.support.temporary import temporary_folder

__all__ = ["Trial"]

_log = logging.getLogger(__name__)

_SECONDS = 120
_LEAST_MEMORY = 2 << 30  # of addresses, of which more are reserved than used

_PROGRAMS = {"ncnn": ncnn_net.__file__, "onnxruntime": onnx_load.__file__}

_Case = tuple[tuple[tuple[str, str, tuple[int, ...]], ...], tuple[str, ...]]


class Trial:
    """What is known of how one network fares in an engine.

    Raises:
        EngineError: it cannot be loaded, or kills the process that loads it.
    """

    def __init__(self, engine: str, *files: Path) -> None:
        self._engine = engine
        self._file = files[0]
        self._files = [str(file.absolute()) for file in files]
        self._key = hashlib.sha256(repr((engine, version_of(engine))).encode())
        for file in files:
            self._key.update(bytes.fromhex(sha256_of(file)))
        self._done: set[_Case] = set()
        self._check(((), ()))

    def run(
        self, inputs: Iterable[tuple[str, NDArray[Any]]], outputs: Iterable[str], batch: int = 1
    ) -> None:
        """Load it and run it on ``batch`` blank images, once for each shape.

        Args:
            inputs: the name of each, and an array of its type and shape but for the batch.
            outputs: the names of those wanted.

        Raises:
            EngineError: it cannot be run, or kills the process that runs it.
        """
        given = ((name, array.dtype.str, (batch, *array.shape[1:])) for name, array in inputs)
        self._check((tuple(given), tuple(outputs)))

    def _check(self, case: _Case) -> None:
        if case in self._done:
            return
        key = self._key.copy()
        key.update(repr(case).encode())
        mark = cache_folder() / "tried" / key.hexdigest()
        if not mark.is_file():
            self._try(case)
            with contextlib.suppress(WriteError), replacing(mark):
                pass
        self._done.add(case)

    def _try(self, case: _Case) -> None:
        task = json.dumps([*self._files, *case])
        places = json.dumps([_place(self._engine), _place("numpy")])
        try:
            with temporary_folder() as folder:
                done = run(
                    [*isolated_python(), _PROGRAMS[self._engine], places, task],
                    folder,
                    Limits(_SECONDS, max(_LEAST_MEMORY, _memory()), 1 << 20),
                    environment=_environment(),
                    network=False,
                )
        except subprocess.TimeoutExpired as error:
            raise EngineError(
                f"{self._engine} takes over {_SECONDS} s with {self._file}"
            ) from error
        except OSError as error:
            _log.info("%s is used untried: %s", self._file, error)
            return
        match done.stdout.splitlines():
            case ["begin", "end", told]:
                if message := json.loads(told):
                    raise EngineError(message)
            case ["begin"]:
                inputs, _ = case
                given = f", or those and an input of {inputs[0][2]}" if inputs else ""
                raise EngineError(
                    f"{self._engine} dies of {self._file} (status {done.returncode}); its layers "
                    f"and its weights do not fit together{given}"
                )
            case _:
                _log.info("%s is used untried: %s", self._file, done.stderr)


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return kept | {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ORT_DISABLE_TELEMETRY": "1",
    }


def _place(package: str) -> str:
    """Where this process has a package from, for one that is told nothing else."""
    spec = importlib.util.find_spec(package)
    return str(Path(spec.origin).parents[1]) if spec and spec.origin else ""
