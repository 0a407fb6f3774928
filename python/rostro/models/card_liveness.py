"""What a model card says of a network that tells faces from their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rostro.models.toml_schema import Matching

__all__ = ["LivenessSettings"]

_FileName = Annotated[
    str, Matching(r"[^/\\\x00-\x1f\x7f]{1,200}", "the name of a file, without folders,")
]


@dataclass(frozen=True, slots=True)
class LivenessSettings:
    """How a network's numbers become a probability of being live.

    Attributes:
        classes: what the numbers stand for, in their order.
        live: which of these classes are live faces. Of a network with one class it may be none:
            that class is the attack.
        activation: what makes probabilities of the numbers: ``"softmax"`` of several,
            ``"sigmoid"`` of one; ``"none"``: they are probabilities.
        output: that holds the numbers; ``None``: the first.
        networks: cards in the same folder, the mean of whose probabilities and this one's is meant.
    """

    classes: tuple[str, ...]
    live: tuple[str, ...]
    activation: Literal["softmax", "sigmoid", "none"] = "softmax"
    output: str | None = None
    networks: tuple[_FileName, ...] = ()
