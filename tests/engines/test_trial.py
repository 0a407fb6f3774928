"""Networks that nobody vouches for: damaged ones are an error, and never end the process."""

from __future__ import annotations

import errno
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from rostro.engines import ENGINES, NetworkFiles, open_network, trial
from rostro.errors import EngineError
from rostro.support.files import cache_folder
from tests.support.networks import PARAM, double_onnx, noise, write_onnx
from tests.support.scripts import run_script

# Heavy, for under an emulator there are no trials: it takes more memory than they may have.
pytestmark = [pytest.mark.processes, pytest.mark.heavy]

# Pictures of two sizes are put together in room for one: ncnn writes far beyond it.
DEADLY = """7767517
4 5
Input in0 0 1 in0
Split s 1 2 in0 a b
Interp up 1 1 b c 0=1 1=30.0 2=30.0
Concat join 2 1 a c out0 0=0
"""


@pytest.fixture(autouse=True)
def _cache(empty_cache: Path) -> None:
    """Nothing was tried yet."""


def write(folder: Path, param: str, *, vouched: bool = False) -> NetworkFiles:
    (folder / "t.param").write_text(param)
    (folder / "t.bin").touch()
    return NetworkFiles(param=folder / "t.param", bin=folder / "t.bin", vouched=vouched)


def no_process(*_: object, **__: object) -> None:
    raise AssertionError("a process is started")


def test_what_ncnn_dies_of_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    network = open_network(write(tmp_path, DEADLY), "ncnn")
    for _ in range(2):
        with pytest.raises(EngineError, match=r"ncnn dies of .*t\.param .*of \(1, 3, 64, 64\)"):
            network.run(noise(1, 3, 64, 64))
    assert capfd.readouterr() == ("", "")


def test_what_onnxruntime_dies_of_is_an_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # It takes the kernel for larger than the image, and then clamps between sides below 0.
    constants: dict[str, NDArray[Any]] = {
        "w": np.zeros((8, 3, 3, 3), np.float32),
        "zero": np.array([0, 0]),
        "six": np.array([6, 6]),
        "axes": np.array([2, 3]),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[100_000, 3]),
        helper.make_node("MaxPool", ["a"], ["b"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Slice", ["b", "zero", "six", "axes"], ["y"]),
    ]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    file = write_onnx(tmp_path / "t.onnx", nodes, (1, 3, 16, 16), (1, 8, 6, 6), constants=tensors)
    with pytest.raises(EngineError, match=r"onnxruntime (dies of|cannot load) .*t\.onnx"):
        open_network(NetworkFiles(onnx=file), "onnxruntime")
    assert capfd.readouterr() == ("", "")


def test_a_network_that_takes_all_memory(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    layer = "Interp up 1 1 in0 out0 0=1 1=100000.0 2=100000.0"
    network = open_network(
        write(tmp_path, f"7767517\n2 2\nInput in0 0 1 in0\n{layer}\n"), "ncnn", threads=1
    )
    with pytest.raises(EngineError, match=r"t\.param"):
        network.run(noise(1, 3, 8, 8))
    assert capfd.readouterr() == ("", "")


def test_errors_are_told_and_ncnn_is_silent(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(EngineError, match=r"ncnn cannot load .*t\.param: not a network"):
        open_network(write(tmp_path, "7767517\n2 2\nInput a 0 1 a\nNone b 1 1 a b\n"), "ncnn")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", ENGINES)
def test_what_went_well_is_remembered(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = replace(write(tmp_path, PARAM), onnx=double_onnx(tmp_path / "double.onnx"))
    open_network(files, engine).run(noise(2, 3, 4, 4))
    assert len(list((cache_folder() / "tried").iterdir())) == 2
    monkeypatch.setattr(trial, "run", no_process)
    network = open_network(files, engine)
    network.run(noise(3, 3, 4, 4))
    with pytest.raises(AssertionError):
        network.run(noise(1, 3, 4, 6))  # another shape
    write(tmp_path, PARAM.replace("2=2.0", "2=3.0"))
    double_onnx(tmp_path / "double.onnx", (1, 3, 4, 4))
    with pytest.raises(AssertionError):
        open_network(files, engine)  # another network


def test_files_whose_names_are_not_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "\udcff"
    folder.mkdir()
    network = open_network(write(folder, PARAM), "ncnn")
    assert (network.run(np.ones((1, 3, 2, 2), np.float32))[0] == 2).all()


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "file"))
    network = open_network(write(tmp_path, PARAM), "ncnn")
    assert (network.run(np.ones((1, 3, 2, 2), np.float32))[0] == 2).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_no_trial_where_somebody_vouches(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "run", no_process)
    files = write(tmp_path, PARAM, vouched=True)
    files = replace(files, onnx=double_onnx(tmp_path / "double.onnx"))
    open_network(files, engine).run(noise(1, 3, 2, 2))


@pytest.mark.parametrize("interpreter", ["frozen", "missing", "not for this CPU", "ends"])
@pytest.mark.parametrize("engine", ENGINES)
def test_untried_where_no_process_can_be_started(
    engine: str, interpreter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if interpreter == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    if interpreter in ("not for this CPU", "ends"):
        # As an emulated Python's is for the kernel; and as in a sandbox.
        content = "#!/bin/false\n" if interpreter == "ends" else "\x7fELF of another machine"
        (tmp_path / "python").write_text(content)
        (tmp_path / "python").chmod(0o700)
    files = replace(write(tmp_path, PARAM), onnx=double_onnx(tmp_path / "double.onnx"))
    network = open_network(files, engine)
    for size in (2, 4):
        assert network.run(np.ones((1, 3, size, size), np.float32))[0].max() == 2
    assert not (cache_folder() / "tried").exists()  # a trial is due where one can be made


@pytest.mark.parametrize("engine", ENGINES)
def test_files_that_are_gone_since_they_were_loaded(engine: str, tmp_path: Path) -> None:
    files = replace(write(tmp_path, PARAM), onnx=double_onnx(tmp_path / "double.onnx"))
    network = open_network(files, engine)
    for file in tmp_path.glob("*.*"):
        file.unlink()
    assert (network.run(np.ones((1, 3, 2, 2), np.float32))[0] == 2).all()


@pytest.mark.parametrize("begun", [False, True])
def test_a_trial_that_does_not_end(
    begun: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "slow.py"
    program.write_text(f"import time\nprint('begin' * {begun}, flush=True)\ntime.sleep(60)\n")
    monkeypatch.setattr(trial, "_PROGRAMS", {"ncnn": str(program)})
    monkeypatch.setattr(trial, "_SECONDS", 1)
    files = write(tmp_path, PARAM)
    if begun:  # it is the network's fault
        with pytest.raises(EngineError, match=r"takes over 1 s with .*t\.param"):
            open_network(files, "ncnn")
    else:
        assert open_network(files, "ncnn").run(noise(1, 3, 2, 2))[0].shape == (1, 3, 2, 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_sizes_between_two_that_went_well_are_not_tried(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = replace(write(tmp_path, PARAM), onnx=double_onnx(tmp_path / "double.onnx"))
    network = open_network(files, engine)
    for sides in ((32, 32), (96, 128)):
        network.run(noise(1, 3, *sides))
    monkeypatch.setattr(trial, "run", no_process)
    for sides in ((64, 64), (96, 32), (32, 128)):
        network.run(noise(1, 3, *sides))
    # Less or more in one side; and strides of the network may not divide a difference of 4.
    for sides in ((64, 160), (128, 64), (64, 60)):
        with pytest.raises(AssertionError):
            network.run(noise(1, 3, *sides))


def test_a_cache_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    files = write(tmp_path, PARAM)
    monkeypatch.setattr(trial, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(Path, "is_file", refused)
    trial.Trial("ncnn", Path(files.param or ""), Path(files.bin or ""))


def test_mutated_networks_end_in_an_error_or_a_result(tmp_path: Path) -> None:
    script = "import runpy; runpy.run_module('tests.support.mutations', run_name='__main__')"
    assert run_script(script, tmp_path) == "ran refused\n" * 2
