"""Ids that last, from Python; what tracking does is tested in cpp/tests/track and test_streams."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.video import Event, Tracker, TrackerSettings
from rostro.video.tracker import MOST_EVENTS


def faces(*lefts: float) -> rostro.Faces:
    boxes = np.array([[x, 50, x + 40, 100] for x in lefts], np.float32).reshape(-1, 4)
    return rostro.Faces(boxes, np.full(len(lefts), 0.9, np.float32))


def test_ids_are_a_column_and_what_happens_is_told() -> None:
    tracker = Tracker()
    first, second = tracker(faces(10, 200), 0.0), tracker(faces(202, 11), 0.1)
    assert first.ids is not None and first.ids.tolist() == [-1, -1]
    assert second.ids is not None and second.ids.dtype == np.int64
    assert second[0].id == 2 and second[1].id == 1
    assert tracker.events() == [Event("appeared", 1, 0.1), Event("appeared", 2, 0.1)]
    assert tracker.events() == []
    tracker(faces(), 0.5)
    tracker(faces(), 5)
    assert [event.kind for event in tracker.events()] == ["lost", "lost", "left", "left"]


def test_other_columns_stay_and_the_given_table_does_not_change() -> None:
    given = faces(10).with_columns(norms=np.ones(1, np.float32))
    made = Tracker(TrackerSettings(smooth=True))(given, 0)
    assert made.columns().keys() == {"boxes", "scores", "norms", "ids"}
    assert given.ids is None and made.boxes is not given.boxes


def test_where_faces_are_expected() -> None:
    tracker = Tracker()
    for frame in range(30):
        tracker(faces(10 + 3 * frame), frame / 30)
    expected = tracker.predict(1.5)
    assert expected.ids.tolist() == [1]
    assert expected.boxes[0, 0] == pytest.approx(10 + 3 * 45, abs=2)
    assert expected.unseen[0] == pytest.approx(1.5 - 29 / 30)


def test_events_that_nobody_asks_for_do_not_pile_up() -> None:
    tracker = Tracker(TrackerSettings(confirm_hits=1, max_lost=0.2))
    for frame in range(MOST_EVENTS):
        tracker(faces(100 * (frame % 5)), float(frame) / 2)
    assert len(tracker.events()) == MOST_EVENTS


def test_a_new_stream_begins_at_any_time() -> None:
    tracker = Tracker(TrackerSettings(confirm_hits=1))
    tracker(faces(10), 100)
    tracker.restart()
    assert [event.kind for event in tracker.events()] == ["appeared", "left"]
    found = tracker(faces(10), 3)
    assert found.ids is not None and found.ids.tolist() == [2]


def test_a_copy_has_the_settings_and_has_seen_nothing() -> None:
    tracker = Tracker(TrackerSettings(confirm_hits=1))
    tracker(faces(10), 100)
    copy = pickle.loads(pickle.dumps(tracker))
    assert copy.settings == tracker.settings
    assert copy(faces(10), 3).ids.tolist() == [1]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("high_score", 2), ("max_lost", float("nan")), ("confirm_hits", 0), ("max_lost", 10**400)],
)
def test_settings_out_of_range_are_told(setting: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=f"{setting}: got .* wanted"):
        Tracker(TrackerSettings(**{setting: value}))


@pytest.mark.parametrize("field", dataclasses.fields(TrackerSettings), ids=lambda field: field.name)
def test_settings_of_another_type_are_told(field: Any) -> None:
    given: Any = {field.name: "a"}
    with pytest.raises(ArgumentTypeError, match=f"{field.name}: got 'a'"):
        Tracker(TrackerSettings(**given))


def test_what_cannot_be_followed_is_told() -> None:
    tracker: Any = Tracker()
    tracker(faces(10), 1)
    with pytest.raises(ArgumentError, match=r"time: got 1; more than 1"):
        tracker(faces(10), 1.0)
    with pytest.raises(ArgumentTypeError, match="time: got 'a'"):
        tracker(faces(10), "a")
    with pytest.raises(ArgumentTypeError, match="faces: got"):
        tracker([], 2)
    with pytest.raises(ArgumentTypeError, match="motion: got float64"):
        tracker(faces(10), 2, np.eye(2, 3))
    with pytest.raises(ArgumentTypeError, match="settings: got 1"):
        Tracker(1)  # type: ignore[arg-type]
    found = tracker(faces(10), 1.1)
    assert found.ids.tolist() == [1]  # nothing was changed
