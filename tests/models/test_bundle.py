"""Networks out of bundles: joined, checked by hash at each step and by recorded numbers."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rostro import models
from rostro.engines import NetworkFiles, open_network
from rostro.errors import DownloadError, ModelError, ModelIntegrityError
from rostro.models import Model, store
from rostro.models.bundle import bundle_to_onnx
from rostro.models.card import Card, CardFile, Member, Recorded
from rostro.models.card_toml import card_text, parse_card
from rostro.models.recorded import recorded_input
from rostro.types import FloatArray
from tests.support.tflite_writer import Step, tflite

RNG = np.random.default_rng(0)
WEIGHTS = RNG.standard_normal((6, 4, 4, 3)).astype(np.float32)
SCALE = np.array([[[2.0, -3.0]]], np.float32)

CARD = """
name = "tiny-bundle"
task = "embed"
licence = "MIT"
[[file]]
name = "tiny.task"
sha256 = "{task}"
size = {size}
[[file.member]]
name = "points.tflite"
sha256 = "{points}"
[[file.member]]
name = "more.tflite"
sha256 = "{more}"
[file.member.reads]
output = "points"
length = 3
rows = [1, 0]
[input]
name = "x"
channels = "rgb"
mean = 0
std = 255
size = [4, 4]
[outputs]
names = ["points", "more/whole"]
[embed]
dim = 6
template = "box"
[ncnn]
shapes = [[1, 3, 4, 4]]
"""


def two_networks() -> tuple[bytes, bytes]:
    """Six numbers, two rows of three, by a convolution; and the first two of rows, scaled."""
    points = tflite(
        [("x", (1, 4, 4, 3), None), ("w", WEIGHTS.shape, WEIGHTS), ("points", (1, 1, 1, 6), None)],
        [Step(3, [0, 1], [2], {0: ("b", 1), 1: ("i", 1), 2: ("i", 1)})],
        [0],
        [2],
    )
    axes = np.array([2, 2], np.int32)
    more = tflite(
        [
            ("rows", (1, 2, 2), None), ("scale", SCALE.shape, SCALE), ("y", (1, 2, 2), None),
            ("axes", (2,), axes), ("more", (2, 2), None),
        ],
        [Step(18, [0, 1], [2]), Step(22, [2, 3], [4])],
        [0],
        [4],
    )  # fmt: skip
    return points, more


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.task"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in zip(("points", "more"), two_networks(), strict=True):
            archive.writestr(f"{name}.tflite", data)
    return path


@pytest.fixture
def card(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Card:
    """A card of the bundle, which an install finds in a folder."""
    monkeypatch.setenv("ROSTRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ROSTRO_MODELS", str(tmp_path))
    monkeypatch.setenv("ROSTRO_OFFLINE", "1")
    task = bundle.read_bytes()
    points, more = (hashlib.sha256(data).hexdigest() for data in two_networks())
    text = CARD.format(
        task=hashlib.sha256(task).hexdigest(), size=len(task), points=points, more=more
    )
    return parse_card(text, "tiny")


def plain(card: Card) -> tuple[FloatArray, FloatArray]:
    image = recorded_input(card)[0].transpose(1, 2, 0)
    points = np.einsum("ijc,oijc->o", image, WEIGHTS)
    return points, points.reshape(2, 3)[[1, 0], :2] * SCALE[0]


def with_member(file: CardFile, index: int, member: Member) -> CardFile:
    members = list(file.members)
    members[index] = member
    return replace(file, members=tuple(members))


def test_two_networks_become_one(card: Card, bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "made.onnx"
    path.write_bytes(bundle_to_onnx(card.files[0], bundle))
    engine = open_network(NetworkFiles(onnx=path), "onnxruntime", 1, card.outputs)
    tensor = recorded_input(card)
    for count in (1, 3):
        points, more = engine.run(np.repeat(tensor, count, 0))
        assert points.shape == (count, 6, 1, 1) and more.shape == (count, 2, 2)
        np.testing.assert_allclose(points[-1].ravel(), plain(card)[0], rtol=1e-4)
        np.testing.assert_allclose(more[-1], plain(card)[1], rtol=1e-4)


def test_install_checks_what_it_made(card: Card, tmp_path: Path) -> None:
    points = plain(card)[0]
    good = Recorded("points", (0, 5), (float(points[0]), float(points[5])))
    for bad in (
        replace(good, values=(good.values[0], good.values[1] + 0.01)),
        replace(good, at=(0, 6)),
        replace(good, at=(0,)),
    ):
        with pytest.raises(ModelError, match=r"tiny-bundle: .*recorded"):
            store.install(replace(card, recorded=(bad,)), ncnn=False)
    assert sorted(path.name for path in store.folder_of(card).iterdir()) == ["tiny.task"]

    card = replace(card, recorded=(good,))
    store.install(card, ncnn=False)
    model = Model(card.name, card, store.folder_of(card))
    model.verify()
    made = model.folder / "tiny-bundle.onnx"
    before = made.read_bytes()
    np.testing.assert_allclose(model.open().run(recorded_input(card))[0].ravel(), points, rtol=1e-4)
    # All there: nothing is looked for any more, and the same is made again.
    (tmp_path / "tiny.task").unlink()
    made.unlink()
    store.install(card, ncnn=False)
    assert made.read_bytes() == before


def test_every_step_has_a_hash(card: Card, bundle: Path) -> None:
    file = card.files[0]
    for index in (0, 1):
        wrong = with_member(file, index, replace(file.members[index], sha256="0" * 64))
        with pytest.raises(ModelIntegrityError, match=rf"{file.members[index].name}: got SHA-256"):
            bundle_to_onnx(wrong, bundle)
    absent = with_member(file, 0, replace(file.members[0], name="absent.tflite"))
    with pytest.raises(ModelIntegrityError, match=r"absent\.tflite: cannot be had"):
        bundle_to_onnx(absent, bundle)
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"!")
    with pytest.raises(DownloadError, match=r"tiny\.task: got SHA-256"):
        store.install(card, ncnn=False)
    bundle.write_bytes(b"no archive")
    with pytest.raises(ModelError, match="not a zip archive"):
        bundle_to_onnx(file, bundle)


def test_networks_that_do_not_go_together(card: Card, bundle: Path) -> None:
    file = card.files[0]
    second = file.members[1]
    assert second.reads is not None
    for reads in (None, replace(second.reads, output="other"), replace(second.reads, rows=(0, 9))):
        wrong = with_member(file, 1, replace(second, reads=reads))
        with pytest.raises(ModelError, match="do not go together"):
            bundle_to_onnx(wrong, bundle)


def test_cards_of_bundles(card: Card, tmp_path: Path) -> None:
    assert parse_card(card_text(card), "again") == card
    own = tmp_path / "own.toml"
    own.write_text(card_text(card))
    with pytest.raises(ModelError, match="only built-in cards"):
        models.resolve(own)
