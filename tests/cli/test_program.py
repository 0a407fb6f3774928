"""The command line as a whole: what it loads, wrong usage, interrupts, bugs, closed pipes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.command_line import rostro

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.mark.processes
def test_help_loads_no_engine_and_no_pillow() -> None:
    script = """
import sys
from rostro.cli import cli
try:
    cli(["--help"])
finally:
    heavy = {"onnxruntime", "ncnn", "onnx", "PIL", "tqdm"} & set(sys.modules)
    print("loaded:", sorted(heavy))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "loaded: []" in done.stdout
    for name in ("detect", "pose", "embed", "verify", "models", "eval", "demo", "doctor"):
        assert f"\n  {name} " in done.stdout


@pytest.mark.processes
def test_python_m_rostro() -> None:
    command = [sys.executable, "-m", "rostro", "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("rostro, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["detect"],
        ["detect", "a.jpg", "--threads", "0"],
        ["detect", "a.jpg", "--det-size", "640"],
        ["detect", "a.jpg", "--min-face", "0"],
        ["detect", "a.jpg", "--tile", "auto"],
        ["detect", "a.jpg", "--score-threshold", "2"],
        ["detect", "a.jpg", "--engine", "tensorflow"],
        ["embed", "a.jpg"],
        ["embed", "a.jpg", "-o", "a.txt"],
        ["verify", "a.jpg"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    result = rostro(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_paths: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rostro.cli.drawings.find_pictures", interrupt)
    result = rostro("detect", "a.jpg")
    assert result.exit_code == 130
    assert result.stderr == ""


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_paths: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("rostro.cli.drawings.find_pictures", fail)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        rostro("detect", "a.jpg")
