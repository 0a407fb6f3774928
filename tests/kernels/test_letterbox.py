"""letterbox against OpenCV's resize, area average and camera conversions."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import Image


def noise(*shape: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def plain_letterbox(image: Image, size: tuple[int, int], *, area: bool) -> NDArray[Any]:
    """Resize in float with OpenCV and pad at the right and the bottom; (3, H, W) float32."""
    width, height = size
    ratio = min(width / image.shape[1], height / image.shape[0])
    content = (round(image.shape[1] * ratio), round(image.shape[0] * ratio))
    way = cv2.INTER_AREA if area else cv2.INTER_LINEAR
    resized = cv2.resize(image.astype(np.float32), content, interpolation=way)
    tensor = np.zeros((height, width, 3), np.float32)
    tensor[: content[1], : content[0]] = resized
    return tensor.transpose(2, 0, 1)


@pytest.mark.parametrize(
    ("image_size", "size"),
    [
        ((250, 250), (250, 250)),
        ((313, 207), (200, 320)),
        ((100, 75), (320, 320)),
        ((64, 48), (33, 47)),
    ],
)
def test_up_to_a_half_it_is_bilinear(image_size: tuple[int, int], size: tuple[int, int]) -> None:
    image = noise(image_size[1], image_size[0], 3)
    tensor, _ = rostro.letterbox(image, size)
    assert np.abs(tensor[0] - plain_letterbox(image, size, area=False)).max() < 0.05


@pytest.mark.parametrize(
    ("image_size", "size"),
    [((1920, 1080), (640, 640)), ((700, 933), (100, 128)), ((1000, 90), (31, 64))],
)
def test_beyond_it_averages(image_size: tuple[int, int], size: tuple[int, int]) -> None:
    image = noise(image_size[1], image_size[0], 3)
    tensor, _ = rostro.letterbox(image, size)
    # cv2.INTER_AREA scales both axes by the integer sizes too, so only arithmetic differs.
    assert np.abs(tensor[0] - plain_letterbox(image, size, area=True)).max() < 0.2


def test_fine_stripes_do_not_alias() -> None:
    stripes = np.zeros((900, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    tensor, _ = rostro.letterbox(stripes, (320, 240))
    assert np.abs(tensor - 127.5).max() < 20  # a plain bilinear sampler gives 0 and 255


def test_normalisation_and_channel_order() -> None:
    image = noise(48, 64, 3)
    mean, std = (104.0, 117.0, 123.0), (1.0, 2.0, 4.0)
    tensor, _ = rostro.letterbox(image, (64, 48), color="bgr", channels="rgb", mean=mean, std=std)
    plain = (image[..., ::-1].astype(np.float32) - mean) / np.array(std, np.float32)
    np.testing.assert_allclose(tensor[0], plain.transpose(2, 0, 1), atol=1e-4)


def test_uint8_rounds_the_same_pixels() -> None:
    image = noise(100, 133, 3)
    floats, _ = rostro.letterbox(image, (96, 96), pad=7)
    pixels, _ = rostro.letterbox(image, (96, 96), pad=7, dtype="uint8")
    assert pixels.dtype == np.uint8
    assert np.abs(pixels - floats).max() <= 0.5001
    assert (pixels[0, :, -1, -1] == 7).all()


def test_gray_fills_three_planes() -> None:
    gray = noise(50, 70)
    tensor, _ = rostro.letterbox(gray, (35, 25), color="gray")
    colored, _ = rostro.letterbox(np.repeat(gray[..., None], 3, axis=2), (35, 25))
    np.testing.assert_array_equal(tensor, colored)


def test_a_crop_of_a_frame_is_read_in_place() -> None:
    frame = noise(200, 300, 3)
    view, _ = rostro.letterbox(frame[20:120, 33:183], (96, 64))
    copy, _ = rostro.letterbox(frame[20:120, 33:183].copy(), (96, 64))
    np.testing.assert_array_equal(view, copy)


@given(
    st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.booleans()
)
def test_every_shape_stays_within_the_pixels(
    height: int, width: int, out_height: int, out_width: int, upscale: bool
) -> None:
    image = noise(height, width, 3, seed=height * 91 + width)
    tensor, transform = rostro.letterbox(image, (out_width, out_height), upscale=upscale)
    assert tensor.shape == (1, 3, out_height, out_width)
    assert tensor.min() >= -0.1
    assert tensor.max() <= 255.1
    # The tensor's corners go to the image's corners, or beyond where there is padding.
    corners = transform.points(
        np.array([[-0.5, -0.5], [out_width - 0.5, out_height - 0.5]], np.float32)
    )
    np.testing.assert_allclose(corners[0], -0.5, atol=1e-4)
    assert (corners[1] >= np.array([width, height]) - 0.5 - 1e-3).all()


def test_out_is_written_and_returned() -> None:
    image, out = noise(60, 80, 3), np.empty((1, 3, 64, 64), np.float32)
    tensor, _ = rostro.letterbox(image, (64, 64), out=out)
    assert tensor is out
    np.testing.assert_array_equal(out, rostro.letterbox(image, (64, 64))[0])


IMAGE = noise(8, 8, 3)
READ_ONLY = np.zeros((1, 3, 4, 4), np.float32)
READ_ONLY.flags.writeable = False


@pytest.mark.parametrize(
    ("image", "options", "error", "message"),
    [
        (IMAGE[..., ::-1], {}, ArgumentError, 'color="rgb"'),
        (IMAGE[:, ::2], {}, ArgumentError, "side by side"),
        (IMAGE.transpose(1, 0, 2), {}, ArgumentError, "side by side"),
        (IMAGE.astype(np.float32), {}, ArgumentTypeError, "float32 array of shape (8, 8, 3)"),
        (IMAGE[..., 0].copy(), {}, ArgumentError, "(H, W, 3)"),
        (noise(8, 8, 4), {}, ArgumentError, "(8, 8, 4)"),
        (IMAGE.tolist(), {}, ArgumentTypeError, "list"),
        (None, {}, ArgumentTypeError, "NoneType"),
        (IMAGE[:0], {}, ArgumentError, "at least 1x1"),
        (noise(7, 8), {"color": "nv12"}, ArgumentError, "(3 H / 2, W)"),
        (noise(4, 7, 2), {"color": "yuyv"}, ArgumentError, "even"),
        (IMAGE, {"color": "brg"}, ArgumentError, "brg"),
        (IMAGE, {"channels": "gray"}, ArgumentError, "channels"),
        (IMAGE, {"std": 0.0}, ArgumentError, "std"),
        (IMAGE, {"mean": float("nan")}, ArgumentError, "mean"),
        (IMAGE, {"mean": (1.0, 2.0)}, ArgumentError, "three"),
        (IMAGE, {"pad": 300}, ArgumentError, "pad"),
        (IMAGE, {"dtype": "float16"}, ArgumentError, "float16"),
        (IMAGE, {"dtype": "uint8", "std": 2.0}, ArgumentError, "float32"),
        (IMAGE, {"size": (0, 4)}, ArgumentError, "0x4"),
        (IMAGE, {"size": 4}, ArgumentTypeError, "(width, height)"),
        (IMAGE, {"out": np.zeros((1, 3, 4, 5), np.float32)}, ArgumentError, "out"),
        (IMAGE, {"out": np.zeros((1, 3, 4, 4))}, ArgumentTypeError, "out: got float64"),
        (
            IMAGE,
            {"out": np.zeros((1, 4, 4, 3), np.float32).transpose(0, 3, 1, 2)},
            ArgumentError,
            "contig",
        ),
        (IMAGE, {"out": READ_ONLY}, ArgumentError, "read-only"),
    ],
)
def test_what_cannot_be_used_is_named(
    image: Image, options: dict[str, object], error: type[Exception], message: str
) -> None:
    size = options.pop("size", (4, 4))
    with pytest.raises(error) as caught:
        rostro.letterbox(image, size, **options)  # type: ignore[arg-type]
    assert message in str(caught.value)
