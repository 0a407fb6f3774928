"""A person before a camera, generated: the mean face of a mesh, a little altered, does as told.

Or a flat photo of this person, moved in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import rostro
from rostro.faces import Faces
from rostro.rotations import matrix_from_angles

CAMERA = rostro.Camera.assumed(640, 480)
IMAGE = np.zeros((480, 640, 3), np.uint8)
_EYES = ((159, 145), (386, 374))
_LIPS = (13, 14)
_TOLD = {
    "turn your head to your left": (30.0, 0.0, 1.0, 0.0),
    "turn your head to your right": (-30.0, 0.0, 1.0, 0.0),
    "lift your chin and look up": (0.0, 20.0, 1.0, 0.0),
    "blink with both eyes": (0.0, 0.0, 0.0, 0.0),
    "open your mouth": (0.0, 0.0, 1.0, 1.0),
    "look straight into the camera": (0.0, 0.0, 1.0, 0.0),
}


def person(seed: int) -> NDArray[np.float64]:
    """Sides that differ by 6 %, points by 4 mm, a nose that is longer or shorter."""
    random = np.random.default_rng(seed)
    face = rostro.mean_face("mesh478") * (1 + random.normal(0, 0.06, 3))
    moved: NDArray[np.float64] = face + random.normal(0, 0.004, face.shape)
    return moved


@dataclass
class Actor:
    """Attributes:
    flat: whether it is a photo of the person.
    noise: of the points, in pixels.
    frames: a second.
    told_poses: whether the poses are those of the turn, not what the points say.
    """

    seed: int = 0
    flat: bool = False
    noise: float = 0.5
    frames: float = 15.0
    distance: float = 0.5
    reaction: float = 0.4
    told_poses: bool = False
    blendshapes: bool = False
    ids: int | None = None
    time: float = 10.0
    now: NDArray[np.float64] = field(default_factory=lambda: np.array([0.0, 0.0, 1.0, 0.0]))

    def __post_init__(self) -> None:
        self._face = person(self.seed)
        self._random = np.random.default_rng(self.seed)
        self._heard: tuple[str | None, float] = (None, self.time)
        self._head_pose = rostro.HeadPose(camera=CAMERA)

    def face(self) -> Faces:
        """As it is now: yaw, pitch, and how far eyes and mouth are open."""
        yaw, pitch, eyes, mouth = self.now
        if self.flat:  # the person on it had open eyes and a shut mouth
            eyes, mouth = 1.0, 0.0
        face = self._face.copy()
        for above, below in _EYES:
            middle = (face[above] + face[below]) / 2
            half = np.array([0, 0.0041 * (0.15 + 0.85 * eyes), 0])
            face[above], face[below] = middle - half, middle + half
        upper, lower = _LIPS
        middle = (face[upper] + face[lower]) / 2
        half = np.array([0, 0.001 + 0.024 * mouth, 0])
        face[upper], face[lower] = middle - half, middle + half
        if self.flat:
            face[:, 2] = 0
        turned = matrix_from_angles(np.array([[yaw, pitch, 2.0]]))
        place = np.array([[0.02, -0.01, self.distance]])
        seen = rostro.project_points(face, turned, place, CAMERA)
        points = (seen + self._random.normal(0, self.noise, seen.shape)).astype(np.float32)
        box = np.array([[*points[0].min(0), *points[0].max(0)]], np.float32)
        found = Faces(box, np.ones(1, np.float32)).with_columns(points=points, scheme="mesh478")
        if self.ids is not None:
            found = found.with_columns(ids=np.array([self.ids]))
        if self.blendshapes:
            shapes = np.zeros((1, 52), np.float32)
            shapes[0, [9, 10]], shapes[0, 25] = 0.9 * (1 - eyes), 0.8 * mouth
            found = found.with_columns(attributes={"blendshapes": shapes})
        if self.told_poses:
            return found.with_columns(poses=np.array([[yaw, pitch, 2.0]], np.float32))
        return self._head_pose(IMAGE, found)

    def obey(self, instruction: str | None) -> None:
        """One frame on: it moves as it was told, after its reaction time, at a head's speed."""
        self.time += 1 / self.frames
        if instruction != self._heard[0]:
            self._heard = (instruction, self.time)
        waited = self.time - self._heard[1]
        if instruction is None or waited < self.reaction:
            return
        target = np.array(_TOLD[instruction])
        if target[2] == 0 and waited > self.reaction + 0.3:
            target[2] = 1.0  # eyes open again
        step = np.array([90.0, 60.0, 8.0, 6.0]) / self.frames
        self.now += np.clip(target - self.now, -step, step)


def play(
    challenge: rostro.LivenessChallenge, actor: Actor, seconds: float = 60.0
) -> rostro.ChallengeState:
    """The last state of an actor who does as it is told."""
    state = challenge.state
    end = actor.time + seconds
    while state.status == "pending" and actor.time < end:
        actor.obey(state.instruction)
        state = challenge(actor.face(), actor.time)
    return state
