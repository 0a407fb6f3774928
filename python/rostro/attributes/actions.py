"""What a person may be asked to do, and what a frame shows of it."""

from __future__ import annotations

import random as _random
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from rostro.attributes.gestures import Openings, openings_of
from rostro.errors import ArgumentError
from rostro.faces import Face, Faces, check_faces
from rostro.landmarks.landmarker import CERTAINTY, TRUSTED
from rostro.support.arguments import check_several, shown
from rostro.types import FloatArray

__all__ = [
    "ACTIONS",
    "ASKED",
    "SAID",
    "TURNS",
    "Action",
    "Seen",
    "actions_in",
    "check_actions",
    "draw",
    "row_of",
    "seen_in",
]

Action = Literal["turn left", "turn right", "look up", "blink", "open the mouth"]
ACTIONS: tuple[Action, ...] = get_args(Action)
TURNS = ("turn left", "turn right")

ASKED = {
    "turn left": "turn your head to your left",
    "turn right": "turn your head to your right",
    "look up": "lift your chin and look up",
    "blink": "blink with both eyes",
    "open the mouth": "open your mouth",
}
SAID = {
    "turn left": "a turn to the left",
    "turn right": "a turn to the right",
    "look up": "a look up",
    "blink": "a blink",
    "open the mouth": "an open mouth",
}
_AHEAD = 15.0  # degrees of yaw and pitch
_TURN, _LIFT = 20.0, 12.0  # degrees
_POINTS = 20  # fewer do not tell a head from a plane
# Of a mouth, see gestures.py: smiles reach 0.4, those of LFW's photos are below 0.45 in 19 of 20.
_SHUT, _OPEN = 0.45, 0.7


class Seen(NamedTuple):
    """What a frame shows of the face; yaw is positive to the person's left."""

    yaw: float
    pitch: float
    openings: Openings
    points: FloatArray

    @property
    def ahead(self) -> bool:
        return (
            abs(self.yaw) <= _AHEAD
            and abs(self.pitch) <= _AHEAD
            and self.openings.eyes > 0.4
            and self.openings.mouth < _SHUT
        )


def row_of(face: Face | Faces | None) -> Faces | None:
    """A table of one face; ``None`` where nobody is there."""
    if face is None:
        return None
    faces = face.table() if isinstance(face, Face) else check_faces("face", face)
    if len(faces) > 1:
        raise ArgumentError(f"face: got {len(faces)} faces; the one that is asked is wanted")
    return faces if len(faces) else None


def seen_in(face: Faces, mirrored: bool) -> Seen | None:
    """What a table of one face shows; ``None`` where its points mean nothing.

    Raises:
        ArgumentError: it has not what is wanted for it.
    """
    if face.poses is None or face.points is None or face.points.shape[1] < _POINTS:
        raise ArgumentError(
            f"face: got one without poses and {_POINTS} or more points; a Landmarker and a "
            "HeadPose are wanted before"
        )
    yaw, pitch, _ = face.poses[0].tolist()
    points: FloatArray = np.ascontiguousarray(face.points[0, :, :2])
    if not (np.isfinite(points).all() and np.isfinite([yaw, pitch]).all()):
        raise ArgumentError("face: got numbers that are not finite; those of a face are wanted")
    openings = openings_of(face)
    certainty = (face.attributes or {}).get(CERTAINTY)
    if certainty is not None and not (certainty.dtype.kind == "f" and certainty.shape == (1,)):
        raise ArgumentError(f"face: got a certainty of {shown(certainty)}; one float is wanted")
    if certainty is not None and certainty[0] < TRUSTED:
        return None
    return Seen(-yaw if mirrored else yaw, pitch, openings, points)


def actions_in(seen: Seen, front: Seen) -> set[Action]:
    """Which actions a frame shows; a blink takes several."""
    found: set[Action] = set()
    turned = seen.yaw - front.yaw
    if abs(turned) > _TURN:
        found.add("turn left" if turned > 0 else "turn right")
    if seen.pitch - front.pitch > _LIFT:
        found.add("look up")
    if seen.openings.mouth > _OPEN:
        found.add("open the mouth")
    return found


def check_actions(actions: Sequence[Action]) -> list[Action]:
    wanted = f"some of {', '.join(ACTIONS)}, a turn among them,"
    found = check_several("actions", actions, wanted)
    for action in found:
        if not isinstance(action, str) or action not in ACTIONS:
            raise ArgumentError(f"actions: got {shown(action)}; {wanted} are wanted")
    if not set(found) & set(TURNS):
        raise ArgumentError(f"actions: got no turn; {wanted} are wanted")
    return found


def draw(actions: list[Action], steps: int, random: _random.Random) -> tuple[Action, ...]:
    """Any actions in any order, but at least one turn."""
    drawn = [random.choice(actions) for _ in range(steps)]
    if not set(drawn) & set(TURNS):
        turns = [action for action in actions if action in TURNS]
        drawn[random.randrange(steps)] = random.choice(turns)
    return tuple(drawn)
