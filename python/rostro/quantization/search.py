"""Which layers to leave in float: as few as it takes to stay within the limits."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

from rostro.engines import Engine, NetworkFiles
from rostro.quantization.figures import Measured, time_in_turn
from rostro.quantization.network import LayerFacts, Quantizer
from rostro.types import FloatArray

__all__ = ["Opener", "choices", "keep_more_in_float", "quicker"]

_log = logging.getLogger(__name__)

Opener = Callable[[NetworkFiles], Engine]

_ROUNDS = 10


def _open(quantizer: Quantizer, names: Collection[str], open_: Opener) -> Engine:
    """The network with these layers in int8, loaded; its files are gone again."""
    with tempfile.TemporaryDirectory(prefix="rostro-") as folder:
        return open_(quantizer.build(names, Path(folder)))


def quicker(
    quantizer: Quantizer, tried: Sequence[list[str]], open_: Opener, tensor: FloatArray
) -> list[str]:
    """Of several choices of layers, the one that runs in the least time here."""
    different = [names for i, names in enumerate(tried) if names not in tried[:i]]
    if len(different) == 1:
        return different[0]
    networks = [_open(quantizer, names, open_) for names in different]
    milliseconds = time_in_turn(networks, tensor, _ROUNDS)
    _log.info("milliseconds of each choice of layers: %s", milliseconds)
    return different[int(np.argmin(milliseconds))]


def keep_more_in_float(
    quantizer: Quantizer,
    names: Sequence[str],
    open_: Opener,
    reference: Engine,
    tensors: Sequence[FloatArray],
    measure: Callable[[Engine], Measured],
    seconds: float,
    progress: bool,
) -> list[str]:
    """Where a limit is missed, give layers back to float, the dearest first.

    Each layer is made int8 alone, and its error at the outputs taken; then layers are given back in
    the order of error for each multiplication until ``measure`` finds no limit missed.

    Args:
        names: the layers to begin with.
        open_: loads a network.
        reference: the float network.
        tensors: that errors at the outputs are taken on.
        measure: photos that are not those of the final measurement.
        seconds: time to stop at, with what was reached.

    Returns:
        The layers that stay in int8.
    """
    from tqdm import tqdm

    if not measure(_open(quantizer, names, open_)).misses:
        return list(names)
    end = time.monotonic() + seconds
    facts = {layer.name: layer for layer in quantizer.layers}
    wanted = [reference.run(tensor) for tensor in tensors]
    price: dict[str, float] = {}
    for name in tqdm(names, "layers", unit="layer", leave=False, disable=not progress):
        # Half of the time is for trying what was learnt.
        if time.monotonic() > end - seconds / 2:
            _log.warning("no time to try %d layers", len(names) - len(price))
            break
        alone = _open(quantizer, [name], open_)
        error = np.mean([_error(alone.run(t), w) for t, w in zip(tensors, wanted, strict=True)])
        price[name] = float(error) / max(facts[name].work, 1)
    order = sorted(price, key=lambda name: -price[name])
    left = list(names)
    step = max(1, len(order) // 16)
    with tqdm(
        range(0, len(order), step), "given back", unit="step", leave=False, disable=not progress
    ) as steps:
        for first in steps:
            if time.monotonic() > end:
                _log.warning("the time for the search is up")
                break
            for name in order[first : first + step]:
                left.remove(name)
            if not left or not measure(_open(quantizer, left, open_)).misses:
                break
    return left


def _error(have: Sequence[FloatArray], want: Sequence[FloatArray]) -> float:
    """The mean over the outputs of the error's size relative to the output's."""
    parts = [
        np.linalg.norm(h - w) / max(float(np.linalg.norm(w)), 1e-6)
        for h, w in zip(have, want, strict=True)
    ]
    return float(np.mean(parts))


def choices(layers: Sequence[LayerFacts], kept: Collection[str]) -> list[list[str]]:
    """Sets of layers to begin with: all but ``kept``; and those of them that are not depth-wise,
    which are often slower in int8 than in float."""
    free = [layer for layer in layers if layer.name not in kept]
    everything = [layer.name for layer in free]
    dense = [layer.name for layer in free if not layer.depthwise]
    return [names for names in (everything, dense) if names]
