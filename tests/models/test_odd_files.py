"""Files that are not what they seem: each is one of rostro's errors that says what to do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

import rostro
from rostro import models
from rostro.errors import (
    ArgumentError,
    ArgumentTypeError,
    DownloadError,
    FileMissingError,
    ModelError,
    ModelIntegrityError,
    RostroError,
    UnknownModelError,
)
from rostro.models.card_toml import load_card, parse_card
from rostro.models.convert import convert
from rostro.models.fetch import fetch_file
from rostro.models.integrity import check
from rostro.support.files import sha256_of
from tests.support.downloads import CONTENT, remote
from tests.support.networks import OWN_CARD, PARAM, double_onnx, noise

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 122489\n"


def scale_onnx(path: Path, inside: str = "graph") -> Path:
    """y = 3x, with the 3 in the file ``weights`` beside it."""
    weights = numpy_helper.from_array(np.full((1,), 3, np.float32), "w")
    onnx.external_data_helper.set_external_data(weights, "weights")
    weights.ClearField("raw_data")
    (path.parent / "weights").write_bytes(np.float32(3).tobytes())
    nodes = [helper.make_node("Mul", ["x", "w"], ["y"])]
    initializers = [weights]
    functions = []
    constant = helper.make_node("Constant", [], ["w"], value=weights)
    if inside != "graph":
        initializers = []
        nodes.insert(0, constant)
    if inside == "branch":
        body = helper.make_graph(
            [constant], "body", [], [helper.make_tensor_value_info("w", TensorProto.FLOAT, (1,))]
        )
        truth = helper.make_node(
            "Constant", [], ["c"], value=numpy_helper.from_array(np.array(True), "c")
        )
        nodes[0] = helper.make_node("If", ["c"], ["w"], then_branch=body, else_branch=body)
        nodes.insert(0, truth)
    if inside == "function":
        opset = helper.make_opsetid("", 17)
        functions = [helper.make_function("own", "Three", [], ["w"], [constant], [opset])]
        nodes[0] = helper.make_node("Three", [], ["w"], domain="own")
    shape = ("n", 3, "h", "w")
    graph = helper.make_graph(
        nodes,
        "scale",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        initializers,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions)
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("inside", ["graph", "node", "branch", "function"])
def test_weights_in_other_files_are_refused(inside: str, tmp_path: Path) -> None:
    """The hash on a card says nothing about them."""
    path = scale_onnx(tmp_path / "mine.onnx", inside)
    digest = sha256_of(path)
    card = OWN_CARD.replace('"mine.onnx"', f'"mine.onnx"\nsha256 = "{digest}"')
    (tmp_path / "mine.toml").write_text(card)
    for use in (
        lambda: models.resolve(tmp_path / "mine.toml").open("onnxruntime"),
        lambda: models.resolve(tmp_path / "mine.toml").verify(),
        lambda: models.resolve(path).open(),
        lambda: rostro.Detector(path),
        lambda: convert(path, tmp_path / "out", [(1, 3, 8, 8)]),
    ):
        with pytest.raises(ModelError, match=r"mine\.onnx: got weights in other files.*onnx\.save"):
            use()


def test_the_advice_on_external_data_works(tmp_path: Path) -> None:
    onnx.save(onnx.load(scale_onnx(tmp_path / "old.onnx")), tmp_path / "new.onnx")
    x = noise(1, 3, 8, 8)
    (y,) = models.resolve(tmp_path / "new.onnx").open().run(x)
    np.testing.assert_allclose(y, 3 * x)


@given(st.binary(max_size=64), st.integers(0, 400), st.booleans())
def test_no_bytes_confuse_the_scan(noise: bytes, at: int, keep: bool) -> None:
    """Whatever is put into a file: what ONNX reads external data out of is never passed."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = scale_onnx(Path(folder) / "x.onnx")
        data = path.read_bytes()
        path.write_bytes(data[:at] + noise + data[at if keep else at + len(noise) :])
        try:
            model = onnx.load(path, load_external_data=False)
        except Exception:  # protobuf refuses it
            return
        tensors = list(model.graph.initializer)
        if any(map(onnx.external_data_helper.uses_external_data, tensors)):
            with pytest.raises(ModelError):
                check(path, size=None, sha256=None)


@pytest.mark.parametrize("name", ["x.onnx", "x.param", "x.toml"])
def test_pipes_devices_and_folders(name: str, tmp_path: Path) -> None:
    for make in (os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")):
        path = tmp_path / name
        make(path)
        with pytest.raises(ModelError, match=f"{name}: cannot be read: not a regular file"):
            models.resolve(path)
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "x.param").write_text(PARAM)
    os.mkfifo(tmp_path / "x.bin")
    with pytest.raises(ModelError, match=r"x\.bin: cannot be read: not a regular file"):
        models.resolve(tmp_path / "x.param").open()


def test_a_pipe_where_files_are_fetched_from(
    tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "thing.bin")
    monkeypatch.setenv("ROSTRO_MODELS", str(tmp_path))
    with pytest.raises(DownloadError, match="not a regular file"):
        fetch_file(remote(), empty_cache / "thing.bin")
    monkeypatch.setenv("ROSTRO_MODELS", str(tmp_path / "thing.bin"))
    with pytest.raises(DownloadError, match="Not a directory"):
        fetch_file(remote(), empty_cache / "thing.bin")


@pytest.mark.parametrize("name", ["x.onnx", "x.param", "x.toml"])
def test_pointers_of_git_lfs(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(POINTER)
    (tmp_path / "x.bin").write_text(POINTER)
    with pytest.raises(ModelError, match=rf"{name}: got a pointer of Git LFS.*git lfs pull"):
        models.resolve(tmp_path / name).open()


def test_pointers_of_git_lfs_where_the_hash_is_known(tmp_path: Path, empty_cache: Path) -> None:
    (tmp_path / "mine.onnx").write_text(POINTER)
    with pytest.raises(ModelIntegrityError, match="git lfs pull"):
        check(tmp_path / "mine.onnx", size=122489, sha256="0" * 64)
    (tmp_path / "thing.bin").write_text(POINTER)
    with pytest.raises(DownloadError, match="git lfs pull"):
        fetch_file(remote(), empty_cache / "thing.bin", folders=[tmp_path])


def test_names_in_capitals(tmp_path: Path) -> None:
    double_onnx(tmp_path / "DET.ONNX")
    (tmp_path / "NET.PARAM").write_text(PARAM)
    (tmp_path / "NET.BIN").touch()
    shutil.copy(tmp_path / "DET.ONNX", tmp_path / "mine.Onnx")
    (tmp_path / "MINE.TOML").write_text(OWN_CARD.replace("mine.onnx", "mine.Onnx"))
    for name, size in (("DET.ONNX", 8), ("NET.PARAM", 8), ("MINE.TOML", None)):
        x = noise(1, 3, size or 96, size or 112)
        (y,) = models.resolve(tmp_path / name).open().run(x)
        np.testing.assert_allclose(y, 2 * x)


def test_paths_that_are_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.onnx"))
    double_onnx(tmp_path / "x.onnx").rename(path)
    with pytest.raises(ModelError, match=r"\\udcff\.onnx: got a path that is not UTF-8") as caught:
        models.resolve(path)
    str(caught.value).encode()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: models.resolve(5), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: models.resolve(None), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: models.resolve(b"x.onnx"), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: models.resolve("x.onnx", "dance"), ArgumentError),  # type: ignore[arg-type]
        (lambda: models.resolve("a\0b.onnx"), FileMissingError),
        (lambda: models.resolve("\ud800.onnx"), ModelError),
        (lambda: models.resolve("\ud800"), UnknownModelError),
        (lambda: models.resolve("x" * 5000 + ".onnx"), ModelError),
        (lambda: models.resolve("~nobody-of-this-name/x.onnx"), FileMissingError),
        (lambda: models.resolve(""), UnknownModelError),
        (lambda: models.builtin_card("../cards/sface-2021dec"), UnknownModelError),
        (lambda: models.builtin_card(["x"]), UnknownModelError),  # type: ignore[arg-type]
        (lambda: models.install(5), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: models.install("yunet-2023mar", source=5), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: models.resolve("yunet-2023mar").open(5), ArgumentTypeError),  # type: ignore[arg-type]
        (lambda: convert("x.onnx", Path(), []), ArgumentError),  # type: ignore[arg-type]
        (lambda: convert(Path("x.onnx"), Path(), 5), ArgumentError),  # type: ignore[arg-type]
        (lambda: convert(Path("x.onnx"), Path(), [(1, 3, "8", 8)]), ArgumentError),  # type: ignore[list-item]
    ],
)
def test_wrong_arguments(call: Callable[[], object], error: type[RostroError]) -> None:
    with pytest.raises(error) as caught:
        call()
    str(caught.value).encode()


VALUES = st.recursive(
    st.sampled_from(["1", "-1", "0", "1e400", "nan", "inf", "9" * 5000, "0x" + "f" * 9000])
    | st.sampled_from(["true", '""', '"../x"', '"\\u0000"', "2020-01-01", "[]", "{}", "'x'"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | inner.map(lambda item: f"{{name = {item}, kind = {item}}}")
    ),
    max_leaves=4,
)
LINES = [line for line in OWN_CARD.splitlines() if "=" in line]


@given(st.sampled_from(LINES), VALUES)
def test_cards_with_another_value(line: str, value: str) -> None:
    key = line.partition("=")[0]
    try:
        parse_card(OWN_CARD.replace(line, f"{key}= {value}", 1), "card")
    except ModelError as error:
        assert len(str(error)) < 500


@given(st.text(alphabet="[]{}=\"'.,#\n \ud7ffa1e-_", max_size=200))
def test_cards_of_any_text(text: str) -> None:
    for whole in (text, OWN_CARD + text):
        try:
            parse_card(whole, "card")
        except ModelError as error:
            assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("dim = 512", "dim = " + "9" * 5000, "not valid TOML"),
        ("dim = 512", "dim = 0x" + "f" * 9000, "beyond 64 bits"),
        ("dim = 512", "dim = " + "[" * 20000 + "]" * 20000, "not valid TOML"),
        ("std = 128", "std = 0", "a number from 1e-06"),
        ("std = 128", "std = nan", "got nan; a number"),
        ("value = 0.3", "value = 1e400", "got inf; a number"),
        ("size = [112, 96]", "multiple = 1000000", "got 1000000; a number from 1 to 1024"),
        ("size = [112, 96]", "size = [1000000, 1000000]", "a number from 1 to 8192"),
        ('"mine.onnx"', '".."', "key file: got"),
        ('"mine.onnx"', '"a\\u0000.onnx"', "without folders"),
    ],
)
def test_cards_beyond_measure(old: str, new: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text(OWN_CARD.replace(old, new, 1))
    with pytest.raises(ModelError, match=problem) as caught:
        load_card(path)
    assert len(str(caught.value)) < 500


def test_a_card_that_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text("#" * (1 << 18) + OWN_CARD)
    with pytest.raises(ModelError, match="got more than 262144 bytes"):
        load_card(tmp_path / "card.toml")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.sampled_from(["format", "card", "files", "onnx", "name", "sha256", "size"]), JSON)
def test_manifests_with_another_value(key: str, value: Any) -> None:
    import tempfile

    entry = {"name": "x.onnx", "sha256": "0" * 64, "size": 3, "made_from": "", "made_by": ""}
    manifest: dict[str, Any] = {"format": 1, "card": "yunet-2023mar", "files": {"onnx": entry}}
    for table in (manifest, manifest["files"], entry):
        if key in table:
            table[key] = value
    with tempfile.TemporaryDirectory() as cache, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROSTRO_CACHE", cache)
        folder = Path(cache) / "models" / "yunet-2023mar"
        folder.mkdir(parents=True)
        (folder / "installed.json").write_text(json.dumps(manifest))
        assert not models.resolve("yunet-2023mar").installed


def test_manifests_that_are_no_files_or_too_deep(empty_cache: Path) -> None:
    folder = empty_cache / "models" / "yunet-2023mar"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "installed.json")
    assert not models.resolve("yunet-2023mar").installed
    (folder / "installed.json").unlink()
    for text in ("[" * 100_000, "9" * 5000):
        (folder / "installed.json").write_text(text)
        assert not models.resolve("yunet-2023mar").installed


def test_what_was_fetched_is_still_right(tmp_path: Path) -> None:
    (tmp_path / "thing.bin").write_bytes(CONTENT)
    spec = remote()
    check(tmp_path / "thing.bin", size=spec.size, sha256=spec.sha256)
