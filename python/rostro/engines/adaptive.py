"""A network on as many threads as pay: on several while they gain time, on one while they wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np

from rostro.engines.base import Engine, loading
from rostro.engines.thread_choice import ThreadChoice
from rostro.errors import RostroError
from rostro.types import FloatArray

__all__ = ["AdaptiveEngine"]

_MOST_SHAPES = 64  # whose choices are kept

_log = logging.getLogger(__name__)


class AdaptiveEngine:
    """An `Engine` that runs each shape of tensor on several threads or on one; see `ThreadChoice`.

    Several threads wait for one another at the end of each layer. Where other processes hold the
    CPUs, one of them is often late, and small tensors are not worth the waking. Both numbers of
    threads give the same but for rounding; the default networks bit for bit on x86-64.

    The engines fix their number of threads when they load a network, so it is loaded a second time
    when one thread is first wanted.

    Args:
        engine: of several threads.
        load_alone: makes the same with one.
    """

    def __init__(self, engine: Engine, load_alone: Callable[[], Engine]) -> None:
        self.name, self.threads = engine.name, engine.threads
        self.input_shape, self.output_names = engine.input_shape, engine.output_names
        self._engine = engine
        self._load_alone = load_alone
        self._alone: Engine | None = None
        self._choices: dict[tuple[int, ...], ThreadChoice] = {}

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        """As `rostro.engines.Engine.run`."""
        if not isinstance(tensor, np.ndarray):
            return self._engine.run(tensor, *others)  # which refuses it
        choice = self._choice(tensor.shape)
        several = choice.several
        engine = self._engine if several else self._alone or self._loaded_alone()
        cpu_time = time.process_time if several else time.thread_time
        cpu, begin = cpu_time(), time.perf_counter()
        outputs = engine.run(tensor, *others)
        choice.ran(several, time.perf_counter() - begin, cpu_time() - cpu)
        return outputs

    def _choice(self, shape: tuple[int, ...]) -> ThreadChoice:
        if shape not in self._choices and len(self._choices) >= _MOST_SHAPES:
            self._choices.clear()  # images of any size: the next ones choose anew
        return self._choices.setdefault(shape, ThreadChoice())

    def _loaded_alone(self) -> Engine:
        with loading:  # another thread may want it, too
            if self._alone is None:
                try:
                    self._alone = self._load_alone()
                except RostroError as error:  # its files are gone since, or no memory is left
                    _log.info("%s stays on %d threads: %s", self.name, self.threads, error)
                    self._alone = self._engine
            return self._alone
