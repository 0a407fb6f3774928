"""Challenges, on generated persons and photos of them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.faces import Faces
from tests.support.actor import CAMERA, Actor, play

EVERY = ("turn left", "turn right", "look up", "blink", "open the mouth")


def asked(*actions: Any, **settings: Any) -> rostro.LivenessChallenge:
    """A challenge that asks for these actions."""
    challenge = rostro.LivenessChallenge(CAMERA, steps=len(actions), **settings)
    challenge.drawn = actions
    return challenge


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("blendshapes", [False, True])
def test_whoever_does_as_told_passes(seed: int, blendshapes: bool) -> None:
    actor = Actor(seed=seed, blendshapes=blendshapes, ids=7)
    state = play(asked(*EVERY), actor)
    assert (state.status, state.reason, state.instruction) == ("passed", None, None)
    assert state.step == state.steps == 5


def test_a_photo_that_is_turned_fails() -> None:
    for seed in range(4):
        for told in (True, False):
            actor = Actor(seed=seed, flat=True, told_poses=told)
            state = play(asked("turn left"), actor)
            assert state.status == "failed", (seed, told)
            if told:  # even where a network takes it for a turned head
                assert state.reason == "the points of the face moved as those of a flat picture do"


def test_a_photo_neither_blinks_nor_opens_its_mouth() -> None:
    for action in ("blink", "open the mouth"):
        state = play(asked(action), Actor(flat=True, told_poses=True))
        assert state.status == "failed"
        assert state.reason is not None and state.reason.startswith("it was not seen in 8 s: ")


def test_what_is_done_unasked_does_not_count() -> None:
    """A recording that turns, blinks and opens its mouth before it is asked, and then rests."""
    challenge, actor = asked("open the mouth"), Actor()
    for instruction in ("open your mouth", "look straight into the camera"):
        for _ in range(20):
            actor.obey(instruction)
            state = challenge(actor.face(), actor.time)
    assert state.step == 0 and state.instruction == "open your mouth"
    # One that begins in the moment of being asked had not heard it.
    challenge, actor = asked("open the mouth"), Actor(reaction=0.0, frames=30)
    while challenge.state.instruction != "open your mouth":
        actor.obey("look straight into the camera")
        challenge(actor.face(), actor.time)
    actor.now[3] = 1.0
    for _ in range(90):
        actor.obey("open your mouth")
        state = challenge(actor.face(), actor.time)
    assert state.status == "pending" and state.step == 0
    actor.obey("look straight into the camera")
    assert play(challenge, Actor(time=actor.time)).status == "passed"  # once it was shut again


def test_it_begins_with_a_face_that_looks_ahead() -> None:
    challenge, actor = asked("turn left"), Actor()
    actor.now[0] = 30
    for _ in range(30):
        actor.time += 1 / 15
        state = challenge(actor.face(), actor.time)
    assert state.instruction == "look straight into the camera" and state.step == 0


def test_another_answer_fails() -> None:
    challenge, actor = asked("turn left"), Actor()
    state = challenge.state
    while state.status == "pending":
        wrong = state.instruction and state.instruction.replace("your left", "your right")
        actor.obey(wrong)
        state = challenge(actor.face(), actor.time)
    assert state.reason == "the answer was a turn to the right: turn your head to your left"
    assert challenge(None, actor.time + 1) == state  # it stays so
    assert play(asked("turn left", mirrored=True), Actor()).status == "failed"


def test_time_outs_and_faces_that_come_and_go() -> None:
    def waits(**changed: Any) -> tuple[rostro.LivenessChallenge, Actor]:
        challenge, actor = asked("turn left", **changed), Actor(ids=1)
        for _ in range(10):
            actor.obey("look straight into the camera")
            assert challenge(actor.face(), actor.time).status == "pending"
        return challenge, actor

    challenge, actor = waits(step_seconds=2)
    assert challenge.state.instruction == "turn your head to your left"
    state = challenge(actor.face(), actor.time + 0.9)
    state = challenge(actor.face(), actor.time + 1.8)
    state = challenge(actor.face(), actor.time + 2.5)
    assert state.reason == "it was not seen in 2 s: turn your head to your left"
    challenge, actor = waits()
    assert challenge(None, actor.time + 0.5).status == "pending"
    assert challenge(actor.face()[:0], actor.time + 1.1).reason == "the face was out of sight"
    challenge, actor = waits()
    assert challenge(actor.face(), actor.time + 1.1).reason == "the face was out of sight"
    challenge, actor = waits()
    actor.ids = 2
    assert challenge(actor.face(), actor.time + 0.1).reason == "another face took its place"
    challenge, actor = waits()
    actor.now[0] = 40  # a photo of the turned person is put there
    state = challenge(actor.face(), actor.time + 0.1)
    assert state.reason == "the face jumped from one position to another"
    challenge, actor = waits()
    actor.now[0] = 25  # the same, of one that is turned less
    state = challenge(actor.face(), actor.time + 0.3)
    assert state.reason == "the face jumped from one position to another"
    nobody = asked("blink")
    assert nobody(None, 0).status == "pending"
    assert nobody(None, 9).reason == "it was not seen in 8 s: look straight into the camera"


def test_points_that_cannot_be_trusted_are_nobodys() -> None:
    challenge, actor = asked("blink"), Actor()
    doubtful = actor.face().with_columns(attributes={"certainty": np.zeros(1, np.float32)})
    for k in range(20):
        state = challenge(doubtful, 1 + k / 15)
    assert state.instruction == "look straight into the camera"


def test_the_draw_is_anybodys_guess_or_a_seeds() -> None:
    def drawn(**settings: Any) -> tuple[str, ...]:
        return rostro.LivenessChallenge(CAMERA, **settings).drawn

    assert len({drawn(steps=5) for _ in range(50)}) > 40
    assert drawn(random=random.Random(3)) == drawn(random=random.Random(3))
    for _ in range(200):
        assert set(drawn(steps=2)) & {"turn left", "turn right"}
        assert set(drawn(actions=["blink", "turn left"])) <= {"blink", "turn left"}


def test_what_it_cannot_work_with_is_refused() -> None:
    for wrong, what in [
        ({"actions": ["blink"]}, "actions: got no turn"),
        ({"actions": ["dance", "turn left"]}, "actions: got 'dance'; some of turn left"),
        ({"actions": []}, "actions: got no turn"),
        ({"steps": 0}, "steps: got 0"),
        ({"step_seconds": 0.5}, "step_seconds: got 0.5; 1 to 3600"),
    ]:
        with pytest.raises(ArgumentError, match=what):
            rostro.LivenessChallenge(CAMERA, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="random: got 3"):
        rostro.LivenessChallenge(CAMERA, random=3)  # type: ignore[arg-type]
    challenge, face = asked("turn left"), Actor().face()
    bare = Faces(face.boxes, face.scores)
    with pytest.raises(ArgumentError, match="face: got one without poses and 20 or more points"):
        challenge(bare, 1)
    with pytest.raises(ArgumentError, match="face: got 2 faces; the one that is asked is wanted"):
        challenge(face[[0, 0]], 1)
    assert challenge(face[0], 2).status == "pending"
    with pytest.raises(ArgumentError, match=r"time: got 2\.0; seconds, more than 2\.0, are wanted"):
        challenge(face, 2)
    other = face.with_columns(points=face.points, scheme="mesh468x")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="face: got points of 'mesh468x'; 'mesh478' is wanted"):
        challenge(other, 3)
    shapes = face.with_columns(attributes={"blendshapes": np.zeros((1, 51), np.float32)})
    with pytest.raises(
        ArgumentError, match=r"blendshapes, float32 array of shape \(1, 51\); MediaPipe"
    ):
        challenge(shapes, 3)
    assert challenge(face, 3).status == "pending"
