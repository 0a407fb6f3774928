"""ncnn, on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rostro.engines.base import InputShape, NetworkFiles, check_inputs, check_outputs, placed
from rostro.engines.ncnn_net import extract, load
from rostro.engines.openmp import call_with_workers, import_ncnn
from rostro.engines.trial import Trial
from rostro.errors import EngineError, FileMissingError, ModelError
from rostro.types import FloatArray

__all__ = ["NcnnEngine"]

_PARAM_MAGIC = b"7767517"


class NcnnEngine:
    """A network in ncnn; see `rostro.engines.Engine`. Runs one image of a batch after the other.

    A loaded network is only read, and a run has memory of its own, whose locks nobody else holds:
    a forked child runs what its parent has loaded, in the memory that they share.
    """

    name = "ncnn"

    def __init__(self, network: NetworkFiles, threads: int, outputs: Sequence[str] | None) -> None:
        ncnn = import_ncnn()
        param, weights = network.param, network.bin
        if param is None or weights is None:
            raise ModelError("ncnn needs a .param and a .bin file, and this network has none")
        _check_param(param)
        if not weights.is_file():
            raise FileMissingError(f"{weights}: no such file (the weights of {param.name})")
        self._trial = None if network.vouched else Trial("ncnn", param, weights)
        try:
            net = call_with_workers(lambda: load(ncnn, param, weights, threads, half=network.half))
        except RuntimeError as error:
            raise EngineError(str(error)) from error

        inputs = list(net.input_names())
        wanted = 1 + len(network.others)
        if len(inputs) != wanted:
            raise ModelError(
                f"{param}: a network with {wanted} input{'s' if wanted > 1 else ''} is wanted, "
                f"it has {len(inputs)}"
            )
        # The image first, wherever the graph has it; pnnx calls its inputs in0, in1.
        inputs.sort(key=lambda name: placed(name, network.others))
        self.threads = threads
        self._ncnn = ncnn
        self._net = net
        self._file = param
        self._inputs = inputs
        self._others = network.others
        self._blobs = _blobs(param, list(net.output_names()), outputs)
        self.output_names = tuple(outputs or self._blobs)
        self.input_shape: InputShape = (None, *network.shape[1:])
        self._multiple = network.multiple
        self._idle: list[_Memory] = []

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        check_inputs(tensor, others, self.input_shape, self._multiple, self._others)
        inputs = [tensor, *others]
        if self._trial is not None:
            self._trial.run(zip(self._inputs, inputs, strict=True), self._blobs)
        images = call_with_workers(
            lambda: [self._run_one(arrays) for arrays in zip(*inputs, strict=True)]
        )
        outputs = [np.stack(arrays) for arrays in zip(*images, strict=True)]
        check_outputs(self._file, self.output_names, outputs)
        return outputs

    def _run_one(self, arrays_in: tuple[FloatArray, ...]) -> list[FloatArray]:
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = _Memory(self._ncnn)
        extractor = self._net.create_extractor()
        extractor.set_blob_allocator(memory.blobs)
        extractor.set_workspace_allocator(memory.workspace)
        try:
            for name, array in zip(self._inputs, arrays_in, strict=True):
                extractor.input(name, memory.filled(name, array))
            outputs = [extract(extractor, blob, self._file) for blob in self._blobs]
            return [np.array(output, dtype=np.float32) for output in outputs]
        except RuntimeError as error:
            raise EngineError(str(error)) from error
        finally:
            extractor.clear()  # before anything else can take the memory
            self._idle.append(memory)


class _Memory:
    """What one run works in, kept for the next."""

    def __init__(self, ncnn: Any) -> None:
        self._ncnn = ncnn
        self.blobs, self.workspace = ncnn.PoolAllocator(), ncnn.PoolAllocator()
        self._inputs: dict[str, tuple[tuple[int, ...], Any]] = {}

    def filled(self, name: str, array: FloatArray) -> Any:
        """The input of this name, with a copy of ``array``."""
        # A Mat over NumPy's memory is unsafe here: it holds no reference, and ncnn crashes where
        # the first layer works in place.
        kept = self._inputs.get(name)
        if kept is None or kept[0] != array.shape:
            kept = self._inputs[name] = (array.shape, self._ncnn.Mat(*reversed(array.shape)))
        np.copyto(np.array(kept[1], copy=False), array)
        return kept[1]


def _check_param(param: Path) -> None:
    # ncnn's own parser prints, and may crash, on a file that is none of its own.
    try:
        with param.open("rb") as file:
            first = file.readline(64).strip()
    except OSError as error:
        raise FileMissingError(f"{param}: {error.strerror}") from error
    if first != _PARAM_MAGIC:
        raise EngineError(f"ncnn cannot load {param}: not an ncnn .param file")


def _blobs(param: Path, known: list[str], outputs: Sequence[str] | None) -> list[str]:
    """The blobs to extract for the outputs wanted."""
    by_pnnx = [f"out{i}" for i in range(len(known))]
    if outputs is None:
        return by_pnnx if set(known) == set(by_pnnx) else known
    if set(outputs) <= set(known):
        return list(outputs)
    if set(known) == set(by_pnnx) and len(outputs) == len(known):
        return by_pnnx
    raise ModelError(f"{param}: outputs {', '.join(outputs)} are wanted, it has {', '.join(known)}")
