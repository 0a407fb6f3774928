"""A program that PyInstaller makes has all that rostro needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rostro
from rostro import _core
from rostro.models import Model
from rostro.samples import ASTRONAUT

pytestmark = [pytest.mark.heavy, pytest.mark.processes]

PROGRAM = """
import logging, sys
import rostro
from rostro import models
logging.basicConfig(level=logging.WARNING)
print(*models.cards())
photo = rostro.load_image(sys.argv[1])
for engine in sys.argv[2:]:
    print(engine, len(rostro.Detector("yunet-2023mar", engine=engine)(photo)))
"""
# What rostro uses only where it is asked to, or what the tests alone need.
UNUSED = ("cv2", "hypothesis", "matplotlib", "pytest", "scipy", "tkinter")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frozen")
    (folder / "app.py").write_text(PROGRAM)
    # PyInstaller does not find what an editable install is made of.
    shutil.copytree(Path(rostro.__file__).parent, folder / "rostro", dirs_exist_ok=True)
    shutil.copy(_core.__file__, folder / "rostro")
    command = [sys.executable, "-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level=ERROR"]
    command += [f"--exclude-module={name}" for name in UNUSED]
    subprocess.run([*command, "app.py"], cwd=folder, check=True)
    return folder / "dist" / "app" / "app"


def run(program: Path, *engines: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, str(ASTRONAUT.fetch()), *engines],
        cwd=program.parent,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_frozen_program_finds_faces(program: Path, default_models: dict[str, Model]) -> None:
    del default_models
    done = run(program, "onnxruntime", "ncnn")
    assert done.stdout.splitlines() == [
        "face-landmarker omz-reid-0095 sface-2021dec yunet-2023mar",
        "onnxruntime 1",
        "ncnn 1",
    ], done.stderr


def test_a_frozen_program_installs_without_the_converter(
    program: Path, default_models: dict[str, Model], tmp_path: Path
) -> None:
    """There is no Python to start it with; ONNX Runtime serves."""
    source = str(default_models["detect"].folder)
    done = run(program, "onnxruntime", ROSTRO_CACHE=str(tmp_path), ROSTRO_MODELS=source)
    assert done.stdout.splitlines()[1:] == ["onnxruntime 1"], done.stderr
    assert "no ncnn form" in done.stderr and "a frozen program has no Python" in done.stderr
