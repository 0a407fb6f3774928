"""The example programs that read photos and cameras find what Python finds."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro import models
from rostro.samples import ASTRONAUT
from tests.support.cpp_programs import cpp_program, onnxruntime_library
from tests.support.frames import frame_of

_CARDS = Path(models.__file__).parent / "cards"
_DETECTOR, _EMBEDDER = (_CARDS / f"{models.DEFAULTS[task]}.toml" for task in ("detect", "embed"))
_FRAMES = 7  # the four buffers of the driver come round


@pytest.mark.usefixtures("default_models")
def test_photo(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(cv2.imencode(".jpg", rostro.load_image(ASTRONAUT.fetch()))[1].tobytes())
    told = _run("rostro_photo", _EMBEDDER, photo)
    assert told.returncode == 0 and not told.stderr, told.stderr
    (face,) = rostro.FacePipeline(engine="onnxruntime", threads=1)(rostro.load_image(photo))
    x1, y1, x2, y2 = face.box
    expected = f"face 1: at {x1:.0f}, {y1:.0f}, {x2 - x1:.0f} x {y2 - y1:.0f} pixels, score "
    assert told.stdout.startswith(f"{expected}{face.score:.2f}")


@pytest.mark.usefixtures("default_models")
@pytest.mark.parametrize("padding", [0, 64])
@pytest.mark.parametrize("format", ["NV12", "YUYV", "MJPG"])
def test_camera(tmp_path: Path, format: str, padding: int) -> None:
    cv2 = pytest.importorskip("cv2")
    photo = rostro.load_image(ASTRONAUT.fetch(), "rgb")
    height, width = photo.shape[:2]
    detector = rostro.Detector(engine="onnxruntime", threads=1)
    if format == "MJPG":
        rows = cv2.imencode(".jpg", photo[..., ::-1])[1].reshape(1, -1)
        expected = detector(rostro.load_image(rows.tobytes(), "rgb"), "rgb")
        padding = 0
    else:
        frame = frame_of(photo, "nv12" if format == "NV12" else "yuyv")
        expected = detector(frame, "nv12" if format == "NV12" else "yuyv")
        rows = np.pad(frame.reshape(len(frame), -1), ((0, 0), (0, padding)))
    page = b"".join([rows.tobytes(), bytes(-rows.size % 4096)])
    device = tmp_path / "video0"
    device.write_bytes(page * 4)
    settings = f"{format} {width} {height} {rows.shape[1]} {rows.size}"
    told = _run("rostro_camera", device, str(_FRAMES), FAKE_CAMERA=settings)
    assert told.returncode == 0, told.stderr
    assert told.stderr == f"camera: frames of {format}\n"
    lines = told.stdout.splitlines()
    assert len(lines) == _FRAMES and len(expected) == 1
    for line in lines:
        assert " s: 1 faces; " in line
        box = [float(number) for number in line.split("; ")[1].split()]
        # Decoders of JPEG differ by a level here and there.
        tolerance = 0.5 if format == "MJPG" else 0.005
        np.testing.assert_allclose(box, expected.boxes[0], atol=tolerance)


@pytest.mark.usefixtures("default_models")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (None, "is no camera: Inappropriate ioctl for device"),
        ("H264 64 64 0 4096", "has no format that is known here"),
        ("MJPG 64 64 0 4096", "gave a frame that is no JPEG"),
    ],
)
def test_no_camera(tmp_path: Path, settings: str | None, said: str) -> None:
    device = tmp_path / "video0"
    device.write_bytes(bytes(4 * 4096))
    told = _run("rostro_camera", device, "1", **({"FAKE_CAMERA": settings} if settings else {}))
    assert told.returncode == 1
    assert re.fullmatch(f"camera: .*video0: {said}", told.stderr.splitlines()[-1])


def _run(name: str, *arguments: Path | str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables
    if name == "rostro_camera":
        environment["LD_PRELOAD"] = str(cpp_program("rostro_fake_camera.so"))
    return subprocess.run(
        [cpp_program(name), onnxruntime_library(), _DETECTOR, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
