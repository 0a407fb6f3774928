"""Images of ROS, over their own memory."""

from __future__ import annotations

import io
from array import array
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pictures

import rostro
from rostro.errors import ArgumentError, RostroError
from rostro_ros.images import ENCODINGS, as_bgr, of_compressed, of_image, to_message

WIDTH, HEIGHT = 64, 48
RGB = np.random.default_rng(7).integers(16, 235, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
RGB = np.ascontiguousarray(RGB.repeat(8, 0).repeat(8, 1))  # of a color for each 8x8
BGR = np.ascontiguousarray(RGB[..., ::-1])


def message(encoding: str, rows: NDArray[Any], step: int | None = None, **given: Any) -> Any:
    """Rows of bytes, each padded to ``step``."""
    rows = rows.reshape(len(rows), -1)
    step = rows.shape[1] if step is None else step
    padded = np.full((len(rows), step), 255, np.uint8)
    padded[:, : rows.shape[1]] = rows
    facts = {"encoding": encoding, "width": WIDTH, "height": HEIGHT, "step": step}
    return SimpleNamespace(**(facts | {"data": array("B", padded.tobytes())} | given))


def i420() -> NDArray[Any]:
    return np.asarray(cv2.cvtColor(BGR, cv2.COLOR_BGR2YUV_I420))


def semi_planar(swapped: bool) -> NDArray[Any]:
    planes = i420().reshape(-1)
    luma, chroma = planes[: WIDTH * HEIGHT], planes[WIDTH * HEIGHT :].reshape(2, -1)
    pairs = (chroma[::-1] if swapped else chroma).T.reshape(HEIGHT // 2, WIDTH)
    return np.concatenate([luma.reshape(HEIGHT, WIDTH), pairs])


def packed(luma_first: bool) -> NDArray[Any]:
    yuv = cv2.cvtColor(BGR, cv2.COLOR_BGR2YUV_I420)
    luma = yuv[:HEIGHT]
    u, v = (
        plane.reshape(HEIGHT // 2, WIDTH // 2).repeat(2, 0) for plane in yuv[HEIGHT:].reshape(2, -1)
    )
    rows = np.empty((HEIGHT, WIDTH // 2, 4), np.uint8)
    order = (0, 1, 2, 3) if luma_first else (1, 0, 3, 2)
    for place, plane in zip(order, (luma[:, ::2], u, luma[:, 1::2], v), strict=True):
        rows[:, :, place] = plane
    return rows


def rows_of(encoding: str) -> NDArray[Any]:
    alpha = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    gray = np.asarray(cv2.cvtColor(BGR, cv2.COLOR_BGR2GRAY))
    made: dict[str, NDArray[Any]] = {
        "bgr8": BGR,
        "8UC3": BGR,
        "rgb8": RGB,
        "bgra8": np.concatenate([BGR, alpha], axis=2),
        "8UC4": np.concatenate([BGR, alpha], axis=2),
        "rgba8": np.concatenate([RGB, alpha], axis=2),
        "mono8": gray,
        "8UC1": gray,
        "yuv422": packed(luma_first=False),
        "uyvy": packed(luma_first=False),
        "yuv422_yuy2": packed(luma_first=True),
        "yuyv": packed(luma_first=True),
        "nv12": semi_planar(swapped=False),
        "nv21": semi_planar(swapped=True),
    }
    return made[encoding]


@pytest.mark.parametrize("padding", [0, 10], ids=["tight", "padded"])
@pytest.mark.parametrize("encoding", sorted(ENCODINGS.keys() - {"i420"}))
def test_every_encoding_gives_the_pixels(encoding: str, padding: int) -> None:
    rows = rows_of(encoding)
    given = message(encoding, rows, rows.reshape(len(rows), -1).shape[1] + padding)
    picture = of_image(given)
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)
    wanted = BGR
    if ENCODINGS[encoding] == "gray":
        wanted = cv2.cvtColor(rows_of("mono8"), cv2.COLOR_GRAY2BGR)
    # A color that went through YUV is off by its rounding.
    limit = 0 if encoding[0] in "bgr8m" else 6
    assert np.abs(as_bgr(picture).astype(int) - wanted).max() <= limit


@pytest.mark.parametrize("padding", [0, 12])
def test_i420_with_padded_planes(padding: int) -> None:
    planes = i420().reshape(-1)
    luma, chroma = planes[: WIDTH * HEIGHT], planes[WIDTH * HEIGHT :].reshape(HEIGHT, WIDTH // 2)
    upper = message("i420", luma.reshape(HEIGHT, WIDTH), WIDTH + padding)
    lower = message("i420", chroma, WIDTH // 2 + padding // 2)
    upper.data += lower.data
    assert np.abs(as_bgr(of_image(upper)).astype(int) - BGR).max() <= 6


def test_nothing_is_copied() -> None:
    given = message("bgr8", BGR, WIDTH * 3 + 8)
    image = of_image(given).image
    assert isinstance(image, np.ndarray)
    given.data[0] = (int(image[0, 0, 0]) + 1) % 256
    assert image[0, 0, 0] == given.data[0]
    assert image.strides == (WIDTH * 3 + 8, 3, 1)


def test_rostro_sees_the_same_faces_in_a_padded_image(photo: Any) -> None:
    height, width = photo.shape[:2]
    given = message("bgr8", photo, 3 * width + 64, width=width, height=height)
    picture = of_image(given)
    tensor, _ = rostro.letterbox(picture.image, (96, 96), color=picture.color)
    assert np.array_equal(tensor, rostro.letterbox(photo, (96, 96))[0])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"encoding": "bayer_rggb8"}, "debayer"),
        ({"encoding": "16UC1"}, "16UC1"),
        ({"encoding": ""}, "encoding"),
        ({"width": 0}, "pixels a side"),
        ({"height": 4_000_000_000}, "pixels a side"),
        ({"step": 5}, "step of 5"),
        ({"data": array("B", b"\0" * 100)}, "100 bytes"),
        ({"data": array("B")}, "0 bytes"),
    ],
)
def test_broken_images_are_told(change: dict[str, Any], says: str) -> None:
    given = message("bgr8", BGR)
    vars(given).update(change)
    with pytest.raises(ArgumentError, match=says):
        of_image(given)


def test_odd_sides_of_pairs_are_told() -> None:
    for encoding in ("nv12", "uyvy"):
        with pytest.raises(ArgumentError, match="even"):
            of_image(message(encoding, rows_of(encoding), width=WIDTH - 1))


def compressed(data: bytes, kind: str) -> Any:
    return SimpleNamespace(format=kind, data=array("B", data))


@pytest.mark.parametrize("kind", ["jpeg", "png", "rgb8; jpeg compressed bgr8"])
def test_compressed(kind: str) -> None:
    stream = io.BytesIO()
    Pictures.fromarray(RGB).save(stream, "PNG" if kind == "png" else "JPEG", quality=95)
    picture = of_compressed(compressed(stream.getvalue(), kind))
    assert picture.color == "bgr" and (picture.width, picture.height) == (WIDTH, HEIGHT)
    assert np.abs(as_bgr(picture).astype(int) - BGR).mean() < (0.01 if kind == "png" else 20)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "jpeg"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"x" * 50, "png"),
        (b"x", "16UC1; compressedDepth"),
    ],
)
def test_broken_compressed_images_are_told(data: bytes, kind: str) -> None:
    with pytest.raises(RostroError):
        of_compressed(compressed(data, kind))


def test_back_to_a_message() -> None:
    made = to_message(BGR, SimpleNamespace())
    assert (made.encoding, made.width, made.height, made.step) == ("bgr8", WIDTH, HEIGHT, 3 * WIDTH)
    assert np.array_equal(as_bgr(of_image(made)), BGR)
