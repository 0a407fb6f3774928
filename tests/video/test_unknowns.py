"""The unknowns of a video: kept for review, named, enrolled by themselves where that is asked."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

import rostro
from rostro.errors import ArgumentError, ArgumentTypeError, EnrollmentError
from rostro.gallery.identity import EmbedderIdentity
from rostro.types import Image
from rostro.video import EnrollSettings, Event, FaceTracker, ReviewQueue, TrackerSettings
from tests.support.streams import PEOPLE, RATE, leaving, walking
from tests.support.there import there
from tests.support.tiny_liveness import tiny_liveness
from tests.support.videos import frames, people

pytestmark = pytest.mark.heavy
SOON = EnrollSettings(votes=3, seconds=1.0)


@functools.cache
def photos() -> list[list[Image]]:
    return people(4)


@functools.cache
def film() -> list[Image]:
    """A second and a half of four people."""
    return list(frames(walking(45), [mine[1:] for mine in photos()]))


@pytest.fixture(scope="module")
def pipeline(default_models: object) -> rostro.FacePipeline:
    return rostro.FacePipeline(threads=1)


@pytest.fixture
def gallery(pipeline: rostro.FacePipeline) -> rostro.Gallery:
    """The first of the four, by a photo that is not in the film."""
    faces = pipeline(photos()[0][0])
    middle = np.abs(faces.boxes[:, :2] + faces.boxes[:, 2:] - 250).sum(axis=1).argmin()
    gallery = rostro.Gallery(128, embedder=pipeline.embedder)
    gallery.add("person 0", faces.select([int(middle)]).columns()["embeddings"])
    return gallery


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    return ReviewQueue(tmp_path / "queue", crops=2)


def follow(tracker: FaceTracker, shown: list[Image], begin: float = 0.0) -> list[Event]:
    for index, frame in enumerate(shown):
        tracker(frame, begin + index / RATE)
    return tracker.events()


def ids_of(events: list[Event], kind: str) -> list[int]:
    return [event.id for event in events if event.kind == kind]


def test_unknowns_are_kept_and_nobody_else(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery, queue: ReviewQueue
) -> None:
    tracker = FaceTracker(pipeline, gallery, review=queue)
    unknown = ids_of(follow(tracker, film()), "unknown")
    tracker.close()
    entries = queue.entries()
    assert sorted(one.track for one in entries) == sorted(unknown) and len(unknown) == PEOPLE - 1
    embedder = there(pipeline.embedder)
    for one in entries:
        assert one.embedder == EmbedderIdentity.of(embedder)
        assert one.threshold == embedder.threshold
        assert one.votes >= 3 and len(one.pictures) == 2 and one.enrolled is None
        assert np.array_equal(one.template, there(tracker.template(one.track)))
        # Who was seen beside another one is another person.
        assert set(one.apart) == {other.id for other in entries} - {one.id}
        # The picture is what the embedder saw: it gives the same embedding as the frame did.
        crops = np.stack([rostro.load_image(queue.folder / p.file) for p in one.pictures])
        embedded = embedder.embed_crops(crops).embeddings
        assert (embedded @ one.template > 0.5).all()
    assert len(gallery) == 1  # nobody is enrolled unless that is asked


def test_nothing_is_written_without_a_queue(
    pipeline: rostro.FacePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tracker = FaceTracker(pipeline)
    assert ids_of(follow(tracker, film()[:40]), "unknown") == []
    tracker.close()
    assert list(tmp_path.iterdir()) == []


def test_without_a_gallery_everybody_is_unknown(
    pipeline: rostro.FacePipeline, queue: ReviewQueue
) -> None:
    tracker = FaceTracker(pipeline, review=queue)
    shown = [np.ascontiguousarray(frame[..., ::-1]) for frame in film()]
    for index, frame in enumerate(shown):
        tracker(frame, index / RATE, "rgb")
    tracker.close()
    assert len(queue.entries()) == PEOPLE
    # Pictures are in the order of colors that files have: close to those of the same film in BGR.
    embedder = there(pipeline.embedder)
    for one in queue.entries():
        crop = rostro.load_image(queue.folder / one.pictures[0].file)
        assert embedder.embed_crops(crop[None]).embeddings[0] @ one.template > 0.5
        assert crop[..., 2].mean() > crop[..., 0].mean()  # skin is red
    with pytest.raises(ArgumentError, match="gallery: this tracker has none"):
        tracker.name(1, "Eve")


def test_an_unknown_is_named(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery, queue: ReviewQueue
) -> None:
    tracker = FaceTracker(pipeline, gallery, review=queue)
    events = follow(tracker, film())
    known = next(event.id for event in events if event.kind == "identified")
    good = [id_ for id_ in ids_of(events, "unknown") if not there(tracker.candidate(id_)).why]
    first, second = good[:2]
    for id_, name, why in (
        (known, "Eve", "This is person 0 already"),
        (first, "person 0", "who looks different"),
        (first, " ", "name of a person"),
        (99, "Eve", "has left"),
    ):
        with pytest.raises(EnrollmentError, match=why):
            tracker.name(id_, name)
    with pytest.raises(ArgumentError, match="name"):
        tracker.name(first, "E\0ve")
    with pytest.raises(ArgumentTypeError, match="id_: got 'a'"):
        tracker.name("a", "Eve")  # type: ignore[arg-type]
    assert gallery.names() == ["person 0"]

    tracker.name(first, "../Eve")  # a name is no path
    assert gallery.names() == ["person 0", "../Eve"]
    told = follow(tracker, film()[:1], begin=1.5)
    assert (told[0].kind, told[0].id, told[0].name) == ("identified", first, "../Eve")
    tracker.close()
    assert first not in [one.track for one in queue.entries()]
    tracker.name(second, "Bob")  # has left meanwhile
    assert len(queue.entries()) == PEOPLE - 3 and len(gallery) == 3


def test_who_comes_back_has_one_entry(pipeline: rostro.FacePipeline, queue: ReviewQueue) -> None:
    tracker = FaceTracker(pipeline, review=queue, detect_every=10)
    videos = frames(leaving(290), [mine[1:] for mine in photos()])
    for index, frame in enumerate(videos):
        if index % 2 == 0:
            tracker(frame, index / RATE)
    happened = tracker.events()
    tracker.close()
    (gone,) = ids_of(happened, "left")[:1]
    entries = [one for one in queue.entries() if one.track == gone]
    assert len(queue.entries()) == PEOPLE and len(entries) == 1
    assert entries[0].times[0] < 2 and entries[0].times[1] > 9


def test_a_new_stream_goes_on_with_who_is_known(
    pipeline: rostro.FacePipeline, queue: ReviewQueue
) -> None:
    """Its times begin anew; the people have their ids and entries again, which are written."""
    tracker = FaceTracker(pipeline, review=queue)
    follow(tracker, film(), begin=1000.0)
    tracker.restart()
    embedded = tracker.embedded
    events = follow(tracker, film())
    tracker.close()
    back = ids_of(events, "appeared")
    entries = queue.entries()
    assert len(entries) == len({one.track for one in entries}) == PEOPLE
    assert {one.track for one in entries} == set(back)
    assert tracker.embedded - embedded >= PEOPLE
    assert all(one.votes >= 4 and one.times[1] < 10 for one in entries)


def test_unknowns_are_enrolled_where_that_is_asked(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery, queue: ReviewQueue
) -> None:
    tracker = FaceTracker(pipeline, gallery, review=queue, enroll=SOON)
    events = follow(tracker, film())
    tracker.close()
    events += tracker.events()  # of who was being enrolled then
    enrolled = {event.id: event.name for event in events if event.kind == "enrolled"}
    assert gallery.names() == ["person 0", *enrolled.values()] and enrolled
    entries = {one.track: one for one in queue.entries()}
    for id_, name in enrolled.items():
        assert name == f"unknown {entries[id_].id}" == entries[id_].enrolled
        kinds = [(event.kind, event.name) for event in events if event.id == id_]
        assert kinds.index(("enrolled", name)) > kinds.index(("unknown", None))
        assert {given for _, given in kinds} == {None, name}
    # Whoever is not enrolled was not good enough.
    for id_ in entries.keys() - enrolled.keys():
        assert entries[id_].pictures[0].reasons
    id_, name = next(iter(enrolled.items()))
    tracker.name(id_, "Eve")
    assert name not in gallery and "Eve" in gallery
    assert id_ not in [one.track for one in queue.entries()]


@pytest.mark.parametrize(
    "settings",
    [
        EnrollSettings(votes=50, seconds=1.0),
        EnrollSettings(votes=3, seconds=30.0),
        EnrollSettings(votes=3, seconds=1.0, margin=1.3),  # nobody is so different
    ],
)
def test_who_is_not_enrolled_by_itself(
    settings: EnrollSettings, pipeline: rostro.FacePipeline, gallery: rostro.Gallery
) -> None:
    tracker = FaceTracker(pipeline, gallery, enroll=settings)
    events = follow(tracker, film())
    tracker.close()
    assert ids_of(events, "unknown") and not ids_of(events, "enrolled")
    assert gallery.names() == ["person 0"]


def test_two_persons_in_one_track_are_not_enrolled(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery
) -> None:
    """Of who stands at the second place, photos of another person are shown between."""
    shown = [mine[1:] for mine in photos()]
    shown[1] = [photo for both in zip(shown[1], shown[2], strict=True) for photo in both]
    settings = TrackerSettings(contradict=-1.0)  # else it would see that, and make two of them
    tracker = FaceTracker(pipeline, gallery, settings=settings, enroll=SOON)
    events = follow(tracker, list(frames(walking(45), shown)))
    told = [event for event in events if event.kind == "mixed"]
    (id_,) = {event.id for event in told}
    assert len(told) == 1 and told[0].name is None
    assert id_ not in ids_of(events, "enrolled") and id_ in ids_of(events, "unknown")
    with pytest.raises(EnrollmentError, match="of more than one person"):
        tracker.name(id_, "Eve")
    tracker.name(id_, "Eve", force=True)
    assert "Eve" in gallery


def test_who_is_not_live_is_not_enrolled(
    gallery: rostro.Gallery, queue: ReviewQueue, tmp_path: Path
) -> None:
    live = rostro.Liveness(tiny_liveness(tmp_path), threshold=1.0)
    pipeline = rostro.FacePipeline(stages=[live], threads=1)
    tracker = FaceTracker(pipeline, gallery, review=queue, enroll=SOON)
    events = follow(tracker, film())
    assert not ids_of(events, "enrolled")
    with pytest.raises(EnrollmentError, match="not always live"):
        tracker.name(ids_of(events, "unknown")[0], "Eve")
    tracker.close()
    for one in queue.entries():
        assert any("not live" in reason for reason in one.pictures[0].reasons)


def test_what_cannot_be_kept_does_not_end_the_video(
    pipeline: rostro.FacePipeline, gallery: rostro.Gallery, queue: ReviewQueue
) -> None:
    """The folder is deleted while the tracker runs."""
    (queue.folder / "review.lock").unlink()
    queue.folder.rmdir()
    tracker = FaceTracker(pipeline, gallery, review=queue)
    assert len(ids_of(follow(tracker, film()), "unknown")) == PEOPLE - 1
    tracker.close()
    assert queue.problems.counts["unwritten"] >= PEOPLE - 1
    assert not queue.folder.exists()


def test_what_does_not_go_together(
    pipeline: rostro.FacePipeline, queue: ReviewQueue, gallery: rostro.Gallery
) -> None:
    without = rostro.FacePipeline(pipeline.detector, None)
    with pytest.raises(ArgumentError, match="review, enroll: got one without an embedder"):
        FaceTracker(without, review=queue)
    with pytest.raises(ArgumentError, match="enroll: got one without a gallery"):
        FaceTracker(pipeline, enroll=SOON)
    with pytest.raises(ArgumentTypeError, match="review: got 'folder'; ReviewQueue is wanted"):
        FaceTracker(pipeline, review="folder")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="enroll: got True; EnrollSettings is wanted"):
        FaceTracker(pipeline, gallery, enroll=True)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="margin: got -1"):
        EnrollSettings(margin=-1)
