"""What a model card says of a network that weighs the embeddings of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from rostro.models.toml_schema import Within

__all__ = ["FuseSettings", "Statistic"]

Statistic = Literal["mean", "deviation", "least", "most"]


@dataclass(frozen=True, slots=True)
class FuseSettings:
    """A network that gives one logit for each embedding of a set, whose softmax is its weight.

    It takes (N, F) or (N, F, 1, 1): each embedding, and behind it what is told of the whole set,
    ``dim`` numbers for each of the statistics.

    Attributes:
        dim: length of an embedding.
        statistics: of the set, number by number, in this order.
        output: that is the logit; ``None``: the first.
    """

    dim: Annotated[int, Within(1, 65536)]
    statistics: tuple[Statistic, ...] = ("mean", "deviation")
    output: str | None = None
