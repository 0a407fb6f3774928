"""The engines: what they take, what they give, and that they agree."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rostro import engines
from rostro.engines import ENGINES, NetworkFiles, open_network
from rostro.errors import (
    ArgumentError,
    ArgumentTypeError,
    EngineError,
    EngineNotInstalledError,
    FileMissingError,
    ModelError,
)
from rostro.models import Model
from tests.support.networks import PARAM, double_onnx, noise


@pytest.fixture
def double(tmp_path: Path) -> NetworkFiles:
    (tmp_path / "double.param").write_text(PARAM)
    (tmp_path / "double.bin").touch()
    return NetworkFiles(
        onnx=double_onnx(tmp_path / "double.onnx"),
        param=tmp_path / "double.param",
        bin=tmp_path / "double.bin",
        shape=(None, 3, None, None),
        multiple=2,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_run(double: NetworkFiles, engine: str) -> None:
    network = open_network(double, engine, threads=1)
    assert (network.name, network.threads) == (engine, 1)
    # An odd number of pixels makes ncnn pad its channels.
    for shape in ((1, 3, 2, 2), (4, 3, 6, 10), (1, 3, 2, 2)):
        tensor = noise(*shape)
        before = tensor.copy()
        (out,) = network.run(tensor)
        assert out.dtype == np.float32 and out.shape == shape
        np.testing.assert_array_equal(out, 2 * before)
        np.testing.assert_array_equal(tensor, before)


@pytest.mark.parametrize("engine", ENGINES)
def test_results_outlive_later_runs(double: NetworkFiles, engine: str) -> None:
    network = open_network(double, engine, threads=1)
    (first,) = network.run(np.ones((1, 3, 4, 4), np.float32))
    network.run(np.zeros((1, 3, 4, 4), np.float32))
    del network
    assert (first == 2).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_many_threads_at_once(double: NetworkFiles, engine: str) -> None:
    network = open_network(double, engine, threads=1)

    def right(seed: int) -> bool:
        tensor = noise(1, 3, 64, 64, seed=seed)
        return np.array_equal(network.run(tensor)[0], 2 * tensor)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(right, range(200)))


@pytest.mark.parametrize("engine", ENGINES)
def test_wrong_tensors(double: NetworkFiles, engine: str) -> None:
    network = open_network(double, engine, threads=1)
    good = noise(1, 3, 4, 4)
    for tensor, error, message in (
        ([[1.0]], ArgumentTypeError, "tensor: got list; a float32 NumPy array"),
        (good.astype(np.float64), ArgumentTypeError, "tensor: got float64; float32 is wanted"),
        (good[0], ArgumentError, r"got shape \(3, 4, 4\); \(N, C, H, W\)"),
        (good[:0], ArgumentError, "none 0"),
        (good[..., ::2], ArgumentError, "C-contiguous"),
        (noise(1, 4, 4, 4), ArgumentError, r"got shape \(1, 4, 4, 4\); \(any, 3, any, any\)"),
        (noise(1, 3, 4, 5), ArgumentError, "got height 4 and width 5; multiples of 2"),
    ):
        with pytest.raises(error, match=message):
            network.run(tensor)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="others: got 1 further inputs; none is wanted"):
        network.run(good, good)


def test_the_network_itself_fixes_sizes(tmp_path: Path) -> None:
    file = double_onnx(tmp_path / "fixed.onnx", (1, 3, 4, 8))
    network = open_network(NetworkFiles(onnx=file), "onnxruntime", threads=1)
    with pytest.raises(ArgumentError, match=r"got shape \(1, 3, 4, 4\); \(any, 3, 4, 8\)"):
        network.run(noise(1, 3, 4, 4))


@pytest.mark.parametrize("engine", ENGINES)
def test_outputs(double: NetworkFiles, engine: str) -> None:
    assert open_network(double, engine, outputs=["y"]).output_names == ("y",)
    with pytest.raises(ModelError, match="z"):
        open_network(double, engine, outputs=["y", "z"])


def test_engine_that_is_not_there(double: NetworkFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArgumentError, match="got 'tflite'; one of onnxruntime, ncnn"):
        open_network(double, "tflite")
    assert None not in engines.installed().values()
    for engine in ENGINES:
        monkeypatch.setitem(sys.modules, engine, None)
        with pytest.raises(EngineNotInstalledError, match=f"pip install {engine}"):
            open_network(double, engine)
    assert set(engines.installed().values()) == {None}


@pytest.mark.parametrize("engine", ENGINES)
def test_format_that_is_not_there(engine: str) -> None:
    with pytest.raises(ModelError, match="needs"):
        open_network(NetworkFiles(), engine)


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"\x08\x07"])
def test_bad_onnx(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.onnx"
    file.write_bytes(content)
    with pytest.raises(EngineError, match=r"bad\.onnx"):
        open_network(NetworkFiles(onnx=file), "onnxruntime")
    assert capfd.readouterr() == ("", "")
    file.unlink()
    with pytest.raises(FileMissingError, match=r"bad\.onnx"):
        open_network(NetworkFiles(onnx=file), "onnxruntime")


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"7767517\n", b"7767517\n2 2\nNonsense a 0 1 b\n", b"\xff" * 1000]
)
def test_bad_param(tmp_path: Path, content: bytes) -> None:
    param, weights = tmp_path / "bad.param", tmp_path / "bad.bin"
    with pytest.raises(FileMissingError, match=r"bad\.param"):
        open_network(NetworkFiles(param=param, bin=weights), "ncnn")
    param.write_text(PARAM)
    with pytest.raises(FileMissingError, match=r"bad\.bin"):
        open_network(NetworkFiles(param=param, bin=weights), "ncnn")
    param.write_bytes(content)
    weights.touch()
    with pytest.raises(EngineError, match=r"bad\.param"):
        open_network(NetworkFiles(param=param, bin=weights), "ncnn")


def test_bad_bin(default_models: dict[str, Model], tmp_path: Path) -> None:
    param = default_models["detect"].files["param"]
    weights = default_models["detect"].files["bin"].read_bytes()
    for length in (0, 3, len(weights) // 2):
        (tmp_path / "cut.bin").write_bytes(weights[:length])
        with pytest.raises(EngineError, match=r"cut\.bin"):
            open_network(NetworkFiles(param=param, bin=tmp_path / "cut.bin"), "ncnn")


@pytest.mark.parametrize(
    ("task", "shapes"),
    [
        ("detect", [(1, 3, 480, 640), (1, 3, 32, 64), (1, 3, 640, 640)]),
        ("embed", [(1, 3, 112, 112), (3, 3, 112, 112)]),
    ],
)
def test_engines_agree_on_the_default_models(
    default_models: dict[str, Model], task: str, shapes: list[tuple[int, ...]]
) -> None:
    by_engine = [default_models[task].open(engine) for engine in ENGINES]
    assert by_engine[0].output_names == by_engine[1].output_names
    for shape in shapes:
        tensor = noise(*shape)
        for want, have in zip(*(engine.run(tensor) for engine in by_engine), strict=True):
            scale = max(1.0, float(np.abs(want).max()))
            np.testing.assert_allclose(have, want, rtol=0, atol=1e-5 * scale)


def test_a_batch_is_its_images(default_models: dict[str, Model]) -> None:
    tensor = noise(3, 3, 112, 112)
    for engine in ENGINES:
        network = default_models["embed"].open(engine)
        (together,) = network.run(tensor)
        alone = np.concatenate([network.run(tensor[i : i + 1])[0] for i in range(3)])
        np.testing.assert_allclose(together, alone, atol=1e-5)


RUN = """
import os, sys
if sys.argv[1] == "rostro":
    from pathlib import Path
    from rostro.engines import NetworkFiles, open_network
    network = open_network(NetworkFiles(onnx=Path(sys.argv[2])), "onnxruntime", threads=1)
    import numpy
    network.run(numpy.ones((1, 3, 4, 4), numpy.float32))
elif sys.argv[1] == "plain":
    import onnxruntime, numpy
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(sys.argv[2], options)
    session.run(None, {"x": numpy.ones((1, 3, 4, 4), numpy.float32)})
print(len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1)
"""


def run_in_new_home(who: str, network: Path, home: Path) -> int:
    """Run a network in a new process that has an empty home; the number of its threads."""
    home.mkdir()
    # With CI set, onnxruntime sends nothing by itself, and the test would show nothing.
    hidden = ("CI", "ORT_DISABLE_TELEMETRY", "XDG_", "GITHUB_", "TF_BUILD", "BUILD_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    # NumPy's own threads would be counted.
    settings = {"HOME": str(home), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, who, str(network)],
        env=kept | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return int(done.stdout)


@pytest.mark.heavy
@pytest.mark.processes
def test_no_telemetry(double: NetworkFiles, tmp_path: Path) -> None:
    assert double.onnx is not None
    threads = run_in_new_home("rostro", double.onnx, tmp_path / "rostro_home")
    written = [file for file in (tmp_path / "rostro_home").rglob("*") if file.is_file()]
    assert {file.parent.name for file in written} == {"tried"}  # by rostro, and nothing else
    assert threads == run_in_new_home("idle", double.onnx, tmp_path / "idle_home")


@pytest.mark.heavy
@pytest.mark.processes
def test_telemetry_would_be_seen(double: NetworkFiles, tmp_path: Path) -> None:
    """The control of the test above: onnxruntime left to itself writes, and starts a thread."""
    assert double.onnx is not None
    threads = run_in_new_home("plain", double.onnx, tmp_path / "plain_home")
    idle = run_in_new_home("idle", double.onnx, tmp_path / "idle_home")
    if threads == idle and not list((tmp_path / "plain_home").rglob("*")):
        pytest.skip(f"onnxruntime {engines.installed()['onnxruntime']} sends no telemetry here")
    assert list((tmp_path / "plain_home").rglob("*onnxruntime*"))


@pytest.mark.heavy
@pytest.mark.processes
def test_telemetry_warning_when_onnxruntime_was_first(double: NetworkFiles) -> None:
    assert double.onnx is not None
    script = (
        "import logging, onnxruntime; logging.basicConfig(level='WARNING')\n"
        "from pathlib import Path; from rostro.engines import NetworkFiles, open_network\n"
        f"open_network(NetworkFiles(onnx=Path({str(double.onnx)!r})), 'onnxruntime', 1)\n"
    )
    for setting, warned in (("0", True), ("1", False)):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"ORT_DISABLE_TELEMETRY": setting, "CI": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ("set ORT_DISABLE_TELEMETRY=1" in done.stderr) is warned
