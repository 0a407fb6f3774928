"""Whatever C is given, it answers with a status and one sentence, and the process goes on."""

from __future__ import annotations

import struct
from collections.abc import Callable
from ctypes import byref, c_float, c_void_p, sizeof
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import rostro
from rostro.gallery.identity import EmbedderIdentity
from tests.support import capi
from tests.support.capi import CApi, CError, CImage, GalleryOptions, PipelineOptions, c_image
from tests.support.galleries import unit
from tests.support.networks import OWN_CARD

_NAMES = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]
_SHAPES = [[1, (32 // stride) ** 2, columns] for columns in (1, 1, 4, 10) for stride in (8, 16, 32)]
_CARD = f"""
name = "tiny"
task = "detect"
licence = "MIT"
[[file]]
name = "tiny.onnx"
[input]
name = "x"
channels = "bgr"
mean = 0.0
std = 1.0
size = [32, 32]
[outputs]
names = {_NAMES}
[detect]
head = "yunet"
score_threshold = 0.7
nms_threshold = 0.3
top_k = 50
"""


def _detector(folder: Path, value: float = 0.0, shapes: list[list[int]] = _SHAPES) -> Path:
    """A card of a network that gives the same number everywhere, whatever it sees."""
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in zip(_NAMES, shapes, strict=True)
    ]
    nodes = []
    for output, shape in zip(_NAMES, shapes, strict=True):
        constant = numpy_helper.from_array(np.full(shape, value, np.float32))
        nodes.append(helper.make_node("Constant", [], [output], value=constant))
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 32, 32])
    graph = helper.make_graph(nodes, "tiny", [image], outputs)
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), folder / "tiny.onnx")
    card = folder / "tiny.toml"
    card.write_text(_CARD, encoding="utf-8")
    return card


def _open(c: CApi, library: c_void_p, detector: Path, embedder: Path | None = None) -> c_void_p:
    options = PipelineOptions(sizeof(PipelineOptions), bytes(detector))
    if embedder is not None:
        options.embedder = bytes(embedder)
    return c.open("pipeline_open", library, byref(options))


def _refused(status: int, said: str, call: Callable[[], object]) -> None:
    with pytest.raises(CError) as refused:
        call()
    assert refused.value.status == status
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.fixture
def frame() -> CImage:
    pixels = np.full((32, 32, 3), 90, np.uint8)
    image = c_image(pixels, "bgr", (32, 32))
    image.owner = pixels
    return image


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "onnxruntime: cannot be opened: "),
        (b"text", "onnxruntime: cannot be opened: "),
        # The header of an ELF file for 32-bit ARM.
        (b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x03\x00\x28\x00", "cannot be opened: "),
        ("libc.so.6", "got a library without OrtGetApiBase; ONNX Runtime's is wanted"),
    ],
)
def test_wrong_libraries(c: CApi, tmp_path: Path, content: bytes | str | None, said: str) -> None:
    path = tmp_path / "library.so"
    if isinstance(content, bytes):
        path.write_bytes(content)
    name = content.encode() if isinstance(content, str) else bytes(path)
    _refused(capi.WRONG_LIBRARY, said, lambda: c.open("library_open", name))


def test_wrong_networks_and_cards(c: CApi, library: c_void_p, tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    _refused(capi.NOT_FOUND, "no such file", lambda: _open(c, library, missing))
    card = _detector(tmp_path)
    _refused(capi.WRONG_MODEL, 'one for "embed" is wanted', lambda: _open(c, library, card, card))
    embedder = tmp_path / "mine.toml"
    embedder.write_text(OWN_CARD, encoding="utf-8")
    _refused(capi.WRONG_MODEL, 'one for "detect" is wanted', lambda: _open(c, library, embedder))
    _refused(capi.NOT_FOUND, "its weights are neither", lambda: _open(c, library, card, embedder))
    (tmp_path / "tiny.onnx").write_bytes(b"no network")
    _refused(capi.WRONG_FILE, "tiny.onnx", lambda: _open(c, library, card))
    card.write_text("name =", encoding="utf-8")
    _refused(capi.WRONG_MODEL, "not valid TOML", lambda: _open(c, library, card))


def test_outputs(c: CApi, library: c_void_p, tmp_path: Path, frame: CImage) -> None:
    pipeline = _open(c, library, _detector(tmp_path))
    table = c.find(pipeline, frame)
    assert table["boxes"].shape == (0, 4)
    c("pipeline_close", pipeline)

    pipeline = _open(c, library, _detector(tmp_path, value=float("nan")))
    _refused(capi.NETWORK_FAILED, "tiny", lambda: c.find(pipeline, frame))
    c("pipeline_close", pipeline)

    others = [*_SHAPES[:-1], [1, 1, 11]]
    pipeline = _open(c, library, _detector(tmp_path, shapes=others))
    _refused(capi.WRONG_MODEL, "outputs[11]: got (1, 11)", lambda: c.find(pipeline, frame))
    c("pipeline_close", pipeline)


def test_frames(c: CApi, library: c_void_p, tmp_path: Path, frame: CImage) -> None:
    pipeline = _open(c, library, _detector(tmp_path))
    wrong: list[tuple[Callable[[CImage], object], str]] = [
        (lambda image: setattr(image.planes[0], "data", None), "image.planes[0].data: got a null"),
        (lambda image: setattr(image.planes[0], "stride", 95), "rows 95 bytes apart; at least"),
        (lambda image: setattr(image.planes[0], "stride", 0), "rows 0 bytes apart; at least"),
        (lambda image: setattr(image, "width", 0), "got 0x32 pixels; at least 1x1"),
        (lambda image: setattr(image, "height", -1), "got 32x-1 pixels; at least 1x1"),
        (lambda image: setattr(image, "format", 10), "image.format: got 10; 0 to 9"),
        (lambda image: setattr(image, "format", -1), "image.format: got -1; 0 to 9"),
        (lambda image: setattr(image, "size", 71), "image.size: got 71; the size of the struct"),
    ]
    for change, said in wrong:
        image = CImage.from_buffer_copy(frame)
        change(image)
        _refused(capi.INVALID_ARGUMENT, said, partial(c.find, pipeline, image))
    nv12 = c_image(np.zeros((48, 32), np.uint8), "nv12", (31, 32))
    _refused(capi.INVALID_ARGUMENT, "even sides are wanted", lambda: c.find(pipeline, nv12))
    assert c.find(pipeline, frame)["boxes"].shape == (0, 4)  # it goes on
    c("pipeline_close", pipeline)


def test_galleries(c: CApi, tmp_path: Path) -> None:
    path = tmp_path / "people.rostro"
    made_by = EmbedderIdentity("sface", "1" * 64, "arcface")
    rows = unit(3, 64)
    with rostro.Gallery.open(path, 64, embedder=made_by) as gallery:
        gallery.add(["ada", "Jos\u00e9"], rows[:2])

        def opened(**options: object) -> c_void_p:
            chosen = GalleryOptions(sizeof(GalleryOptions), **options)
            return c.open("gallery_open", bytes(path), byref(chosen))

        _refused(capi.WRONG_EMBEDDER, "not of 128", lambda: opened(dim=128))
        other = {"name": b"other", "version": b"2", "crop_template": b"arcface"}
        _refused(capi.WRONG_EMBEDDER, "other (version 2", lambda: opened(**other))
        _refused(capi.INVALID_ARGUMENT, "options.name: got a null", lambda: opened(version=b"1"))

        same = {"name": b"sface", "version": b"1" * 64, "crop_template": b"arcface"}
        handle = opened(dim=64, **same)
        matches = c.open("matches_create")

        def search(k: int) -> None:
            c("gallery_search", handle, rows.ctypes.data, len(rows), k, None, matches)

        search(2)
        for face, expected in enumerate(gallery.search(rows, 2)):
            assert c("matches_count", matches, face) == 2
            for rank, match in enumerate(expected):
                assert c("matches_name", matches, face, rank).decode() == match.name
                similarity = c("matches_similarity", matches, face, rank)
                assert c_float(similarity).value == np.float32(match.similarity)
        _refused(capi.INVALID_ARGUMENT, "k: got 0", lambda: search(0))
        assert c("matches_count", matches, 0) == 0
        _refused(
            capi.INVALID_ARGUMENT,
            "embeddings: got a null pointer",
            lambda: c("gallery_identify", handle, None, 3, 0.5, None, matches),
        )

        def identify(threshold: float) -> None:
            c("gallery_identify", handle, rows.ctypes.data, 3, threshold, None, matches)

        _refused(capi.INVALID_ARGUMENT, "threshold: got 3; ", lambda: identify(3.0))
        identify(0.9)
        assert [c("matches_count", matches, face) for face in range(4)] == [1, 1, 0, 0]
        assert c("matches_name", matches, 1, 0).decode() == "Jos\u00e9"

        gallery.add("new", rows[2])
        identify(0.9)
        assert c("matches_count", matches, 2) == 0
        c("gallery_refresh", handle)
        identify(0.9)
        assert c("matches_name", matches, 2, 0) == b"new"
        assert (c("gallery_people", handle), c("gallery_templates", handle)) == (3, 3)
        assert c("gallery_dim", handle) == 64
        c("matches_free", matches)
        c("gallery_close", handle)
    damaged = tmp_path / "damaged.rostro"
    damaged.write_bytes(struct.pack("<64Q", *range(64)))
    _refused(
        capi.WRONG_FILE, "damaged.rostro", lambda: c.open("gallery_open", bytes(damaged), None)
    )


def test_long_messages_are_cut_between_characters(c: CApi) -> None:
    for length in range(5):
        name = "n" * length + "é" * 400
        with pytest.raises(CError) as refused:
            c.open("gallery_open", name.encode(), None)  # it was decoded: no half of an é
        assert len(str(refused.value).encode()) in (510, 511)
