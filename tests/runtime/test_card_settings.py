"""The C++ runtime reads of every card what Python gives to the core."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rostro import models
from rostro.attributes import attributes, liveness
from rostro.detect import detector
from rostro.detect.input_sizes import read_det_size
from rostro.embed import embedder
from rostro.landmarks import task as landmark_task
from rostro.models import crop
from rostro.models.card import Card
from rostro.models.card_toml import load_card
from rostro.pose import head_pose

_CARDS = Path(models.__file__).parent / "cards"
# Those that rostro ships, and those of the tests' networks: every task.
_ALL = [_CARDS / f"{name}.toml" for name in models.cards()]
_ALL += sorted((Path(__file__).parents[1] / "cards").glob("*.toml"))


class _Noted:
    """Stands for the core, and gives back what a class of it is made with."""

    def __getattr__(self, name: str) -> Any:
        return lambda **settings: settings


def _python_settings(card: Card, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for module in (attributes, crop, embedder, head_pose, landmark_task, liveness):
        monkeypatch.setattr(module, "_core", _Noted())
    made: Any
    if card.detect is not None:
        made = detector._of_card(card.name, card.input, card.detect, card.outputs)
        made |= read_det_size(None, 20.0, 1.0, None)._asdict()
        made["only"] = card.input.size or (0, 0)
    elif card.embed is not None:
        assert card.input.size is not None
        made = embedder._task(card, card.embed, card.input.size, card.embed.flip)
    elif card.pose is not None:
        made = head_pose._task(card, card.pose)
    elif card.liveness is not None:
        made = liveness._task(card, card.liveness)
    elif card.attributes is not None:
        made = attributes._task(card, card.attributes)
    else:
        assert card.landmarks is not None
        made = landmark_task.landmarker_task(card, card.landmarks, _CARDS)
    return dict(made)


def _float32(value: Any) -> Any:
    """As the core keeps numbers, and JSON lists."""
    if isinstance(value, dict):
        return {key: _float32(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_float32(each) for each in value]
    return float(np.float32(value)) if isinstance(value, float) else value


def _run(program: Path, card: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, card], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", _ALL, ids=lambda path: path.stem)
def test_same_settings(path: Path, card_settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = _run(card_settings, path)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    card = load_card(path)
    assert _float32(found["settings"]) == _float32(_python_settings(card, monkeypatch))
    assert found["thresholds"] == {key: each.value for key, each in card.thresholds.items()}
    assert found["inputs"] == [card.input.name, *card.further_inputs]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('head = "yunet"', "", "key detect.head: missing"),
        ('head = "yunet"', "head = 3", "key detect.head: a text is wanted"),
        ("top_k = 5000", "top_k = 0", "key detect.top_k: an integer from 1"),
        ("top_k = 5000", "top_n = 5000", "key detect.top_k: missing"),
        ("[detect]", "[detect]\nnoise = 1", "key detect.noise: unknown"),
        ("nms_threshold = 0.3", "nms_threshold = 3", "key detect.nms_threshold: a number from 0"),
        ("std = 1.0", "std = 0.0", "key input.std: a number from"),
        ('channels = "bgr"', 'channels = "hsv"', "one of bgr, rgb is wanted"),
        ('task = "detect"', 'task = "fuse"', "key task"),
        ("[detect]", "[detect", "not valid TOML"),
        ("[detect]", "[\x0e]", "not valid TOML"),
        ("[detect]", "é = 1\n[detect]", "letters beyond ASCII outside of strings"),
        ("[detect]", 'x = """a"""é\n[detect]', "letters beyond ASCII outside of strings"),
    ],
)
def test_wrong_cards(card_settings: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (_CARDS / "yunet-2023mar.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    card = tmp_path / "card.toml"
    card.write_text(text.replace(old, new), encoding="utf-8")
    told = _run(card_settings, card)
    assert told.returncode == 1
    assert said in told.stderr
    assert told.stderr.startswith(str(card)) and told.stderr.count("\n") == 1


def test_letters_beyond_ascii_in_strings(card_settings: Path, tmp_path: Path) -> None:
    text = (_CARDS / "yunet-2023mar.toml").read_text(encoding="utf-8")
    card = tmp_path / "card.toml"
    card.write_text("# é\n" + text.replace('name = "', 'name = "é \\" ü ', 1), encoding="utf-8")
    told = _run(card_settings, card)
    assert (told.returncode, told.stderr) == (0, "")


def test_no_card(card_settings: Path, tmp_path: Path) -> None:
    told = _run(card_settings, tmp_path / "none.toml")
    assert told.returncode == 1
    assert told.stderr == f"{tmp_path}/none.toml: no such file\n"
