"""A network that runs on as many threads as pay."""

from __future__ import annotations

import numpy as np
import pytest

from rostro.engines import ENGINES, adaptive
from rostro.engines.adaptive import AdaptiveEngine
from rostro.engines.base import InputShape
from rostro.errors import ArgumentTypeError, EngineError
from rostro.models import Model
from rostro.support.cpus import available_cpus
from rostro.types import FloatArray
from tests.support.networks import noise


class Clock:
    """Wall and CPU time that the engines below let pass."""

    wall = cpu = 0.0

    def perf_counter(self) -> float:
        return self.wall

    def process_time(self) -> float:
        return self.cpu

    thread_time = process_time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(adaptive, "time", clock)
    return clock


class Slow:
    """An engine whose runs take this wall time, and 10 ms of CPU time."""

    name = "slow"
    input_shape: InputShape = (None, 3, None, None)
    output_names: tuple[str, ...] = ("sum",)

    def __init__(self, clock: Clock, threads: int, wall: float) -> None:
        self.clock, self.threads, self.wall, self.runs = clock, threads, wall, 0

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        if not isinstance(tensor, np.ndarray):
            raise ArgumentTypeError("tensor: got none")
        self.clock.wall += self.wall
        self.clock.cpu += 0.01
        self.runs += 1
        return [tensor.sum(axis=(1, 2, 3))]


def test_one_thread_is_loaded_when_it_is_wanted(clock: Clock) -> None:
    several, alone = Slow(clock, 4, 0.05), Slow(clock, 1, 0.02)
    loaded: list[Slow] = []

    def load() -> Slow:
        loaded.append(alone)
        return alone

    engine = AdaptiveEngine(several, load)
    assert (engine.name, engine.threads, engine.output_names) == ("slow", 4, ("sum",))
    for runs in range(10):
        assert len(loaded) == (runs > 3)
        assert engine.run(np.ones((1, 3, 2, 2), np.float32)) == [12]
    assert (several.runs, alone.runs, len(loaded)) == (3, 7, 1)
    engine.run(np.ones((1, 3, 4, 4), np.float32))  # another shape has a choice of its own
    assert several.runs == 4


def test_where_it_cannot_be_loaded_again_it_goes_on(clock: Clock) -> None:
    several = Slow(clock, 4, 0.05)

    def load() -> Slow:
        raise EngineError("the file is gone")

    engine = AdaptiveEngine(several, load)
    for _ in range(10):
        engine.run(np.ones((1, 3, 2, 2), np.float32))
    assert several.runs == 10
    with pytest.raises(ArgumentTypeError):
        engine.run(None)  # type: ignore[arg-type]


def test_images_of_any_size_take_no_memory(clock: Clock) -> None:
    engine = AdaptiveEngine(Slow(clock, 4, 0.05), lambda: Slow(clock, 1, 0.02))
    for side in range(1, 200):
        engine.run(np.ones((1, 3, side, 1), np.float32))
    assert len(engine._choices) <= 64


@pytest.mark.skipif(available_cpus() == 1, reason="one CPU")
@pytest.mark.parametrize("name", ENGINES)
def test_both_numbers_of_threads_give_the_same(default_models: dict[str, Model], name: str) -> None:
    for task, shape in (("detect", (1, 3, 320, 320)), ("embed", (1, 3, 112, 112))):
        several = default_models[task].open(name)
        alone = default_models[task].open(name, 1)
        assert isinstance(several, AdaptiveEngine) and not isinstance(alone, AdaptiveEngine)
        tensor = 255 * np.abs(noise(*shape))
        for _ in range(6):  # before and after the choice
            for one, other in zip(several.run(tensor), alone.run(tensor), strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
