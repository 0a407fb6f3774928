"""Nothing is written to the standard error, not by libraries either, while all goes well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import rostro
from rostro import models
from rostro.types import Image
from tests.support.networks import double_onnx
from tests.support.scripts import run_script

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.processes,
    pytest.mark.usefixtures("default_models"),
]


@pytest.fixture
def picture(photo: Image, tmp_path: Path) -> Path:
    rostro.save_image(tmp_path / "p.png", photo)
    return tmp_path / "p.png"


def silent(*arguments: object) -> None:
    command = [sys.executable, "-m", "rostro", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_a_program_that_configures_no_logging(
    engine: str, picture: Path, default_models: dict[str, models.Model], tmp_path: Path
) -> None:
    """With the user's own networks too, which no card vouches for."""
    script = """
import sys
import numpy as np
import rostro
engine, picture, own = sys.argv[1:]
image = rostro.load_image(picture)
assert len(rostro.FacePipeline(engine=engine)(image)) == 1
rostro.models.resolve(own).open(engine).run(np.zeros((1, 3, 64, 64), np.float32))
try:
    rostro.Detector("nothing.onnx")
except rostro.RostroError:
    print("done")
"""
    suffix = "onnx" if engine == "onnxruntime" else "param"
    own = default_models["detect"].files[suffix]
    copy = tmp_path / own.name
    for file in (own, own.with_suffix(".bin")):
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    assert run_script(script, engine, picture, copy) == "done\n"


@pytest.mark.parametrize("engine", ["onnxruntime", "ncnn"])
def test_commands(engine: str, picture: Path, tmp_path: Path) -> None:
    silent("detect", picture, "--engine", engine, "-o", tmp_path / "drawn")
    silent("embed", picture, "--engine", engine, "-o", tmp_path / "e.npz")
    silent("verify", picture, picture, "--engine", engine)


def test_a_conversion(tmp_path: Path) -> None:
    """Which fetches its converter."""
    silent("models", "convert", double_onnx(tmp_path / "d.onnx", (1, 3, 8, 8)), "-o", tmp_path)


def test_a_network_that_is_quantised(photo: Image, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for number in range(8):
        rostro.save_image(tmp_path / "photos" / f"{number}.png", photo[number:, number:].copy())
    script = """
import sys
import rostro
rostro.quantize("yunet-2023mar", sys.argv[2], sys.argv[1], engine="ncnn", force=True,
                search_seconds=0)
"""
    assert run_script(script, tmp_path / "photos", tmp_path / "fast.toml") == ""
