"""Networks that nobody vouches for, loaded and run by a process of its own before this one.

The engines trust their files: one that is damaged may take the process with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import logging
import operator
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

# Sides of inputs that differ by multiples of it differ by whole pixels in a network's small images.
_STRIDE = 32

_Case = tuple[tuple[tuple[str, str, tuple[int, ...]], ...], tuple[str, ...]]


class Trial:
    """What is known of how one network fares in an engine.

    Where no process can be started (a frozen program, a sandbox, an emulator), or none comes as far
    as the network, it is used untried: else no network could be used there.

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
        self._sizes: list[tuple[int, ...]] = []
        self._possible = True
        self._check(((), ()))

    def run(
        self, inputs: Iterable[tuple[str, NDArray[Any]]], outputs: Iterable[str], batch: int = 1
    ) -> None:
        """Load it and run it on ``batch`` blank images, once for each shape.

        A shape between two that went well is not tried: the sides of all that a network makes are
        linear in those of its input, so that what fits together, and in memory, for a smaller and
        for a larger input does so for those between. Photos of many sizes need few trials.

        Args:
            inputs: the name of each, and an array of its type and shape but for the batch.
            outputs: the names of those wanted.

        Raises:
            EngineError: it cannot be run, or kills the process that runs it.
        """
        given = tuple((name, array.dtype.str, (batch, *array.shape[1:])) for name, array in inputs)
        self._check((given, tuple(outputs)))

    def _check(self, case: _Case) -> None:
        if case in self._done or not self._possible:
            return
        sides = tuple(side for _, _, shape in case[0] for side in shape)
        if not self._between(sides):
            key = self._key.copy()
            key.update(repr(case).encode())
            mark = cache_folder() / "tried" / key.hexdigest()
            if not _is_there(mark):
                self._possible = self._try(case)
                if not self._possible:
                    return
                with contextlib.suppress(WriteError), replacing(mark):
                    pass
            self._sizes.append(sides)
        self._done.add(case)

    def _between(self, sides: tuple[int, ...]) -> bool:
        like = [
            tried
            for tried in self._sizes
            if len(tried) == len(sides)
            and all((a - b) % _STRIDE == 0 for a, b in zip(tried, sides, strict=True))
        ]
        above = any(all(map(operator.ge, tried, sides)) for tried in like)
        return above and any(all(map(operator.le, tried, sides)) for tried in like)

    def _try(self, case: _Case) -> bool:
        """Whether it could be tried, and went well."""
        if not all(map(os.path.exists, self._files)):
            return self._untried("its files are gone since it was loaded")
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
            if b"begin" not in (error.stdout or b""):
                return self._untried(error)
            raise EngineError(
                f"{self._engine} takes over {_SECONDS} s with {self._file}"
            ) from error
        except OSError as error:
            return self._untried(error)
        match done.stdout.splitlines():
            case ["begin", "end", told]:
                if message := json.loads(told):
                    raise EngineError(message)
                return True
            case ["begin"]:
                inputs, _ = case
                given = f", or those and an input of {inputs[0][2]}" if inputs else ""
                raise EngineError(
                    f"{self._engine} dies of {self._file} (status {done.returncode}); its layers "
                    f"and its weights do not fit together{given}"
                )
            case _:
                return self._untried(done.stderr)

    def _untried(self, why: object) -> bool:
        _log.info("%s is used untried: %s", self._file, why)
        return False


def _is_there(mark: Path) -> bool:
    try:
        return mark.is_file()
    except OSError:  # a cache folder that may not be read
        return False


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
