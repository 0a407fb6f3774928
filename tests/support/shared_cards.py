"""The cards of the shared test networks, and such a network in the format of an engine."""

from __future__ import annotations

from pathlib import Path

from rostro.models.card import Card
from rostro.models.card_toml import load_card
from rostro.models.convert import convert
from tests.support.shared import shared_models

_CARDS = {
    path.stem: load_card(path) for path in (Path(__file__).parents[1] / "cards").glob("*.toml")
}
# Where networks of a task are.
_FOLDERS = {
    "detect": "detect",
    "embed": "embed",
    "landmarks": "landmark",
    "liveness": "liveness",
    "pose": "pose",
    "attributes": "attributes",
}
ATTRIBUTES = {name: card for name, card in _CARDS.items() if card.task == "attributes"}
DETECTORS = {name: card for name, card in _CARDS.items() if card.task == "detect"}
EMBEDDERS = {name: card for name, card in _CARDS.items() if card.task == "embed"}
HEAD_POSES = {name: card for name, card in _CARDS.items() if card.task == "pose"}
LIVENESSES = {name: card for name, card in _CARDS.items() if card.task == "liveness"}
LANDMARKERS = {name: card for name, card in _CARDS.items() if card.task == "landmarks"}


def engines_of(card: Card) -> list[str]:
    """An .onnx file goes to ONNX Runtime, and to ncnn by conversion where its card says how."""
    if card.files[0].format != "onnx":
        return ["ncnn"]
    return ["onnxruntime", "ncnn"] if card.ncnn.shapes else ["onnxruntime"]


def place(name: str, engine: str, folder: Path) -> Path:
    """The network of a card for an engine, in ``folder`` beside the card; the card's path."""
    card = _CARDS[name]
    weights = shared_models(_FOLDERS[card.task])
    for file in card.files:
        (folder / file.name).symlink_to(weights / file.name)
    text = (Path(__file__).parents[1] / "cards" / f"{name}.toml").read_text()
    if engine == "ncnn" and card.ncnn.shapes:
        convert(weights / card.files[0].name, folder, card.ncnn.shapes, name=name)
        if card.input.size is None and len(card.ncnn.shapes) == 1:
            # The layers that compute shapes are beyond pnnx: what it makes is for this size alone.
            _, _, height, width = card.ncnn.shapes[0]
            text = text.replace(f"multiple = {card.input.multiple}", f"size = [{width}, {height}]")
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path
