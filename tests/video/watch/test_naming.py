"""Who is enrolled from a stream, and why others are not."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import rostro
from rostro.errors import EnrollmentError
from rostro.types import FloatArray, Image
from rostro.video import Event, Identity
from rostro.video.enrolling import Candidate, enroll, reasons_against
from rostro.video.shots import BestShots
from rostro.video.watch.naming import Errands
from rostro.video.watch.people import People
from tests.support.there import there


def template(at: int) -> FloatArray:
    unit: FloatArray = np.zeros(16, np.float32)
    unit[at] = 1
    return unit


def somebody(at: int = 0, **other: object) -> Candidate:
    return Candidate(template(at), 3)._replace(**other)  # type: ignore[arg-type]


@pytest.fixture
def gallery() -> rostro.Gallery:
    gallery = rostro.Gallery(16)
    gallery.add(["Ada", "Bob"], np.stack([template(0), template(1)]))
    return gallery


@pytest.mark.parametrize(
    ("candidate", "name", "why"),
    [
        (None, "Eve", "has left"),
        (somebody(2, template=None), "Eve", "not seen well enough"),
        (somebody(2), " ", "name of a person is wanted"),
        (somebody(2, refused="not live (0.10)"), "Eve", "refused: not live (0.10)"),
        (somebody(2, name="Ada"), "Eve", "This is Ada already."),
        (somebody(2, votes=1), "Eve", "Only 1 good looks"),
        (somebody(2, why=["it is dark"]), "Eve", "It is dark."),
        (somebody(0), "Eve", "too much like Ada's"),
        (somebody(2), "Bob", "has a Bob already, who looks different"),
        (somebody(0, enrolled="Bob"), "Eve", "too much like Ada's"),
    ],
)
def test_who_is_refused(
    candidate: Candidate | None, name: str, why: str, gallery: rostro.Gallery
) -> None:
    (reason,) = reasons_against(candidate, name, gallery, 0.4)
    assert why.lower() in reason.lower()


@pytest.mark.parametrize(
    ("candidate", "name"),
    [
        (somebody(2), "Eve"),
        (somebody(0), "Ada"),
        (somebody(1, enrolled="Bob", name="Bob"), "Eve"),  # a provisional name
    ],
)
def test_who_is_not(candidate: Candidate, name: str, gallery: rostro.Gallery) -> None:
    assert reasons_against(candidate, name, gallery, 0.4) == []


def test_who_is_all_the_same(gallery: rostro.Gallery) -> None:
    dark = somebody(0, why=["it is dark"], votes=1)
    assert reasons_against(dark, "Bob", gallery, 0.4, force=True) == []
    assert reasons_against(dark, " ", gallery, 0.4, force=True)


def test_a_provisional_name_is_renamed(gallery: rostro.Gallery) -> None:
    enroll(somebody(1, enrolled="Bob"), "Eve", gallery, 0.4)
    assert gallery.counts() == {"Ada": 1, "Eve": 1}
    # One who turns out to be known already.
    enroll(somebody(1, enrolled="Eve"), "Ada", gallery, 0.4, force=True)
    assert gallery.counts() == {"Ada": 2}
    with pytest.raises(EnrollmentError, match="too much like Ada") as refused:
        enroll(somebody(0), "Bob", gallery, 0.4)
    assert refused.value.reasons == [str(refused.value)]


def test_errands_are_run_between_frames() -> None:
    errands, found = Errands(), list[int]()
    asking = threading.Thread(target=lambda: found.append(errands.ask(lambda: 7)))
    asking.start()
    while asking.is_alive():
        errands.run()
    assert found == [7]


def test_who_is_not_served_in_time_is_told() -> None:
    errands, done = Errands(), list[int]()
    with pytest.raises(TimeoutError, match="no frame"):
        errands.ask(lambda: done.append(1), patience=0.01)
    errands.run()
    assert done == []  # nobody waits for it any more


def test_an_errand_that_fails_is_told_to_who_asked() -> None:
    errands, found = Errands(), list[Exception]()

    def ask() -> None:
        try:
            errands.ask(lambda: 1 / 0)
        except ZeroDivisionError as error:
            found.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive():
        errands.run()
    assert len(found) == 1


def test_the_best_shot_is_kept(photo: Image) -> None:
    """A dark one, the good one, a dark one again; only in frames in which votes grew."""
    table = rostro.Faces(
        np.array([[75, 60, 170, 180]], np.float32),
        np.array([0.9], np.float32),
        np.array([[[101, 101], [141, 99], [124, 123], [107, 143], [140, 142]]], np.float32),
        ids=np.array([1]),
    )
    people, shots = People(), BestShots()
    people.look(table, [Event("appeared", 1, 0.0)], {})
    for votes, image in enumerate((photo // 8, photo, photo // 8)):
        people.look(table, [], {1: Identity(None, 0.0, votes + 1)})
        shots.look(np.ascontiguousarray(image), table, people.votes())
    shot = there(shots.get(1))
    assert np.array_equal(shot.crop, photo[30:210, 32:212])
    people.forget([Event("left", 1, 1.0)])
    shots.look(photo, table, people.votes())
    assert shots.get(1) is None
