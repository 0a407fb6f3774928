"""Runs cpp/examples/recognise.cpp, cross-built, on the emulated CPU with ONNX Runtime's library for
aarch64, and compares the faces that it finds with those that Python finds on this machine:

    run_recognise.py PROGRAM LIBRARY

Kernels are compared bit for bit elsewhere; networks round their sums in another order on each kind
of CPU.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import rostro
from rostro import models, samples

_CARDS = Path(models.__file__).parent / "cards"
# How far a number may be off.
_COLUMNS = {
    "boxes": 1e-2,
    "scores": 1e-4,
    "landmarks": 1e-2,
    "quality": 1e-3,
    "poses": 1e-2,
    "translations": 1e-4,
    "embeddings": 1e-3,
    "norms": 1e-2,
}


def main(program: str, library: str) -> None:
    photo = rostro.load_image(samples.ASTRONAUT.fetch())[40:200, 130:322, ::-1].copy()
    pipeline = rostro.FacePipeline(
        stages=[rostro.Quality(), rostro.HeadPose()], engine="onnxruntime", threads=1
    )
    expected = pipeline(photo, "rgb")
    if len(expected) != 1:
        sys.exit(f"Python finds {len(expected)} faces; one is wanted")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo.ppm"
        Image.fromarray(photo).save(file)
        cards = [_CARDS / f"{models.DEFAULTS[task]}.toml" for task in ("detect", "embed")]
        told = subprocess.run(
            ["qemu-aarch64-static", program, library, *cards, file],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found = json.loads(told.stdout)
    for column, tolerance in _COLUMNS.items():
        python = getattr(expected, column)
        cpp = np.array(found[column], np.float32).reshape(python.shape)
        print(f"{column}: off by {np.abs(cpp - python).max():.1e} at most")
        np.testing.assert_allclose(cpp, python, rtol=0, atol=tolerance, err_msg=column)


if __name__ == "__main__":
    main(*sys.argv[1:])
