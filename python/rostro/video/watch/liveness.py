"""Names are told of live faces alone: a photo held into the camera is nobody."""

from __future__ import annotations

from rostro.faces import Faces
from rostro.video.tracker import Event
from rostro.video.watch.people import WAITING, People, Person, predicted_of

__all__ = ["LiveGate"]

_FRAMES = 8
"""What one says counts an eighth: a single frame decides nothing."""
_FIRST = 3
"""Frames before anybody passes."""


class LiveGate:
    """Takes the names from people whose faces are not live, by the mean of their last frames.

    Args:
        threshold: of the stage that sets ``live``: from which mean on a face is live.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._looks: dict[int, int] = {}
        self.refused = 0

    def look(self, faces: Faces, people: People, events: list[Event], time: float) -> list[Event]:
        """What is to be told instead of ``events``: names when they may be told, and ``"refused"``
        of who turns out not to be live. After `People.look`."""
        if faces.ids is not None and faces.live is not None:
            for id_, live, predicted in zip(
                faces.ids.tolist(), faces.live.tolist(), predicted_of(faces), strict=True
            ):
                person = people.get(id_)
                if person is not None and not predicted:
                    self._count(person, live)
        told = [event for event in events if event.kind not in ("identified", "changed")]
        for person in people:
            told += self._judged(person, time)
        for event in told:
            if event.kind == "left":
                self._looks.pop(event.id, None)
        return told

    def _count(self, person: Person, live: float) -> None:
        looks = self._looks[person.id] = self._looks.get(person.id, 0) + 1
        before = live if person.live is None else person.live
        person.live = before + (live - before) / min(looks, _FRAMES)

    def _judged(self, person: Person, time: float) -> list[Event]:
        told, before = [], person.name
        was_refused = person.refused not in (None, WAITING)
        if person.live is None or self._looks.get(person.id, 0) < _FIRST:
            person.refused = WAITING
        elif person.live < self._threshold:
            person.refused = (
                f"not live ({person.live:.2f}; at least {self._threshold:.2f} is wanted)"
            )
            if not was_refused:
                self.refused += 1
                told.append(Event("refused", person.id, time))
        else:
            person.refused = None
        allowed = None if person.refused or person.identity is None else person.identity.name
        if allowed != before:
            # A name taken away with a refusal is told by that.
            if allowed is not None or not person.refused:
                kind = "identified" if before is None else "changed"
                told.append(Event(kind, person.id, time, allowed))
            person.name = allowed
        return told
