"""Active liveness: a person is asked to do what no picture of a person can do."""

from __future__ import annotations

import random as _random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rostro.attributes.actions import (
    ACTIONS,
    ASKED,
    SAID,
    TURNS,
    Action,
    Seen,
    actions_in,
    check_actions,
    draw,
    row_of,
    seen_in,
)
from rostro.attributes.relief import body_of, head_error, plane_error
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Face, Faces
from rostro.kernels.pose import Camera, mean_face, numbers_of
from rostro.support.arguments import (
    check_flag,
    check_integer,
    check_number,
    shown,
)
from rostro.types import FloatArray

__all__ = ["ChallengeState", "LivenessChallenge"]

_LOOK_AHEAD = "look straight into the camera"

_HOLD = 0.4  # seconds that a face looks ahead before something is asked of it
_REACTION = 0.15  # seconds; whatever begins sooner was not an answer
_GAP = 1.0  # seconds without a face in which another one could have been put there
_ON_THE_WAY = 4.0  # degrees
_JUMP = 30.0  # degrees from one frame to the next, which no head does
_JUDGED = 3  # turned frames by which a head is told from a picture
# Of 540 generated turns of 18 to 30 degrees at 0.35 to 1 m, of heads and of flat pictures each, the
# errors as a head were at most 0.83 and at least 1.02 of those as a plane
# (tests/attributes/test_relief.py prints them).
_HEAD = 0.92


@dataclass(frozen=True, slots=True)
class ChallengeState:
    """How far a challenge has come.

    Attributes:
        status: ``"pending"``, ``"passed"`` or ``"failed"``; the last two are final.
        instruction: what to tell the person now; ``None`` once it is over.
        reason: why it failed, in a sentence.
        step, steps: actions done, and how many there are.
    """

    status: Literal["pending", "passed", "failed"]
    instruction: str | None
    reason: str | None
    step: int
    steps: int


class LivenessChallenge:
    """Asks for actions drawn at random, one after the other, and judges frames of a camera by them.

    Before each action the face must look ahead, so that what was done before does not count. At
    least one of the actions is a turn of the head, in which the points of a flat picture give it
    away. It is of use once: make a new one for each attempt. Not thread-safe.

    Args:
        camera: of the frames; `Camera.assumed` of their size where it is not known.
        actions: to draw from, some of `ACTIONS`, a turn among them.
        steps: how many are asked for.
        step_seconds: for each action, and for each time the face has to look ahead.
        mirrored: whether frames show the person as a mirror does.
        random: the source of the draw; ``None``: the operating system's, which nobody foresees.

    Attributes:
        drawn: the actions that will be asked for. Do not show them before their time.

    Raises:
        ArgumentError, ArgumentTypeError: not such arguments.
    """

    def __init__(
        self,
        camera: Camera,
        *,
        actions: Sequence[Action] = ACTIONS,
        steps: int = 3,
        step_seconds: float = 8.0,
        mirrored: bool = False,
        random: _random.Random | None = None,
    ) -> None:
        numbers_of(camera)  # refuses what is no camera
        self._camera = camera
        self._mirrored = check_flag("mirrored", mirrored)
        self._steps = check_integer("steps", steps, 1, 20)
        self._seconds = check_number("step_seconds", step_seconds)
        if not 1 <= self._seconds <= 3600:
            raise ArgumentError(f"step_seconds: got {self._seconds}; 1 to 3600 is wanted")
        if random is None:
            random = _random.SystemRandom()
        elif not isinstance(random, _random.Random):
            raise ArgumentTypeError(f"random: got {shown(random)}; a random.Random is wanted")
        self.drawn = draw(check_actions(actions), self._steps, random)
        self._done = 0
        self._action: Action | None = None  # that is asked for now
        self._since: float | None = None  # when it, or to look ahead, was asked
        self._held: float | None = None  # since when the face looks ahead
        self._ready = False  # whether it looked ahead since the action was asked, for long enough
        self._closed = False  # the eyes, since a blink was asked for
        self._on_the_way = False  # whether a frame between ahead and turned was seen
        self._front: Seen | None = None
        self._turned: list[FloatArray] = []
        self._last: tuple[float, Seen] | None = None
        self._time: float | None = None
        self._id: int | None = None
        self._scheme: str | None = None
        self._over: ChallengeState | None = None

    @property
    def state(self) -> ChallengeState:
        """As the last frame left it."""
        if self._over is not None:
            return self._over
        instruction = _LOOK_AHEAD if self._action is None else ASKED[self._action]
        return ChallengeState("pending", instruction, None, self._done, self._steps)

    def __call__(self, face: Face | Faces | None, time: float) -> ChallengeState:
        """The state after one more frame.

        Args:
            face: of the frame, or a table of one: with ``poses``, ``points`` of a scheme with lids
                and lips, and the attribute ``"blendshapes"`` where there is one, which is taken for
                MediaPipe's 52. ``None``, or an empty table: nobody is there.
            time: of the frame in seconds, later than the one before.

        Raises:
            ArgumentError, ArgumentTypeError: no such face, several of them, or a time that does not
                go on. The state is as before.
        """
        time = check_number("time", time)
        if not np.isfinite(time) or (self._time is not None and time <= self._time):
            raise ArgumentError(f"time: got {time}; seconds, more than {self._time}, are wanted")
        found = row_of(face)
        seen = None if found is None else seen_in(self._checked(found), self._mirrored)
        if self._over is not None:
            return self._over
        self._time = time
        if self._since is None:
            self._since = time
        if time - self._since > self._seconds:
            return self._fail(f"it was not seen in {self._seconds:g} s: {self.state.instruction}")
        if found is None or seen is None:
            if self._last is not None and time - self._last[0] > _GAP:
                return self._fail("the face was out of sight")
            return self.state
        if (lost := self._lost(time, found, seen)) is not None:
            return self._fail(lost)
        self._last = (time, seen)
        if self._action is None or self._front is None:
            return self._look_ahead(time, seen)
        return self._judge(self._action, time - self._since, seen, self._front)

    def _checked(self, face: Faces) -> Faces:
        """With points of the scheme that the first one had."""
        if face.points is None:
            return face  # which is refused where it is read
        if self._scheme is None:
            mean_face(face.scheme or "")  # refuses a scheme without one
            self._scheme = face.scheme
        elif face.scheme != self._scheme:
            raise ArgumentError(f"face: got points of {face.scheme!r}; {self._scheme!r} is wanted")
        return face

    def _lost(self, time: float, face: Faces, seen: Seen) -> str | None:
        """Why this cannot be the face of the frame before."""
        which = None if face.ids is None else int(face.ids[0])
        before, self._id = self._id, which
        if self._last is None:
            return None
        if which != before:
            return "another face took its place"
        then, last = self._last
        if time - then > _GAP:
            return "the face was out of sight"
        if max(abs(seen.yaw - last.yaw), abs(seen.pitch - last.pitch)) > _JUMP:
            return "the face jumped from one position to another"
        return None

    def _look_ahead(self, time: float, seen: Seen) -> ChallengeState:
        if not seen.ahead:
            self._held = None
            return self.state
        self._held = time if self._held is None else self._held
        if time - self._held >= _HOLD:
            self._action, self._since, self._front = self.drawn[self._done], time, seen
            self._ready, self._closed, self._on_the_way, self._turned = True, False, False, []
        return self.state

    def _judge(self, action: Action, waited: float, seen: Seen, front: Seen) -> ChallengeState:
        # What begins sooner than anybody can answer has to begin anew.
        self._ready = seen.ahead if waited < _REACTION or not self._ready else True
        if waited < _REACTION or not self._ready:
            return self.state
        shown = actions_in(seen, front)
        if wrong := shown - {action, "look up"}:
            return self._fail(f"the answer was {SAID[wrong.pop()]}: {ASKED[action]}")
        if action == "blink":
            closed = seen.openings.eyes < 0.5 * front.openings.eyes
            done = self._closed and seen.openings.eyes > 0.75 * front.openings.eyes
            self._closed = self._closed or closed
            return self._next() if done else self.state
        if action not in shown:
            turned = abs(seen.yaw - front.yaw)
            self._on_the_way = self._on_the_way or turned > _ON_THE_WAY
            return self.state
        if action not in TURNS:
            return self._next()
        if not self._on_the_way:  # two photos, one of the face and one of it turned, show none
            return self._fail("the face jumped from one position to another")
        self._turned.append(seen.points)
        if len(self._turned) < _JUDGED:
            return self.state
        if self._is_flat(front.points):
            return self._fail("the points of the face moved as those of a flat picture do")
        return self._next()

    def _is_flat(self, front: FloatArray) -> bool:
        body = body_of(front, self._scheme or "", self._camera)
        head = [head_error(body, points, self._camera) for points in self._turned]
        plane = [plane_error(front, points) for points in self._turned]
        return not (
            np.isfinite(plane).all() and np.linalg.norm(head) < _HEAD * np.linalg.norm(plane)
        )

    def _next(self) -> ChallengeState:
        self._done += 1
        self._since, self._action, self._held = self._time, None, None
        if self._done == self._steps:
            self._over = ChallengeState("passed", None, None, self._done, self._steps)
        return self.state

    def _fail(self, reason: str) -> ChallengeState:
        self._over = ChallengeState("failed", None, reason, self._done, self._steps)
        return self._over
