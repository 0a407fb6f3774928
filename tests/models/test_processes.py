"""Programs that rostro starts: nothing of the current folder runs, and limits hold."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rostro.models.convert import convert
from rostro.models.fetch import WheelSource, fetch_file
from rostro.support.processes import Limits, isolated_python, run
from tests.support.downloads import CONTENT, remote
from tests.support.networks import double_onnx

pytestmark = [pytest.mark.heavy, pytest.mark.processes]

LIMITS = Limits(seconds=60, memory=1 << 30, file_bytes=1 << 20)


def python(code: str, folder: Path, limits: Limits = LIMITS, network: bool = True) -> str:
    """What a program in Python prints, or the last line of its complaint."""
    command = [sys.executable, "-I", "-S", "-c", code]
    done = run(command, folder, limits, environment={}, network=network)
    return (done.stdout if done.returncode == 0 else done.stderr).strip().rpartition("\n")[2]


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, and PYTHONPATH, of modules called like those that are needed."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    names = "pip onnx numpy sitecustomize usercustomize resource json ctypes encodings"
    for name in names.split():
        (folder / f"{name}.py").write_text(f"open({str(folder / 'ran')!r}, 'a').write(__name__)")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONSTARTUP", str(folder / "pip.py"))
    return folder


def test_pip_runs_nothing_of_the_current_folder(index: Path, hostile: Path, tmp_path: Path) -> None:
    del index
    source = WheelSource("thing", "1.0", "thing/thing.bin")
    fetch_file(remote(source), tmp_path / "cache" / "thing.bin")
    assert (tmp_path / "cache" / "thing.bin").read_bytes() == CONTENT
    assert not (hostile / "ran").exists()


def test_conversion_runs_nothing_of_the_current_folder(hostile: Path, tmp_path: Path) -> None:
    convert(double_onnx(tmp_path / "double.onnx"), tmp_path / "out", [(1, 3, 8, 8)])
    assert not (hostile / "ran").exists()


@pytest.mark.parametrize("network", [True, False])
def test_a_program_gets_what_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: bool
) -> None:
    monkeypatch.setenv("SECRET", "1")
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    environment, folder = json.loads(python(code, tmp_path, network=network))
    environment.pop("LC_CTYPE", None)  # Python's own doing, in the program itself
    assert (environment, folder) == ({}, str(tmp_path))


def test_limits(tmp_path: Path) -> None:
    assert python("print(len(bytearray(1 << 28)))", tmp_path) == str(1 << 28)
    assert "MemoryError" in python("bytearray(1 << 31)", tmp_path)
    write = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    write += "open('large', 'wb').write(bytes(1 << 21))"
    assert "File too large" in python(write, tmp_path)
    assert (tmp_path / "large").stat().st_size <= LIMITS.file_bytes
    with pytest.raises(subprocess.TimeoutExpired):
        python("import time; time.sleep(600)", tmp_path, Limits(1, 1 << 30, 1 << 20))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a process of its parent's death")
@pytest.mark.parametrize("network", [True, False])
def test_a_program_dies_with_who_started_it(tmp_path: Path, network: bool) -> None:
    os.mkfifo(tmp_path / "alive")
    endless = "import time; file = open('alive', 'wb', 0); file.write(b'x'); time.sleep(600)"
    starter = (
        "import sys; from pathlib import Path; from rostro.support.processes import *\n"
        f"run([sys.executable, '-I', '-S', '-c', {endless!r}], Path({str(tmp_path)!r}),"
        f" Limits(600, 1 << 30, 1 << 20), environment={{}}, network={network})"
    )
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    process = subprocess.Popen([sys.executable, "-c", starter])
    assert select.select([alive], [], [], 60)[0] and os.read(alive, 1) == b"x"
    process.kill()
    process.wait()
    # The pipe ends when the program does.
    assert select.select([alive], [], [], 60)[0] and os.read(alive, 1) == b""
    os.close(alive)


def test_no_network(tmp_path: Path) -> None:
    own = str(Path("/proc/self/ns/net").readlink())
    there = python("import os; print(os.readlink('/proc/self/ns/net'))", tmp_path, network=False)
    if there == own:
        pytest.skip("this system lets nobody leave its network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 10); print('in')"
        accept = threading.Thread(target=server.accept, daemon=True)
        accept.start()
        assert "OSError" in python(code, tmp_path, network=False)
        assert python(code, tmp_path) == "in"
        accept.join(10)


def test_what_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="absolute path"):
        run(["pnnx"], tmp_path, LIMITS, environment={}, network=False)
    monkeypatch.setattr("sys.frozen", True, raising=False)
    with pytest.raises(OSError, match="frozen"):
        isolated_python()
