"""Who the people of a stream are taken for: those who are there, and those who left."""

from __future__ import annotations

from collections.abc import Iterable

from rostro.faces import Faces
from rostro.gallery import Gallery
from rostro.types import FloatArray
from rostro.video.identity import IdentitySettings, Vote, settle
from rostro.video.tracker import Event

__all__ = ["Votes"]


class Votes:
    """The votes of everybody who was embedded, by id.

    Args:
        gallery: whose names are voted for; without one all votes are for nobody.
        threshold: from which similarity on a face is a person of the gallery, and two embeddings
            are one person's.
        settings: when names are announced.
        most_gone: of those who left, so many are remembered.

    Attributes:
        present: of who has not left.
    """

    def __init__(
        self,
        gallery: Gallery | None,
        threshold: float | None,
        settings: IdentitySettings,
        most_gone: int,
    ) -> None:
        self._gallery, self._threshold = gallery, threshold
        self._settings, self._most_gone = settings, most_gone
        self.present: dict[int, Vote] = {}
        self._gone: dict[int, Vote] = {}

    def get(self, id_: int) -> Vote | None:
        """Also of who left."""
        return self.present.get(id_) or self._gone.get(id_)

    def weigh(self, followed: Faces, taken: Iterable[tuple[int, float]], time: float) -> None:
        """Lets what was embedded vote for who it is like: rows, with their quality."""
        columns = followed.columns()
        for row, quality in taken:
            id_, embedding = int(columns["ids"][row]), columns["embeddings"][row]
            vote = self.present.setdefault(id_, Vote(len(embedding), self._threshold))
            vote.add(embedding, quality, self._match(embedding), time, quality)

    def recount(self, id_: int) -> None:
        """All votes of somebody are for whom the gallery takes their template for now."""
        vote = self.present.get(id_)
        template = None if vote is None else vote.template.result()
        if vote is not None and template is not None:
            vote.recount(self._match(template))

    def follow(self, happened: Iterable[Event]) -> None:
        """Who left is remembered, and who comes back has the old votes, of which it is told anew
        who that is."""
        for event in happened:
            if event.kind == "left" and event.id in self.present:
                self._gone[event.id] = self.present.pop(event.id)
            elif event.kind == "appeared" and event.id in self._gone:
                back = self.present[event.id] = self._gone.pop(event.id)
                back.name, back.announced_unknown = None, False
        while len(self._gone) > self._most_gone:
            del self._gone[next(iter(self._gone))]

    def restart(self) -> None:
        """A new stream, whose times begin anew."""
        for vote in (*self.present.values(), *self._gone.values()):
            vote.first, vote.last = None, float("-inf")

    def settled(self, time: float) -> list[Event]:
        """The names that are announced and withdrawn now."""
        changes = settle(self.present, self._settings)
        return [Event(kind, id_, time, name) for kind, id_, name in changes]

    def _match(self, embedding: FloatArray) -> str | None:
        if self._gallery is None or self._threshold is None:
            return None
        (match,) = self._gallery.identify(embedding, self._threshold)
        return None if match is None else match.name
