"""Who is there: what each frame and each event says of the people of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rostro.faces import Faces
from rostro.types import FloatArray
from rostro.video.identity import Identity
from rostro.video.tracker import Event

__all__ = ["WAITING", "People", "Person", "predicted_of"]

WAITING = "not known yet whether live"
"""Why the face of somebody new is refused, where only live ones have names."""
_LONGEST = 24
"""Characters of a caption."""


class Person:
    """Somebody who has not left.

    Attributes:
        id: of the tracker.
        since: time of the stream, seconds.
        here: whether the face is seen, or was not lost yet.
        unknown: whether it was announced that nobody of the gallery is this.
        box: where the face was seen last, (4,) float32; ``None`` before that.
        identity: who this is taken for; ``None`` before the first embedding.
        name: that is told; not that of ``identity`` where the face is refused.
        live: the mean probability that the face is a live one, ``None`` where nobody asked.
        refused: why the face may not be matched, ``None``: it may.
    """

    __slots__ = (
        *("id", "since", "here", "unknown", "box"),
        *("identity", "name", "live", "refused"),
    )

    def __init__(self, id_: int, since: float) -> None:
        self.id = id_
        self.since = since
        self.here = True
        self.unknown = False
        self.box: FloatArray | None = None
        self.identity: Identity | None = None
        self.name: str | None = None
        self.live: float | None = None
        self.refused: str | None = None

    @property
    def caption(self) -> str:
        """For drawings and lines; a long name is cut, for it is to hide no other face."""
        if self.refused not in (None, WAITING):
            return f"#{self.id} not live"
        if self.name is None:
            return f"#{self.id}"
        return self.name if len(self.name) <= _LONGEST else self.name[: _LONGEST - 3] + "..."


class People:
    """All who have not left, by id. One thread at a time."""

    def __init__(self) -> None:
        self._people: dict[int, Person] = {}
        self.seen = 0

    def __len__(self) -> int:
        return len(self._people)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people.values())

    def get(self, id_: int) -> Person | None:
        return self._people.get(id_)

    def look(self, faces: Faces, events: Iterable[Event], names: Mapping[int, Identity]) -> None:
        """The faces of a frame, what happened in it, and who they are taken for. Who left is there
        until `forget`, for what is to be told of them."""
        for event in events:
            person = self._people.get(event.id)
            if person is None:
                person = self._people[event.id] = Person(event.id, event.time)
                self.seen += event.kind == "appeared"
            if event.kind in ("appeared", "found"):
                person.here = True
            elif event.kind in ("lost", "left"):
                person.here = False
            elif event.kind == "unknown":
                person.unknown = True
        if faces.ids is not None:
            for row, id_ in enumerate(faces.ids.tolist()):
                person = self._people.get(id_)
                if person is not None:
                    person.box = faces.boxes[row]
        for person in self._people.values():
            person.identity = names.get(person.id, person.identity)

    def take_names(self) -> None:
        """Everybody's name is told."""
        for person in self._people.values():
            if person.identity is not None:
                person.name = person.identity.name

    def forget(self, events: Iterable[Event]) -> None:
        """Those who left."""
        for event in events:
            if event.kind == "left":
                self._people.pop(event.id, None)

    def votes(self) -> dict[int, int]:
        """How many embeddings there are of each."""
        return {
            person.id: 0 if person.identity is None else person.identity.votes for person in self
        }

    def captions(self, faces: Faces) -> list[str]:
        """A line for each face."""
        if faces.ids is None:
            return [""] * len(faces)
        people = map(self._people.get, faces.ids.tolist())
        return ["" if person is None else person.caption for person in people]


def predicted_of(faces: Faces) -> list[bool]:
    """Of each face, whether it was not seen in this frame."""
    found = (faces.attributes or {}).get("predicted")
    return [False] * len(faces) if found is None else [bool(one) for one in found.tolist()]
