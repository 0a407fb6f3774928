"""Votes for names, and what is worth an embedding."""

from __future__ import annotations

import numpy as np

import rostro
from rostro.video.evidence import EvidencePlan
from rostro.video.identity import IdentitySettings, Vote, settle
from rostro.video.tracker import Predicted

SETTINGS = IdentitySettings()
EMBEDDING = np.array([1, 0], np.float32)


def voted(*names: str | None, weight: float = 0.5) -> Vote:
    vote = Vote(2)
    for index, name in enumerate(names):
        vote.add(EMBEDDING, weight, name, float(index), weight)
    return vote


def test_a_name_is_told_from_the_second_vote_on() -> None:
    votes = {1: voted("ann")}
    assert settle(votes, SETTINGS) == []
    votes[1].add(EMBEDDING, 0.5, "ann", 2, 0.5)
    assert settle(votes, SETTINGS) == [("identified", 1, "ann")]
    assert settle(votes, SETTINGS) == []


def test_a_name_stays_until_most_contradict_it() -> None:
    votes = {1: voted("ann", "ann")}
    settle(votes, SETTINGS)
    for time in range(3):
        votes[1].add(EMBEDDING, 0.5, None, 3.0 + time, 0.5)
        assert settle(votes, SETTINGS) == []
    for time in range(10):
        votes[1].add(EMBEDDING, 0.5, "bob", 6.0 + time, 0.5)
    assert settle(votes, SETTINGS) == [("changed", 1, "bob")]


def test_two_who_are_there_are_never_one_person() -> None:
    votes = {1: voted("ann", "ann"), 2: voted("ann", "ann", "ann")}
    assert settle(votes, SETTINGS) == [("identified", 2, "ann")]
    votes[1] = voted(*["ann"] * 9)
    assert settle(votes, SETTINGS) == [("identified", 1, "ann"), ("changed", 2, None)]


def test_somebody_unknown_is_told_once_and_may_be_named_later() -> None:
    votes = {1: voted(None, None)}
    assert settle(votes, SETTINGS) == []
    votes[1].add(EMBEDDING, 0.5, None, 2, 0.5)
    assert settle(votes, SETTINGS) == [("unknown", 1, None)]
    assert settle(votes, SETTINGS) == []
    for _ in range(9):
        votes[1].add(EMBEDDING, 0.5, "ann", 3, 0.5)
    assert settle(votes, SETTINGS) == [("identified", 1, "ann")]


def table(side: float) -> rostro.Faces:
    return rostro.Faces(np.array([[0, 0, side, side]], np.float32), np.ones(1, np.float32))


def test_a_face_is_embedded_when_it_is_new_or_better() -> None:
    plan, votes = EvidencePlan(), dict[int, Vote]()
    nobody = Predicted(np.empty(0, np.int64), np.empty((0, 4), np.float32), np.empty(0))
    plan.look(table(50), nobody, votes, 0)
    assert plan.new == [0]
    plan.embedded([0], EMBEDDING[None])
    assert plan.taken(np.array([-1])) == []
    plan.look(table(50), nobody, votes, 0.1)  # it still has no id: the embedding has waited
    assert plan.new == [] and plan.embeddings(2) is not None
    ((_, quality),) = plan.taken(np.array([1]))
    votes[1] = voted(None, None, None, weight=quality)
    expected = Predicted(np.array([1]), table(50).boxes, np.zeros(1))
    for side, time, wanted in ((50, 2.1, []), (52, 2.1, []), (65, 2.1, [0]), (50, 5.1, [0])):
        plan.look(table(side), expected, votes, time)
        assert (plan.new, plan.better) == ([], wanted)
