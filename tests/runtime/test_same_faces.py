"""The C++ runtime finds what Python finds, bit for bit, with the same ONNX Runtime."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro import models
from tests.support.cpp_programs import onnxruntime_library
from tests.support.shared import shared_data

_CARDS = Path(models.__file__).parent / "cards"
_DETECTOR, _EMBEDDER = (_CARDS / f"{models.DEFAULTS[task]}.toml" for task in ("detect", "embed"))
_COLUMNS = (
    "boxes", "scores", "landmarks", "quality", "poses", "translations", "embeddings", "norms",
)  # fmt: skip
_PHOTOS = 100


def _run(program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("default_models")
def test_same_faces(recognise: Path, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    photos = sorted(shared_data("lfw").glob("images/*/*.jpg"))[:_PHOTOS]
    pipeline = rostro.FacePipeline(
        stages=[rostro.Quality(), rostro.HeadPose()], engine="onnxruntime", threads=1
    )
    files, expected = [], []
    for i, photo in enumerate(photos):
        pixels = np.asarray(image.open(photo).convert("RGB"))
        files.append(tmp_path / f"{i}.ppm")
        image.fromarray(pixels).save(files[-1])
        expected.append(pipeline(pixels, "rgb"))
    told = _run(recognise, onnxruntime_library(), _DETECTOR, _EMBEDDER, *files)
    assert told.returncode == 0, told.stderr
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(lines) == len(expected)
    assert sum(len(faces) for faces in expected) >= len(photos)
    for found, faces in zip(lines, expected, strict=True):
        for column in _COLUMNS:
            python = getattr(faces, column)
            cpp = np.array(found[column], np.float32).reshape(python.shape)
            np.testing.assert_array_equal(cpp, python, column)


@pytest.mark.parametrize(
    ("library", "detector", "said"),
    [
        ("none.so", _DETECTOR, "onnxruntime: cannot be opened: "),
        ("wrong.so", _DETECTOR, "onnxruntime: cannot be opened: "),
        (None, _EMBEDDER, 'got a model for "embed"; one for "detect" is wanted'),
        (None, "own.toml", "its weights are neither beside "),
        (None, "damaged.toml", "got SHA-256 "),
    ],
)
def test_refused(
    recognise: Path, tmp_path: Path, library: str | None, detector: str | Path, said: str
) -> None:
    # Made for another machine: the header of an ELF file for 32-bit ARM.
    (tmp_path / "wrong.so").write_bytes(b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x03\x00\x28\x00")
    card = _DETECTOR.read_text(encoding="utf-8")
    own = card.replace('name = "yunet-2023mar"', 'name = "nobody-has-it"')
    (tmp_path / "own.toml").write_text(own.replace("_int8bq", "_own"), encoding="utf-8")
    (tmp_path / "damaged.toml").write_text(card, encoding="utf-8")
    (tmp_path / "face_detection_yunet_2023mar_int8bq.onnx").write_bytes(b"no network")
    opened = tmp_path / library if library else onnxruntime_library()
    told = _run(recognise, opened, tmp_path / detector, _EMBEDDER)
    assert told.returncode == 1
    assert said in told.stderr
    assert told.stderr.startswith("recognise: ") and told.stderr.count("\n") == 1
