"""Images as cameras and other libraries give them, read where they lie."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.kernels.arguments import Color
from rostro.kernels.planes import as_array, even_box, part_of, planes_of
from rostro.types import Image, ImageLike
from tests.support.opencv import as_image

OPENCV = {
    "bgr": None,
    "rgb": cv2.COLOR_RGB2BGR,
    "bgra": cv2.COLOR_BGRA2BGR,
    "rgba": cv2.COLOR_RGBA2BGR,
    "gray": cv2.COLOR_GRAY2BGR,
    "nv12": cv2.COLOR_YUV2BGR_NV12,
    "nv21": cv2.COLOR_YUV2BGR_NV21,
    "i420": cv2.COLOR_YUV2BGR_I420,
    "yuyv": cv2.COLOR_YUV2BGR_YUYV,
    "uyvy": cv2.COLOR_YUV2BGR_UYVY,
}
COLORS: list[Color] = list(get_args(Color))


def noise(color: Color, width: int = 64, height: int = 48) -> Image:
    shapes: dict[str, tuple[int, ...]] = {
        "gray": (height, width), "bgra": (height, width, 4), "rgba": (height, width, 4),
        "yuyv": (height, width, 2), "uyvy": (height, width, 2),
    } | dict.fromkeys(["nv12", "nv21", "i420"], (height * 3 // 2, width))  # fmt: skip
    random = np.random.default_rng(COLORS.index(color))
    return random.integers(0, 256, shapes.get(color, (height, width, 3)), dtype=np.uint8)


def as_bgr(image: Image, color: Color) -> Image:
    code = OPENCV[color]
    return image if code is None else as_image(cv2.cvtColor(image, code))


def tensor_of(image: ImageLike, color: Color) -> Any:
    return rostro.letterbox(image, (64, 64), color=color, channels="bgr")[0]


class Tensor:
    """Another library's tensor: nothing but DLPack."""

    def __init__(self, array: Image) -> None:
        self._array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[Any, int]:
        return self._array.__dlpack_device__()


class GpuTensor(Tensor):
    def __dlpack_device__(self) -> tuple[Any, int]:
        return (2, 0)  # CUDA

    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("on device cuda:0")


@pytest.mark.parametrize("color", COLORS)
def test_every_format_is_opencvs(color: Color) -> None:
    image = noise(color)
    ours, plain = tensor_of(image, color), tensor_of(as_bgr(image, color), "bgr")
    assert np.abs(ours - plain).max() <= 1  # OpenCV rounds in its own way on some CPUs
    points = np.array([[[20, 20], [40, 21], [30, 28], [22, 36], [39, 37]]], np.float32)
    ours = rostro.align(image, points, color=color, channels="bgr").astype(int)
    assert np.abs(ours - rostro.align(as_bgr(image, color), points)).max() <= 1


@pytest.mark.parametrize("color", ["nv12", "nv21", "i420"])
def test_planes_apart_and_padded(color: Color) -> None:
    image = noise(color)
    planes = planes_of(image, color)
    assert len(planes) == (3 if color == "i420" else 2)
    assert all(np.shares_memory(plane, image) for plane in planes)
    padded = tuple(np.pad(plane, ((0, 3), (0, 10)))[: len(plane), :-10] for plane in planes)
    np.testing.assert_array_equal(tensor_of(padded, color), tensor_of(image, color))
    if color != "i420":
        pairs = (planes[0], planes[1].reshape(24, 32, 2))
        np.testing.assert_array_equal(tensor_of(pairs, color), tensor_of(image, color))


@pytest.mark.parametrize("color", COLORS)
def test_memory_of_others_is_not_copied(color: Color, tmp_path: Path) -> None:
    image = noise(color)
    expected = tensor_of(image, color)
    others: list[ImageLike] = [image.data, Tensor(image)]
    for other in others:
        np.testing.assert_array_equal(tensor_of(other, color), expected)
        assert np.shares_memory(as_array(other), image)
    (tmp_path / "frame").write_bytes(image.tobytes())
    with (
        (tmp_path / "frame").open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as view,
        view.cast("B", image.shape) as frame,
    ):
        np.testing.assert_array_equal(tensor_of(frame, color), expected)
    # Nothing holds it any more: a map that is in use could not be closed.


@pytest.mark.parametrize("color", COLORS)
def test_parts_share_the_memory(color: Color) -> None:
    image = noise(color)
    box = even_box(color, (9, 7, 41, 33))
    left, top, right, bottom = box
    assert left <= 9 <= left + 1
    part = part_of(image, color, box)
    for plane in part if isinstance(part, tuple) else (as_array(part),):
        assert np.shares_memory(plane, image)
    cut = as_bgr(image, color)[top:bottom, left:right]
    assert np.abs(tensor_of(part, color) - tensor_of(cut, "bgr")).max() <= 1


@pytest.mark.heavy
@pytest.mark.parametrize("color", ["bgra", "nv21", "i420", "uyvy"])
def test_faces_of_every_format(color: Color, photo: Image) -> None:
    """The pipeline sees the faces of a photo in any format, where they are."""
    pipeline = rostro.FacePipeline(threads=1)
    bgr = photo[: photo.shape[0] // 2 * 2, : photo.shape[1] // 2 * 2]
    plain = pipeline(bgr)
    faces = pipeline(encoded(bgr, color), color)
    assert len(faces) == len(plain) > 0
    np.testing.assert_allclose(faces.boxes, plain.boxes, atol=4)
    assert faces.embeddings is not None
    assert plain.embeddings is not None
    assert (np.sum(faces.embeddings * plain.embeddings, axis=1) > 0.95).all()


def encoded(bgr: Image, color: Color) -> ImageLike:
    if color == "bgra":
        return as_image(cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA))
    i420 = as_image(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420))
    luma, u, v = planes_of(i420, "i420")
    if color == "i420":
        return i420
    if color == "nv21":
        return luma, np.ascontiguousarray(np.stack([v, u], axis=2))
    doubled = [np.repeat(one, 2, axis=0) for one in (u, v)]
    frame = np.empty((*luma.shape, 2), np.uint8)
    frame[..., 1] = luma
    frame[:, ::2, 0], frame[:, 1::2, 0] = doubled
    return frame


@pytest.mark.parametrize(
    ("image", "color", "error", "message"),
    [
        (noise("bgr"), "bgra", ArgumentError, "(H, W, 4)"),
        (noise("nv12")[:-1], "nv21", ArgumentError, "(3 H / 2, W)"),
        (noise("nv12", 65), "i420", ArgumentError, "even sides"),
        (noise("yuyv", 63), "uyvy", ArgumentError, "even width"),
        (noise("i420")[:, :-2], "i420", ArgumentError, "tuple of the three planes"),
        ((noise("gray"),), "nv12", ArgumentError, "tuple of planes"),
        ((noise("gray"), noise("gray")), "nv12", ArgumentError, "(H / 2, W)"),
        ((noise("gray"), noise("gray")[:24], noise("gray")[:24]), "i420", ArgumentError, "W / 2"),
        ((noise("gray"), None), "nv12", ArgumentTypeError, "NoneType"),
        ((noise("bgr"), noise("gray")), "nv12", ArgumentError, "(H, W) and"),
        ((noise("bgr"),), "bgr", ArgumentTypeError, "tuple"),
        (GpuTensor(noise("bgr")), "bgr", ArgumentError, "memory of the CPU"),
        (Tensor(noise("gray")), "bgr", ArgumentError, "(48, 64)"),
        (memoryview(b"123"), "bgr", ArgumentError, "(3,)"),
        (np.zeros((2, 2, 3), np.float32).data, "bgr", ArgumentTypeError, "float32"),
        (b"123", "gray", ArgumentError, "(3,)"),
        (noise("bgr").tolist(), "bgr", ArgumentTypeError, "list"),
    ],
)
def test_wrong_images(image: Any, color: Color, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=r"^image: ") as caught:
        tensor_of(image, color)
    assert message in str(caught.value)
