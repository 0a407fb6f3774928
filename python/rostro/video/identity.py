"""Who somebody is, by the votes of all that was seen: with hysteresis, and nobody twice."""

from __future__ import annotations

import dataclasses

from rostro import _core
from rostro.types import FloatArray
from rostro.video.agreement import Agreement
from rostro.video.enrolling import Candidate

__all__ = ["Identity", "IdentitySettings", "Vote"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class IdentitySettings:
    """When a name is announced and withdrawn.

    Attributes:
        announce_share: of the weight of all votes that a name must have (0.6), and
            ``announce_votes`` of them at least (2).
        withdraw_share: of all votes that contradict a name, for it to be withdrawn (0.7).
        unknown_votes: embeddings (3) over at least ``unknown_seconds`` (1) before somebody without
            a name is announced as unknown.
    """

    announce_share: float = 0.6
    announce_votes: int = 2
    withdraw_share: float = 0.7
    unknown_votes: int = 3
    unknown_seconds: float = 1.0


@dataclasses.dataclass(frozen=True)
class Identity:
    """Who somebody is taken for.

    Attributes:
        name: of the gallery, or ``None``.
        share: of the votes that are for this name, 0..1.
        votes: how many embeddings voted.
    """

    name: str | None
    share: float
    votes: int


class Vote:
    """What was seen of one person: the template of all embeddings, and the votes for names.

    Args:
        dim: of the embeddings.
        threshold: below which similarity they are of more than one person; ``None``: nobody asks.
    """

    def __init__(self, dim: int, threshold: float | None = None) -> None:
        self._threshold, self._agreement = threshold, Agreement()
        self.template = _core.MeanTemplate(dim)
        self.best = 0.0  # quality so far
        self.last = float("-inf")  # time of the last embedding
        self.first: float | None = None
        self.count = 0
        self.name: str | None = None
        self.announced_unknown = False
        self._weights: dict[str | None, float] = {}

    def add(
        self, embedding: FloatArray, weight: float, name: str | None, time: float, quality: float
    ) -> None:
        """An embedding, and who it is most like, ``None`` for nobody."""
        self.template.add(embedding[None], None)
        self._agreement.add(embedding)
        self._weights[name] = self._weights.get(name, 0.0) + weight
        self.best, self.last, self.count = max(self.best, quality), time, self.count + 1
        self.first = time if self.first is None else self.first

    def recount(self, name: str | None) -> None:
        """All votes are for this name."""
        self._weights = {name: sum(self._weights.values())}

    def share(self, name: str | None) -> float:
        total = sum(self._weights.values())
        return self._weights.get(name, 0.0) / total if total > 0 else 0.0

    def weight(self, name: str) -> float:
        return self._weights.get(name, 0.0)

    def wanted(self, settings: IdentitySettings) -> str | None:
        """The name that the votes give, as long as nobody else present has more for it."""
        leader = max(self._weights, key=lambda name: self._weights[name], default=None)
        if self.name is not None and 1 - self.share(self.name) < settings.withdraw_share:
            return self.name
        enough = self.count >= settings.announce_votes
        if leader is None or not enough or self.share(leader) < settings.announce_share:
            return None
        return leader

    def is_unknown(self, settings: IdentitySettings) -> bool:
        """Whether somebody without a name was seen for long enough to be announced."""
        seen = 0.0 if self.first is None else self.last - self.first
        return (
            self.name is None
            and not self.announced_unknown
            and self.count >= settings.unknown_votes
            and seen >= settings.unknown_seconds
        )

    def candidate(self) -> Candidate:
        mixed = self._threshold is not None and self._agreement.similarity() < self._threshold
        return Candidate(self.template.result(), self.count, self.name, mixed=mixed)

    def identity(self) -> Identity:
        return Identity(self.name, self.share(self.name) if self.name else 0.0, self.count)


def settle(votes: dict[int, Vote], settings: IdentitySettings) -> list[tuple[str, int, str | None]]:
    """Gives each of those who are present the name of their votes, a name to one of them alone: to
    who has most votes for it. What changed: ``"identified"``, ``"changed"`` or ``"unknown"``, the
    id and the name."""
    wanted = {id_: vote.wanted(settings) for id_, vote in votes.items()}
    holders: dict[str, int] = {}
    for id_, name in wanted.items():
        if name is None:
            continue
        other = holders.get(name)
        if other is None or votes[id_].weight(name) > votes[other].weight(name):
            holders[name] = id_
    happened: list[tuple[str, int, str | None]] = []
    for id_, vote in votes.items():
        name = wanted[id_]
        if name is not None and holders[name] != id_:
            name = None
        if name != vote.name:
            happened.append(("identified" if vote.name is None else "changed", id_, name))
            vote.name = name
        elif vote.is_unknown(settings):
            vote.announced_unknown = True
            happened.append(("unknown", id_, None))
    return happened
