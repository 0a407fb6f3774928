"""One template of many embeddings, each weighted by a network that sees all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rostro import _core, models
from rostro.errors import ArgumentError, ArgumentTypeError, ModelError
from rostro.models.for_core import output_index
from rostro.support.arguments import shown
from rostro.types import FloatArray

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ConditionalTemplate"]


class ConditionalTemplate:
    """The mean of embeddings, weighted by a network from how they are distributed.

    After Jawade et al., "CoNAN: Conditional neural aggregation network for unconstrained face
    feature fusion", 2023: the network sees each embedding with the statistics of all, and the
    softmax of what it says is the weight. The order of what is added changes nothing but rounding.
    All embeddings are kept, for the weight of each depends on all. One thread at a time; it is
    pickled with what was added.

    Args:
        name_or_path: a model of the task ``"fuse"``: a card (``.toml``); see `rostro.models`. No
            built-in one: no trained weights are known that everybody may use.
        engine: ``"auto"``, ``"onnxruntime"`` or ``"ncnn"``.
        threads: of the network; by default all CPUs this process may use, while they gain time.

    Attributes:
        model: the `rostro.models.Model`.
        engine: the loaded `rostro.engines.Engine`.
        dim: numbers of an embedding.

    Raises:
        ModelError: the model's card is missing, or says nothing of fusion.
        Others as `rostro.models.Model.open`.
    """

    def __init__(
        self, name_or_path: str | Path, *, engine: str = "auto", threads: int | None = None
    ) -> None:
        self._recipe: Callable[[], ConditionalTemplate] = functools.partial(
            type(self), name_or_path, engine=engine, threads=threads
        )
        self.model = models.resolve(name_or_path, "fuse")
        card = self.model.card
        if card is None or card.fuse is None:
            raise ModelError(
                f"{name_or_path}: how to fuse with it is not known; write a model card beside it "
                "(task, input, outputs, fuse) and name the .toml"
            )
        self._statistics, self.dim = card.fuse.statistics, card.fuse.dim
        self._output = output_index(card, "fuse", card.fuse.output)
        self.engine = self.model.open(engine, threads)
        self._added: list[FloatArray] = []

    def add(self, embeddings: FloatArray) -> None:
        """Adds embeddings, all or, where one cannot be used, none.

        Args:
            embeddings: (N, D) float32.

        Raises:
            ArgumentError, ArgumentTypeError: not such an array, or numbers that are not finite.
        """
        rows = _core.conditional_rows(embeddings, ())  # a copy, of what can be used
        if rows.shape[1] != self.dim:
            raise ArgumentError(
                f"embeddings: got shape {rows.shape}; (N, {self.dim}) is wanted by "
                f"{self.model.name}"
            )
        self._added.append(rows)

    def merge(self, other: Self) -> None:
        """Adds all that was added to another one of the same network.

        Raises:
            ArgumentError, ArgumentTypeError: another kind, or another network.
        """
        if type(other) is not type(self):
            raise ArgumentTypeError(f"other: got {shown(other)}; {type(self).__name__} is wanted")
        if (other.model.folder, other.model.card) != (self.model.folder, self.model.card):
            raise ArgumentError(
                f"other: got one of {other.model.name}; one of {self.model.name} is wanted"
            )
        self._added.extend(list(other._added))

    def result(self) -> FloatArray | None:
        """The template, (D,) float32 of unit norm; ``None`` where it is nothing yet.

        Raises:
            EngineError: the network failed, or its numbers cannot be used.
            ModelError: it does not give one number for each embedding.
        """
        if not any(map(len, self._added)):
            return None
        added = np.concatenate(self._added)
        rows = _core.conditional_rows(added, self._statistics)
        logits = self.engine.run(rows.reshape(*rows.shape, 1, 1))[self._output].ravel()
        if len(logits) != len(added):
            raise ModelError(
                f"{self.model.name}: gave {len(logits)} numbers for {len(added)} embeddings; one "
                "each is wanted of the output that its card's fuse names"
            )
        return _core.fuse_by_logits(added, logits)

    def __reduce__(
        self,
    ) -> tuple[Callable[[], ConditionalTemplate], tuple[()], dict[str, list[FloatArray]]]:
        return self._recipe, (), {"_added": self._added}
