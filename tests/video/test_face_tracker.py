"""A tracker with networks, on videos made of real photos."""

from __future__ import annotations

import functools
import pickle
from collections import Counter

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError
from rostro.types import Image
from rostro.video import FaceTracker
from tests.support.streams import PEOPLE, RATE, Scene, crossing, leaving, walking
from tests.support.videos import frames, people


@functools.cache
def photos() -> list[list[Image]]:
    return people(4)


@pytest.fixture(scope="module")
def pipeline(default_models: object) -> rostro.FacePipeline:
    return rostro.FacePipeline(threads=1)


@pytest.fixture(scope="module")
def gallery(pipeline: rostro.FacePipeline) -> rostro.Gallery:
    """Three of the four, by a photo that is not in the videos."""
    gallery = rostro.Gallery(128, embedder=pipeline.embedder)
    for person in range(3):
        faces = pipeline(photos()[person][0])
        middle = np.abs(faces.boxes[:, :2] + faces.boxes[:, 2:] - 250).sum(axis=1).argmin()
        gallery.add(f"person {person}", faces.select([int(middle)]).columns()["embeddings"])
    return gallery


def others() -> list[list[Image]]:
    return [mine[1:] for mine in photos()]


def owner(face: rostro.Face, scene: Scene, frame: int) -> int:
    """Whose of the visible people a face is: the nearest."""
    boxes, visible = scene.boxes(frame), np.flatnonzero(scene.visible(frame))
    centers = (boxes[visible, :2] + boxes[visible, 2:]) / 2
    away = np.abs(centers - (face.box[:2] + face.box[2:]) / 2).sum(axis=1)
    return int(visible[away.argmin()])


def test_names_are_told_once_and_networks_run_seldom(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery
) -> None:
    tracker = FaceTracker(pipeline, gallery)
    scene = walking(60)
    for index, frame in enumerate(frames(scene, others())):
        faces = tracker(frame, index / RATE)
        if index > 5:
            assert faces.ids is not None
            assert len(set(faces.ids.tolist())) == len(faces) == PEOPLE
    # What it gives, every other part takes.
    embeddings = pipeline.embedder(frame, faces).embeddings if pipeline.embedder else None
    assert embeddings is not None and embeddings.shape == (PEOPLE, 128)
    events = tracker.events()
    assert [event.kind for event in events].count("appeared") == PEOPLE
    named = [event.name for event in events if event.kind == "identified"]
    assert sorted(filter(None, named)) == [f"person {i}" for i in range(3)]
    assert [e.kind for e in events].count("unknown") == 1
    assert tracker.detected < 30 and tracker.embedded < 45
    assert not any(tracker.dropped.values())
    identities = tracker.identities()
    assert {identity.name for identity in identities.values()} == {*named, None}
    for id_ in identities:
        template = tracker.template(id_)
        assert template is not None and np.linalg.norm(template) == pytest.approx(1, abs=1e-5)


def test_ids_stay_where_people_cross(pipeline: rostro.FacePipeline) -> None:
    tracker, scene = FaceTracker(pipeline), crossing(90)
    owners: dict[int, set[int]] = {}
    for index, frame in enumerate(frames(scene, [mine[1:2] for mine in photos()])):
        faces = tracker(frame, index / RATE)
        for face in faces:
            if face.id != -1 and not face.attributes["predicted"]:  # type: ignore[index]
                owners.setdefault(int(face.id or 0), set()).add(owner(face, scene, index))
    assert sorted(map(len, owners.values())) == [1] * PEOPLE


def test_names_are_those_of_networks_that_run_on_every_frame(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery
) -> None:
    threshold = pipeline.embedder.threshold if pipeline.embedder else None
    assert threshold is not None
    tracker, scene = FaceTracker(pipeline, gallery, detect_every=5), walking(40)
    looked: dict[int, Counter[str | None]] = {person: Counter() for person in range(PEOPLE)}
    followed: dict[int, set[int]] = {person: set() for person in range(PEOPLE)}
    for index, frame in enumerate(frames(scene, others())):
        faces = pipeline(frame)
        assert faces.embeddings is not None
        matches = gallery.identify(faces.embeddings, threshold)
        for face, match in zip(faces, matches, strict=True):
            looked[owner(face, scene, index)][match.name if match else None] += 1
        for face in tracker(frame, index / RATE):
            if face.id is not None and face.id != -1:
                followed[owner(face, scene, index)].add(int(face.id))
    identities = tracker.identities()
    for person, names in looked.items():
        (id_,) = followed[person]
        assert identities[id_].name == names.most_common(1)[0][0]


def test_who_comes_back_has_the_old_id_and_name(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery
) -> None:
    # The one who leaves is the last; here somebody of the gallery.
    mine = others()
    tracker = FaceTracker(pipeline, gallery, detect_every=10)
    videos = frames(leaving(290), [mine[3], mine[1], mine[2], mine[0]])
    for index, frame in enumerate(videos):
        if index % 2 == 0:
            tracker(frame, index / RATE)
    happened = tracker.events()
    events = [event for event in happened if event.kind in ("appeared", "left")]
    assert [event.kind for event in events].count("left") == 1
    (gone,) = [event.id for event in events if event.kind == "left"]
    assert [event.id for event in events].count(gone) == 3  # appeared, left, appeared
    assert tracker.identities()[gone].name == "person 0"
    # With the votes from before, so that the name is told at once, and again.
    assert tracker.identities()[gone].votes >= 4
    told = [event for event in happened if event.id == gone]
    assert [event.kind for event in told][-2:] == ["appeared", "identified"]
    assert told[-1].time == told[-2].time


def test_what_does_not_fit_into_the_budget_is_dropped_and_counted(
    pipeline: rostro.FacePipeline,
) -> None:
    tracker = FaceTracker(pipeline, budget_ms=1e-6)
    shown = []
    for index, frame in enumerate(frames(walking(40), others())):
        faces = tracker(frame, index / RATE)
        predicted = (faces.attributes or {})["predicted"]
        shown.append((len(faces), int(predicted.sum())))
    dropped = tracker.dropped
    assert dropped["over"] == 40
    assert dropped["search"] > 20 and dropped["embed_new"] > 10
    assert dropped["detect"] > 20 and tracker.detected >= 4  # five frames are the most
    # Of ten frames, the faces are seen in one and expected in those of the 0.2 seconds after it.
    assert sum(count == PEOPLE for count, _ in shown) > 15
    assert any(predicted == PEOPLE for _, predicted in shown)
    assert [e.kind for e in tracker.events()].count("appeared") == PEOPLE


def test_what_does_not_go_together_is_told(pipeline: rostro.FacePipeline) -> None:
    without = rostro.FacePipeline(pipeline.detector, None)
    with pytest.raises(ArgumentError, match="gallery: got one without an embedder"):
        FaceTracker(without, rostro.Gallery(128))
    with pytest.raises(ArgumentError, match="budget_ms: got 0"):
        FaceTracker(pipeline, budget_ms=0)
    with pytest.raises(ArgumentTypeError, match="gallery: got 1"):
        FaceTracker(pipeline, 1)  # type: ignore[arg-type]
    tracker = FaceTracker(without)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(tracker)
    frame = np.zeros((480, 640, 3), np.uint8)
    tracker(frame, 1.0)
    for repeated in (0.5, 1.0):
        with pytest.raises(ArgumentError, match=rf"time: got {repeated}; one after"):
            tracker(frame, repeated)
    assert tracker.detected == 1  # no network ran for what was refused
    assert len(tracker(frame, 2.0)) == 0
    assert len(tracker(frame, 0.0)) == 0  # a new video
