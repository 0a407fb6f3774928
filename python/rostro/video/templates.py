"""One template of many embeddings of a person, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rostro import _core
from rostro.errors import ArgumentTypeError
from rostro.support.arguments import check_integer, check_number, shown
from rostro.types import FloatArray

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ClusterTemplate", "MeanTemplate"]


class _Template:
    """What both have in common. The order of what is added changes nothing but rounding."""

    _task: _core.MeanTemplate | _core.ClusterTemplate

    def add(self, embeddings: FloatArray, weights: FloatArray | None = None) -> None:
        """Adds embeddings, all or, where one cannot be used, none.

        Args:
            embeddings: (N, D) float32.
            weights: (N,) float32, how good each is, 0 or more; by default 1.

        Raises:
            ArgumentError, ArgumentTypeError: not such arrays, or numbers that are not finite.
        """
        self._task.add(embeddings, weights)

    def merge(self, other: Self) -> None:
        """Adds all that was added to another one of the same kind.

        Raises:
            ArgumentError, ArgumentTypeError: another kind, length or other centers.
        """
        if type(other) is not type(self):
            raise ArgumentTypeError(f"other: got {shown(other)}; {type(self).__name__} is wanted")
        self._task.merge(other._task)  # type: ignore[arg-type]

    def result(self) -> FloatArray | None:
        """The template, (D,) float32 of unit norm; ``None`` where it is nothing yet."""
        return self._task.result()


class MeanTemplate(_Template):
    """The mean of embeddings, weighted by how good each is. One thread at a time.

    Args:
        dim: D, numbers of an embedding.

    Raises:
        ArgumentError, ArgumentTypeError: not such a number.
    """

    def __init__(self, dim: int) -> None:
        self._task: _core.MeanTemplate = _core.MeanTemplate(check_integer("dim", dim, 1))


class ClusterTemplate(_Template):
    """As many means as there are centers, among which each embedding is shared.

    By the softmax of its similarities to the centers, after Kim et al., "Cluster and aggregate:
    Face recognition with large probe set", 2022: so a hundred frames alike weigh no more than a
    few.
    Memory does not grow. One thread at a time.

    Args:
        centers: (M, D) float32.
        weights: (M,) float32, of the centers' means in the template; by default 1 each.
        sharpness: what similarities are multiplied by before their softmax.

    Raises:
        ArgumentError, ArgumentTypeError: not such arrays or numbers.
    """

    def __init__(
        self, centers: FloatArray, weights: FloatArray | None = None, sharpness: float = 10.0
    ) -> None:
        self._task: _core.ClusterTemplate = _core.ClusterTemplate(
            centers, weights, check_number("sharpness", sharpness)
        )

    @property
    def masses(self) -> list[float]:
        """The weight of what each center has."""
        return self._task.masses
