"""Model cards are read strictly: what is wrong is named, with the file and the key."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from rostro.errors import FileMissingError, ModelError
from rostro.models import DEFAULTS, builtin_card, cards
from rostro.models.card import DetectSettings, EmbedSettings, Figure, Quantization, Threshold
from rostro.models.card_toml import card_text, load_card, parse_card
from tests.support.networks import OWN_CARD
from tests.support.shared_cards import ATTRIBUTES, DETECTORS, EMBEDDERS


def test_built_in_cards() -> None:
    assert set(DEFAULTS.values()) <= set(cards())
    for name in cards():
        card = builtin_card(name)
        assert card.name == name and card.licence and card.homepage
        assert all(file.digest and file.size and file.sources for file in card.files)
        assert name not in DEFAULTS.values() or len(card.files[0].sources) >= 2
        assert set(card.engines) == {"x86_64", "aarch64"}
        assert all(choice.how for choice in card.engines.values())
    detect, embed = (builtin_card(DEFAULTS[task]) for task in ("detect", "embed"))
    assert detect.detect == DetectSettings("yunet", 0.7, 0.3, 5000) and detect.embed is None
    assert (detect.input.channels, detect.input.multiple, detect.input.size) == ("bgr", 32, None)
    assert len(detect.outputs) == 12
    assert embed.embed == EmbedSettings(128, "arcface") and embed.detect is None
    assert (embed.input.channels, embed.input.size) == ("rgb", (112, 112))
    usual, strict = embed.thresholds["cosine"], embed.thresholds["cosine_strict"]
    assert (usual.value, usual.fmr, strict.fmr) == (0.3621, 1e-3, 1e-4)
    assert usual.value < strict.value and usual.pairs == strict.pairs == 1_197_943


def test_own_card(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(OWN_CARD)
    card = load_card(tmp_path / "mine.toml")
    assert card.input.mean == (127.5, 127.0, 127.5) and card.input.std == 128.0
    assert card.input.size == (112, 96) and card.input.multiple == 1
    assert card.thresholds == {"cosine": Threshold(0.3, "LFW")}
    assert card.engines == {} and card.ncnn.shapes == ()
    assert card.files[0].sha256 is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[outputs]", "[outputs", "not valid TOML"),
        ('task = "embed"', "", "key task: missing"),
        ('task = "embed"', 'task = "dance"', "key task: got 'dance'; one of attributes, detect"),
        ('task = "embed"', 'task = "detect"', "key detect: missing"),
        ('licence = "MIT"', "licence = 1", "key licence: got 1; text is wanted"),
        ('licence = "MIT"', 'licence = "MIT"\nlicense = "MIT"', "key license: unknown"),
        ('name = "mine"', 'name = "../mine"', "key name: got '../mine'; a name of letters"),
        ("dim = 512", "dim = 512.0", r"key embed.dim: got 512\.0; a whole number"),
        ("dim = 512", "dim = true", "key embed.dim: got True; a whole number"),
        ("dim = 512", "", "key embed.dim: missing"),
        ("dim = 512", "dim = 512\nsize = 3", "key embed.size: unknown"),
        (
            'channels = "rgb"',
            'channels = "gray"',
            "input.channels: got 'gray'; one of bgr",
        ),
        (
            "mean = [127.5, 127, 127.5]",
            "mean = [1.0]",
            r"input.mean: got \[1\.0\]; a list of 3",
        ),
        ("mean = [127.5, 127, 127.5]", 'mean = "1"', "input.mean: got '1'; a number"),
        ("size = [112, 96]", "size = [112]", r"key input.size: got \[112\]; a list of 2"),
        ("size = [112, 96]", "size = [112, 0]", r"key input.size\[1\]: got 0; "),
        ("size = [112, 96]", "multiple = 0", "key input.multiple: got 0; a number from 1"),
        ('"mine.onnx"', '"../mine.onnx"', r"key file\[0\].name: got .* without folders"),
        (
            '"mine.onnx"',
            '"mine.pt"',
            "file: got mine.p.*; one .onnx, or a .param with",
        ),
        (
            '"mine.onnx"',
            '"mine.param"',
            "file: got mine.p.*; one .onnx, or a .param with",
        ),
        ('"mine.onnx"', '"mine.onnx"\nsha256 = "ab"', r"key file\[0\].sha256: got 'ab'; 64 digits"),
        ('how = "LFW"', "", "key thresholds.cosine.how: missing"),
        (
            'how = "LFW"',
            'how = "LFW"\nfmr = "1e-3"',
            "fmr: got '1e-3'; a number",
        ),
        ("dim = 512", "dim = 0", "key embed.dim: got 0; a number from 1 to 65536"),
        ("dim = 512", "dim = 512\nflip = 1", "key embed.flip: got 1; true or false"),
        ("[embed]", "[ncnn]\nshapes = []\nshape = []\n[embed]", "key ncnn.shape: unknown"),
        ("[embed]", "[ncnn]\n[embed]", "key ncnn.shapes: missing"),
        (
            '"mine.onnx"',
            '"mine.onnx"\n[[file.source]]\nkind = "ftp"',
            "got 'ftp'; one of url",
        ),
        ("[embed]", "[[embed]]", r"key embed: got \[.*; a table"),
        ("[embed]", '[detect]\nhead = "yunet"\n[embed]', "key detect.score_threshold: missing"),
        (
            "[embed]",
            "[ncnn]\nshapes = [[1, 3]]\n[embed]",
            r"shapes\[0\]: got \[1, 3\]; a list of 4",
        ),
        (
            "[embed]",
            '[engines.x86_64]\nbest = "tf"\n[embed]',
            "x86_64.best: got 'tf'; onnx",
        ),
    ],
)
def test_wrong_cards(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in OWN_CARD
    path = tmp_path / "wrong.toml"
    path.write_text(OWN_CARD.replace(old, new, 1))
    with pytest.raises(ModelError, match=message) as caught:
        load_card(path)
    assert str(path) in str(caught.value)


def test_no_card(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"absent\.toml"):
        load_card(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="UTF-8"):
        load_card(tmp_path / "binary.toml")


def test_a_written_card_is_read_as_it_was() -> None:
    figures = (Figure("size, MB", 3.2, 1.5), Figure("landmark error, px", None, 0.25))
    made = Quantization("a", "ncnn", "int8", 'with "quotes"', ("conv_1",), (), figures)
    thresholds = {"cosine": Threshold(0.3, "LFW", 1e-3, 5), 'a "b" ü.c': Threshold(-1e-9, "\x7f\n")}
    names = list(cards())
    for card in [
        *map(builtin_card, names),
        *DETECTORS.values(),
        *EMBEDDERS.values(),
        *ATTRIBUTES.values(),
    ]:
        assert parse_card(card_text(card), "card") == card
        more = dataclasses.replace(card, quantization=made, thresholds=thresholds)
        assert parse_card(card_text(more), "card") == more


def test_defaults_are_left_out() -> None:
    card = parse_card(OWN_CARD, "test")
    assert "multiple" not in card_text(card) and "flip" not in card_text(card)


def test_numbers_may_be_whole() -> None:
    card = parse_card(OWN_CARD.replace("value = 0.3", "value = 1"), "test")
    assert math.isclose(card.thresholds["cosine"].value, 1.0)
