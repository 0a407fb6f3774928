"""A liveness network that takes red faces for live and blue ones for attacks, with its card."""

from __future__ import annotations

from pathlib import Path

from onnx import helper

from tests.support.tiny_embedder import save

CARD = """
name = "tiny-live"
task = "liveness"
licence = "MIT"
[[file]]
name = "tiny-live.onnx"
[input]
name = "x"
channels = "rgb"
mean = 0.0
std = 10.0
size = [16, 16]
[outputs]
names = ["y"]
[crop]
scale = 1.5
[liveness]
classes = ["red", "green", "blue"]
live = ["red"]
[thresholds.live]
value = 0.6
how = "of a test"
"""


def tiny_liveness(folder: Path, card: str = CARD, name: str = "tiny-live") -> Path:
    """The network, whose numbers are the means of the channels, and its card: its path is given."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["y"]),
    ]
    save(folder / "tiny-live.onnx", nodes, [("x", ["n", 3, 16, 16])], ["n", 3])
    path = folder / f"{name}.toml"
    path.write_text(card)
    return path
