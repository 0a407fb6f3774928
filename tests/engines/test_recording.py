"""Engines around engines: what they note, and that they change nothing."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from rostro.engines import Engine, NetworkFiles, open_network
from rostro.engines.base import InputShape
from rostro.engines.recording import Recorder, Timer
from rostro.types import FloatArray
from tests.support.networks import double_onnx, noise


@pytest.fixture
def double(tmp_path: Path) -> Engine:
    return open_network(NetworkFiles(onnx=double_onnx(tmp_path / "d.onnx")), "onnxruntime", 1)


@pytest.mark.parametrize("around", [Recorder, Timer])
def test_it_is_the_engine_to_its_callers(double: Engine, around: type[Recorder | Timer]) -> None:
    wrapped: Engine = around(around(double))
    for name in ("name", "threads", "input_shape", "output_names"):
        assert getattr(wrapped, name) == getattr(double, name)
    tensor = noise(1, 3, 4, 4)
    np.testing.assert_array_equal(wrapped.run(tensor)[0], 2 * tensor)


def test_recorder_keeps_what_ran_last(double: Engine) -> None:
    recorder = Recorder(double)
    assert recorder.last is None
    tensor = np.ones((1, 3, 4, 4), np.float32)
    recorder.run(tensor)
    tensor[:] = 7  # its owner reuses the memory
    assert recorder.last is not None and (recorder.last == 1).all()
    recorder.run(tensor)
    assert (recorder.last == 7).all()


class Slow:
    """An engine of two inputs that takes 10 ms."""

    name, threads = "slow", 1
    input_shape: InputShape = (None, None, None, None)
    output_names: tuple[str, ...] = ("y",)

    def run(self, tensor: FloatArray, *others: FloatArray) -> list[FloatArray]:
        time.sleep(0.01)
        return [*others]


def test_timer_adds_up() -> None:
    timer = Timer(Slow())
    assert timer.seconds == 0
    tensor = noise(1, 3, 4, 4)
    for _ in range(2):
        np.testing.assert_array_equal(timer.run(tensor, tensor)[0], tensor)
    assert timer.seconds >= 0.02
    timer.seconds = 0
    timer.run(tensor, tensor)
    assert timer.seconds >= 0.01
