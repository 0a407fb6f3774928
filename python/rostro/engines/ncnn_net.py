"""A network in ncnn, loaded and run: by the engine, and beforehand by a trial.

A trial runs this file as a program, without rostro and NumPy, which take ten times as long to
import as ncnn: `rostro.engines.trial`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["extract", "load", "options"]


def options(*, half: bool) -> dict[str, bool]:
    """What is set of ncnn's options.

    By count (docs/measured/arm64-engines.md) float16 pays on ARM where it is arithmetic, too: with
    storage alone, or with bfloat16, more is spent on converting than saved. Winograd, packing and
    matrix products, which are ncnn's defaults, stay.
    """
    return {
        "use_fp16_packed": half,
        "use_fp16_storage": half,
        "use_fp16_arithmetic": half,
        "use_bf16_storage": False,
    }


def load(
    ncnn: Any, param: str | Path, weights: str | Path, threads: int, *, half: bool = False
) -> Any:
    """The network, to be computed in float32.

    ncnn's default, float16 where the CPU has it, overflows on some networks that take raw 0-255
    pixels and makes the two engines differ: only with ``half`` it is taken, on a CPU that computes
    in it.

    Raises:
        RuntimeError: it cannot be loaded.
    """
    net = ncnn.Net()
    net.opt.num_threads = threads
    for name, value in options(half=half and ncnn.cpu_support_arm_asimdhp()).items():
        setattr(net.opt, name, value)
    # As bytes: a file's name need not be UTF-8.
    if net.load_param(os.fsencode(param)) != 0:
        raise RuntimeError(f"ncnn cannot load {param}: not a network that this ncnn knows")
    if net.load_model(os.fsencode(weights)) != 0:
        raise RuntimeError(f"ncnn cannot load {weights}: not the weights of {Path(param).name}")
    return net


def extract(extractor: Any, blob: str, param: str | Path) -> Any:
    """One output of a run.

    Raises:
        RuntimeError: it cannot be computed.
    """
    status, out = extractor.extract(blob)
    if status != 0:
        raise RuntimeError(f"ncnn cannot run {param}: no {blob} (status {status})")
    # Layers with parameters that make no sense give this, and NumPy would read its missing memory.
    if out.empty():
        raise RuntimeError(f"ncnn cannot run {param}: {blob} is empty")
    return out


def _told(
    ncnn: Any,
    param: str,
    weights: str,
    inputs: list[tuple[str, str, list[int]]],
    outputs: list[str],
) -> str:
    """What is said of a network loaded, and run on one blank image if there are inputs."""
    try:
        net = load(ncnn, param, weights, 1)
        extractor = net.create_extractor()
        for name, _, shape in inputs:
            blank = ncnn.Mat(*reversed(shape[1:]))
            blank.fill(0.0)
            extractor.input(name, blank)
        for blob in outputs:
            memoryview(extract(extractor, blob, param)).tobytes()  # all of it is there
    except RuntimeError as error:
        return str(error)
    return ""


def _main(folders: str, task: str) -> None:
    sys.path += json.loads(folders)
    import ncnn

    print("begin", flush=True)  # noqa: T201
    print(f"end\n{json.dumps(_told(ncnn, *json.loads(task)))}", flush=True)  # noqa: T201


if __name__ == "__main__":
    _main(*sys.argv[1:])
