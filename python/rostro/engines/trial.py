"""ncnn networks that nobody vouches for, loaded and run by a process of its own before this one.

ncnn trusts its files: one whose layers and weights disagree takes the process with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rostro import errors
from rostro.engines.base import NetworkFiles, version_of
from rostro.errors import EngineError, WriteError
from rostro.support.files import cache_folder, replacing, sha256_of
from rostro.support.processes import Limits, isolated_python, run
from rostro.support.temporary import temporary_folder

__all__ = ["Trial"]

_log = logging.getLogger(__name__)

_SECONDS = 120
_LEAST_MEMORY = 2 << 30  # of addresses, of which Python and NumPy reserve more than they use
_SCRIPT = "import sys; sys.path += sys.argv[2:]; from rostro.engines import trial; trial.main()"


class Trial:
    """What is known of how one network fares.

    Raises:
        EngineError: it cannot be loaded, or kills the process that loads it.
        FileMissingError, ModelError: as `rostro.engines.open_network`.
    """

    def __init__(
        self, param: Path, weights: Path, second: str | None, outputs: Sequence[str] | None
    ) -> None:
        self._param = param
        self._task = {
            "param": str(param.absolute()),
            "bin": str(weights.absolute()),
            "second": second,
            "outputs": outputs,
        }
        self._key = hashlib.sha256(repr((version_of("ncnn"), second, outputs)).encode())
        for file in (param, weights):
            self._key.update(bytes.fromhex(sha256_of(file)))
        self._done: set[tuple[tuple[int, ...], ...]] = set()
        self.check()

    def check(self, *shapes: tuple[int, ...]) -> None:
        """Load it and run it on one blank image, once for each shape; without shapes, only load it.

        Args:
            shapes: of the inputs, without the number of images.
        """
        if shapes in self._done:
            return
        key = self._key.copy()
        key.update(repr(shapes).encode())
        mark = cache_folder() / "tried" / key.hexdigest()
        if not mark.is_file():
            self._try(shapes)
            with contextlib.suppress(WriteError), replacing(mark):
                pass
        self._done.add(shapes)

    def _try(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        task = json.dumps(self._task | {"shapes": shapes})
        try:
            with temporary_folder() as folder:
                done = run(
                    [*isolated_python(), "-c", _SCRIPT, task, *_places()],
                    folder,
                    Limits(_SECONDS, max(_LEAST_MEMORY, _memory()), 1 << 20),
                    environment=_environment(),
                    network=False,
                )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"ncnn takes over {_SECONDS} s with {self._param}") from error
        except OSError as error:
            _log.info("%s is used untried: %s", self._param, error)
            return
        match done.stdout.splitlines():
            case ["begin", "end", told]:
                kind, message = json.loads(told)
                if kind is not None:
                    raise getattr(errors, kind)(message)
            case ["begin"]:
                given = f", or those and an input of {shapes[0]}" if shapes else ""
                raise EngineError(
                    f"ncnn dies of {self._param} (status {done.returncode}); its layers and its "
                    f"weights do not fit together{given}"
                )
            case _:
                _log.info("%s is used untried: %s", self._param, done.stderr)


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _places() -> list[str]:
    """Where this process has its packages from, for one that is told nothing else."""
    specs = (importlib.util.find_spec(name) for name in ("rostro", "numpy", "ncnn"))
    return [str(Path(spec.origin).parents[1]) for spec in specs if spec and spec.origin]


def main() -> None:
    """The process of a trial: prints that it begins, that it ends, and ``[error, message]``."""
    from rostro.engines.ncnn_engine import NcnnEngine

    task = json.loads(sys.argv[1])
    print("begin", flush=True)  # noqa: T201
    error: tuple[str | None, str] = (None, "")
    network = NetworkFiles(
        param=Path(task["param"]), bin=Path(task["bin"]), second=task["second"], vouched=True
    )
    try:
        engine = NcnnEngine(network, 1, task["outputs"])
        if task["shapes"]:
            # Unchecked, for a blank image may well give NaN.
            engine.run_unchecked([np.zeros((1, *shape), np.float32) for shape in task["shapes"]])
    except errors.RostroError as raised:
        error = (type(raised).__name__, str(raised))
    print(f"end\n{json.dumps(error)}")  # noqa: T201
