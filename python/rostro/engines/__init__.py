"""Inference engines behind one small interface: ONNX Runtime and ncnn.

Neither library is imported before a network is opened with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from rostro.engines.adaptive import AdaptiveEngine
from rostro.engines.base import Engine, NetworkFiles, loading, version_of
from rostro.errors import ArgumentError, EngineNotInstalledError
from rostro.support.arguments import check_text
from rostro.support.cpus import resolve_threads

__all__ = ["ENGINES", "Engine", "NetworkFiles", "check_name", "installed", "open_network"]

ENGINES = ("onnxruntime", "ncnn")


def installed() -> dict[str, str | None]:
    """Each engine's version, or None where it is not installed; imports neither."""
    return {engine: version_of(engine) for engine in ENGINES}


def check_name(engine: str) -> None:
    """Raise ArgumentError unless ``engine`` is one of `ENGINES`."""
    if check_text("engine", engine) not in ENGINES:
        raise ArgumentError(f"engine: got {engine!r}; one of {', '.join(ENGINES)} is wanted")


def open_network(
    network: NetworkFiles,
    engine: str,
    threads: int | None = None,
    outputs: Sequence[str] | None = None,
) -> Engine:
    """Load a network.

    Engines die of files that are damaged, and of sizes that a network was not made for. So one that
    nobody vouches for is loaded by a process of its own first, and so is the first run of each
    shape; what went well is remembered in the cache folder.

    Args:
        network: its files and the input it takes.
        engine: ``"onnxruntime"`` or ``"ncnn"``.
        threads: threads of one run, never more than the CPUs that the process may use; ``None``
            for all of these while they gain time, and for one while they do not: see
            `rostro.engines.adaptive.AdaptiveEngine`.
        outputs: the outputs wanted, in this order; ``None`` for all, in the network's order.
            Networks converted by pnnx call theirs out0, out1, …: there these must be all the
            names that the original has, in its order.

    Raises:
        EngineNotInstalledError: the engine's library is not installed or does not load.
        EngineError: the engine cannot load these files.
        ModelError: the network is not of the kind wanted (inputs, outputs, format).
    """
    check_name(engine)
    loaded = _load(network, engine, resolve_threads(threads), outputs)
    if threads is not None or loaded.threads == 1:
        return loaded
    return AdaptiveEngine(loaded, lambda: _load(network, engine, 1, outputs))


def _load(
    network: NetworkFiles, engine: str, threads: int, outputs: Sequence[str] | None
) -> Engine:
    try:
        with loading:
            if engine == "onnxruntime":
                from rostro.engines.onnxruntime_engine import OnnxRuntimeEngine

                return OnnxRuntimeEngine(network, threads, outputs)
            from rostro.engines.ncnn_engine import NcnnEngine

            return NcnnEngine(network, threads, outputs)
    except ImportError as error:
        raise EngineNotInstalledError(
            f"engine {engine} cannot be loaded ({error}); install it with: pip install {engine}"
        ) from error
