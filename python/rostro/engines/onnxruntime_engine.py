"""ONNX Runtime, on the CPU."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rostro.engines.base import InputShape, NetworkFiles, check_inputs, check_outputs, placed
from rostro.engines.onnx_input import OUTPUT_TYPES, OnnxInput
from rostro.engines.onnxruntime_session import OnnxRuntimeSession
from rostro.engines.trial import Trial
from rostro.errors import EngineError, FileMissingError, ModelError
from rostro.support.files import open_regular
from rostro.support.onnx_scan import has_external_data
from rostro.types import FloatArray

__all__ = ["OnnxRuntimeEngine"]

_log = logging.getLogger(__name__)


class OnnxRuntimeEngine:
    """A network in ONNX Runtime; see `rostro.engines.Engine`."""

    name = "onnxruntime"

    def __init__(self, network: NetworkFiles, threads: int, outputs: Sequence[str] | None) -> None:
        if network.onnx is None:
            raise ModelError("onnxruntime needs an .onnx file, and this network has none")
        self.threads = threads
        self._file = network.onnx
        _check_whole(self._file)
        self._trial = None if network.vouched else Trial("onnxruntime", self._file)
        self._session = OnnxRuntimeSession(self._file, threads)
        self._inputs = _inputs(network, self._session.inputs)
        image = self._inputs[0].shape
        self.output_names = _outputs(self._file, self._session.outputs, outputs, image[0])
        c, h, w = (a or b for a, b in zip(image[1:], network.shape[1:], strict=True))
        self.input_shape: InputShape = (None, c, h, w)
        self._multiple = network.multiple
        self._others = network.others
        # How many images it runs at a time; None for as many as there are.
        self._batch = image[0]
        self._batch_is_right = False

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        check_inputs(tensor, others, self.input_shape, self._multiple, self._others)
        outputs = self._run_all([tensor, *others])
        check_outputs(self._file, self.output_names, outputs)
        return outputs

    def _run_all(self, arrays: list[FloatArray]) -> list[FloatArray]:
        count = len(arrays[0])
        if self._batch is None:
            if count == 1 or self._batch_is_right:
                return self._run(arrays)
            return self._run_first_batch(arrays)
        parts = []
        for start in range(0, count, self._batch):
            part = [array[start : start + self._batch] for array in arrays]
            if len(part[0]) == self._batch:
                parts.append(self._run(part))
            else:
                whole = [np.resize(array, (self._batch, *array.shape[1:])) for array in part]
                parts.append([output[: len(part[0])] for output in self._run(whole)])
        if len(parts) == 1:  # as of a camera, whose outputs need no copy
            return parts[0]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _run_first_batch(self, arrays: list[FloatArray]) -> list[FloatArray]:
        """Runs several images at once, and never again if that is not each by itself.

        Exporters declare any number of images and write a reshape for one: such a network fails for
        two, or mixes them.
        """
        count = len(arrays[0])
        last = self._run([array[-1:] for array in arrays])
        try:
            together = self._run(arrays)
        except EngineError as error:
            _log.info("%s runs one image at a time: %s", self._file, error)
        else:
            self._batch_is_right = all(map(partial(_ends_with, count), together, last))
            if self._batch_is_right:
                return together
            _log.info("%s runs one image at a time: it mixes those of a batch", self._file)
        self._batch = 1
        return self._run_all(arrays)

    def _run(self, arrays: list[FloatArray]) -> list[FloatArray]:
        given = zip(self._inputs, arrays, strict=True)
        feed = {taken.name: taken.convert(array) for taken, array in given}
        if self._trial is not None:
            self._trial.run(feed.items(), self.output_names, self._batch or 1)
        return self._session.run(self.output_names, feed)


def _check_whole(file: Path) -> None:
    # The hash of a file covers no other, and a card's folder is all that its network may read.
    try:
        with open_regular(file) as content:
            elsewhere = has_external_data(content)
    except OSError as error:
        raise FileMissingError(f"{file}: {error.strerror}") from error
    if elsewhere:
        raise ModelError(
            f"{file}: got weights in other files (ONNX external data); one file that holds them is "
            "wanted: onnx.save(onnx.load(OLD), NEW) in Python makes it"
        )


def _inputs(network: NetworkFiles, nodes: Sequence[Any]) -> list[OnnxInput]:
    """The inputs as they are given: the image first, wherever the graph has it."""
    others = list(network.others)
    nodes = sorted(nodes, key=lambda node: placed(node.name, others))
    try:
        # Where the card says that no image is given, it may be called (N, C) too.
        rows = network.shape[2:] == (1, 1)
        inputs = [OnnxInput.of(node, rows) for node in nodes]
    except ModelError as error:
        raise ModelError(f"{network.onnx}: {error}") from error
    if [node.name for node in nodes[1:]] != others or len(inputs[0].shape) != 4:
        found = "; ".join(f"{node.name} {node.shape}" for node in nodes)
        more = f", and {', '.join(others)}" if others else ""
        raise ModelError(
            f"{network.onnx}: a network with one input, (N, C, H, W) or (N, H, W, C){more}, is "
            f"wanted; it has {found}"
        )
    return inputs


def _outputs(
    file: Path, nodes: Sequence[Any], wanted: Sequence[str] | None, batch: int | None
) -> tuple[str, ...]:
    """The names of those wanted, after a check that they can be given."""
    by_name = {node.name: node for node in nodes}
    names = tuple(wanted or by_name)
    if missing := [name for name in names if name not in by_name]:
        raise ModelError(f"{file}: no output {', '.join(missing)}; it has {', '.join(by_name)}")
    for name in names:
        node = by_name[name]
        if node.type not in OUTPUT_TYPES:
            raise ModelError(
                f"{file}: its output {name}: got type {node.type}; one of "
                f"{', '.join(sorted(OUTPUT_TYPES))} is wanted"
            )
        # The images that fill up a batch are cut off again.
        if batch not in (None, 1) and node.shape[:1] != [batch]:
            raise ModelError(
                f"{file}: its output {name}: got shape {node.shape}; one that begins with {batch}, "
                "as its input's does, is wanted; export it for one image"
            )
    return names


def _ends_with(count: int, together: FloatArray, last: FloatArray) -> bool:
    """Whether the last of ``count`` images has given the same in a batch as alone."""
    if together.shape != (count * len(last), *last.shape[1:]):
        return False
    # Kernels for several images round in another order; what is mixed is off by far more.
    tolerance = 1e-3 * float(np.abs(last).max(initial=1e-6))
    return bool(np.abs(together[len(together) - len(last) :] - last).max(initial=0) <= tolerance)
