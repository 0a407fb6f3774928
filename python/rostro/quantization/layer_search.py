"""Which layers to leave in float: as few as it takes to stay within the limits."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence

import numpy as np

from rostro.engines import Engine, NetworkFiles
from rostro.quantization.figures import Measured, time_in_turn
from rostro.quantization.network import LayerFacts, Quantizer
from rostro.support.temporary import temporary_folder
from rostro.types import FloatArray

__all__ = ["Opener", "choices", "keep_more_in_float", "quicker"]

_log = logging.getLogger(__name__)

Opener = Callable[[NetworkFiles], Engine]

_ROUNDS = 10
_STEPS = 16  # in which all layers are given back


def _open(quantizer: Quantizer, names: Collection[str], open_: Opener) -> Engine:
    """The network with these layers in int8, loaded; its files are gone again."""
    with temporary_folder() as folder:
        return open_(quantizer.build(names, folder))


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
    """Where a limit is missed, give layers back to float: as little work as it takes.

    Each layer is made int8 alone, and its error at the outputs taken. Layers are given back, that
    of the largest error first, until ``measure`` finds no limit missed; then those that turn out
    not to be needed, that of the most work first, become int8 again.

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

    def good(candidates: Sequence[str]) -> bool:
        return not measure(_open(quantizer, candidates, open_)).misses

    if good(names):
        return list(names)
    end = time.monotonic() + seconds
    wanted = [reference.run(tensor) for tensor in tensors]
    errors: dict[str, float] = {}
    for name in tqdm(names, "layers", unit="layer", leave=False, disable=not progress):
        # Half of the time is for trying what was learnt.
        if time.monotonic() > end - seconds / 2:
            _log.warning("no time to try %d layers", len(names) - len(errors))
            break
        alone = _open(quantizer, [name], open_)
        errors[name] = _error([alone.run(tensor) for tensor in tensors], wanted)
    order = sorted(errors, key=lambda name: -errors[name])
    step = max(1, len(order) // _STEPS)
    given = 0
    with tqdm(total=len(order), desc="given back", leave=False, disable=not progress) as bar:
        while given < len(order):
            if time.monotonic() > end:
                _log.warning("the time for the search is up")
                break
            given = min(given + step, len(order))
            bar.update(step)
            left = [name for name in names if name not in order[:given]]
            if left and good(left):
                break
    left = [name for name in names if name not in order[:given]]
    work = {layer.name: layer.work for layer in quantizer.layers}
    for name in sorted(order[:given], key=lambda name: -work[name]):
        if time.monotonic() > end:
            break
        if good([*left, name]):
            left.append(name)
    return left


def _error(have: Sequence[list[FloatArray]], want: Sequence[list[FloatArray]]) -> float:
    """The mean over runs and outputs of the error's size relative to the output's."""
    parts = [
        np.linalg.norm(h - w) / max(float(np.linalg.norm(w)), 1e-6)
        for runs in zip(have, want, strict=True)
        for h, w in zip(*runs, strict=True)
    ]
    return float(np.mean(parts))


def choices(layers: Sequence[LayerFacts], kept: Collection[str]) -> list[list[str]]:
    """Sets of layers to begin with: all but ``kept``; and those of them that are not depth-wise,
    which are often slower in int8 than in float."""
    free = [layer for layer in layers if layer.name not in kept]
    everything = [layer.name for layer in free]
    dense = [layer.name for layer in free if not layer.depthwise]
    return [names for names in (everything, dense) if names]
