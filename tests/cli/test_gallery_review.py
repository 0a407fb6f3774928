"""`rostro gallery review`: what it shows, asks, enrolls, deletes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import rostro as library
from rostro.cli import cli
from rostro.errors import GalleryBusyError
from rostro.gallery.identity import EmbedderIdentity
from rostro.video import FaceTracker, ReviewQueue
from tests.support.command_line import assert_one_error, assert_refused, rostro
from tests.support.streams import walking
from tests.support.there import there
from tests.support.unknowns import EMBEDDER, entry, shot, template
from tests.support.videos import frames, people

FIRST, SECOND, THIRD = "00000001", "00000002", "00000003"


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    path = tmp_path / "people.rostro"
    with library.Gallery.open(path, 16, embedder=EMBEDDER) as people:
        people.add(["Ada", "Bob"], np.stack([template(0), template(1)]))
    return path


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    """Two looks at one person, a little like Ada, and somebody else."""
    queue = ReviewQueue(tmp_path / "queue")
    day = "2026-01-0{}T00:00:00Z".format
    alike = template(0, 5, 0.3)
    queue.put(entry(FIRST, template=alike, first_seen=day(1)), [shot(1)], new=True)
    again = template(0, 5, 0.2)
    queue.put(entry(SECOND, template=again, first_seen=day(2)), [shot(2)], new=True)
    dark = shot(3, 0.4, ("it is dark: more light",))
    queue.put(entry(THIRD, 9, first_seen=day(3)), [dark], new=True)
    return queue


def review(gallery: Path, queue: ReviewQueue, *options: object, answers: str = "") -> Result:
    words = ["gallery", "review", gallery, queue.folder, *options]
    result = CliRunner().invoke(cli, [str(word) for word in words], input=answers)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def waiting(queue: ReviewQueue) -> list[str]:
    return [one.id for one in queue.entries()]


def counts(gallery: Path) -> dict[str, int]:
    with library.Gallery.open(gallery) as people:
        return people.counts()


def test_the_list(gallery: Path, queue: ReviewQueue) -> None:
    result = review(gallery, queue, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    first, second, third = json.loads(result.stdout)["entries"]
    assert first == {
        "id": FIRST,
        "track": 7,
        "first_seen": "2026-01-01T00:00:00Z",
        "last_seen": "2026-01-01T00:00:09Z",
        "votes": 3,
        "enrolled": None,
        "picture": str(queue.folder / queue.get(FIRST).pictures[0].file),
        "quality": 0.9,
        "reasons": [],
        "same": [{"id": SECOND, "similarity": pytest.approx(0.995, abs=0.001)}],
        "likely": [
            {"name": "Ada", "similarity": pytest.approx(0.3, abs=0.01)},
            {"name": "Bob", "similarity": pytest.approx(0, abs=0.01)},
        ],
        "refused": None,
    }
    assert [one["id"] for one in second["same"]] == [FIRST]
    assert third["same"] == [] and third["reasons"] == ["it is dark: more light"]
    nobody = json.loads(review(gallery, queue, "--json", "--threshold", "0.999").stdout)
    assert nobody["entries"][0]["same"] == []
    assert len(waiting(queue)) == 3 and counts(gallery) == {"Ada": 1, "Bob": 1}


def test_who_was_seen_beside_another_one_is_another_person(
    gallery: Path, queue: ReviewQueue
) -> None:
    apart = entry(FIRST, template=template(0, 5, 0.3), apart=(SECOND,))
    queue.put(apart, [], new=False)
    listed = json.loads(review(gallery, queue, "--json").stdout)["entries"]
    assert [one["same"] for one in listed] == [[], [], []]


def test_one_after_another(gallery: Path, queue: ReviewQueue) -> None:
    """Both looks at one person under one name; the third is skipped, and waits."""
    result = review(gallery, queue, answers="y\nn\nEve\ns\n")
    assert result.exit_code == 0
    assert f"{FIRST}  2026-01-01T00:00:00Z to 2026-01-01T00:00:09Z, 3 looks" in result.stdout
    assert f"the same person, it seems: {SECOND} (0.99)" in result.stdout
    assert "most like: Ada (0.30), Bob (0.00)" in result.stdout
    assert f"{queue.folder}/{FIRST}-" in result.stdout
    assert "not good enough: it is dark: more light" in result.stdout
    assert counts(gallery) == {"Ada": 1, "Bob": 1, "Eve": 2}
    assert waiting(queue) == [THIRD]
    assert len(list(queue.folder.glob("*.png"))) == 1  # the others' are deleted


def test_one_of_two_who_are_alike(gallery: Path, queue: ReviewQueue) -> None:
    result = review(gallery, queue, answers="n\ndiscard\nname\nEve\nquit\n")
    assert result.exit_code == 0
    assert counts(gallery) == {"Ada": 1, "Bob": 1, "Eve": 1} and waiting(queue) == [THIRD]


def test_the_end_of_the_answers_is_quit(gallery: Path, queue: ReviewQueue) -> None:
    for answers in ("", "y\n", "y\nn\n"):
        assert review(gallery, queue, answers=answers).exit_code == 0
    assert len(waiting(queue)) == 3 and len(counts(gallery)) == 2


def test_who_is_not_good_enough_is_asked_about(gallery: Path, queue: ReviewQueue) -> None:
    result = review(gallery, queue, answers="y\ns\nn\nEve\nn\n")
    assert result.exit_code == 1 and "It is dark: more light." in result.stderr
    assert waiting(queue) == [FIRST, SECOND, THIRD]
    review(gallery, queue, answers="y\ns\nn\nEve\ny\n")
    assert counts(gallery)["Eve"] == 1 and waiting(queue) == [FIRST, SECOND]


def test_scripts(gallery: Path, queue: ReviewQueue) -> None:
    options = ("--accept", f"{FIRST}=Eve", "--accept", f"{SECOND}=Eve", "--discard", THIRD)
    result = review(gallery, queue, *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{FIRST}: enrolled as Eve",
        f"{SECOND}: enrolled as Eve",
        f"{THIRD}: discarded",
    ]
    assert counts(gallery) == {"Ada": 1, "Bob": 1, "Eve": 2}
    assert [path.name for path in queue.folder.iterdir()] == ["review.lock"]
    assert json.loads(review(gallery, queue, "--json").stdout) == {"entries": []}
    assert review(gallery, queue).stdout == "Nobody waits.\n"


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--accept", f"{THIRD}=Eve", "refused: It is dark: more light. --force takes"),
        ("--accept", f"{FIRST}=Bob", "has a Bob already, who looks different"),
        ("--accept", f"{FIRST}=E\x07ve", "E\\x07ve"),
        ("--accept", "00000009=Eve", "nobody of the id 00000009 waits"),
        ("--accept", "../../people=Eve", "the eight hexadecimal digits"),
        ("--discard", "../people.rostro", "the eight hexadecimal digits"),
        ("--discard", "00000009", "nobody of the id 00000009 waits"),
    ],
)
def test_what_is_refused(
    option: str, value: str, why: str, gallery: Path, queue: ReviewQueue
) -> None:
    assert_refused(review(gallery, queue, option, value), why)
    assert len(waiting(queue)) == 3 and counts(gallery) == {"Ada": 1, "Bob": 1}


def test_force(gallery: Path, queue: ReviewQueue) -> None:
    options = ("--accept", f"{THIRD}=Eve", "--accept", f"{FIRST}=Ada", "--force")
    assert review(gallery, queue, *options).exit_code == 0
    assert counts(gallery) == {"Ada": 2, "Bob": 1, "Eve": 1} and waiting(queue) == [SECOND]


def test_one_refusal_leaves_the_others(gallery: Path, queue: ReviewQueue) -> None:
    result = review(gallery, queue, "--accept", f"{THIRD}=Eve", "--accept", f"{FIRST}=Flo")
    assert result.exit_code == 1
    assert_one_error(result, THIRD)
    assert counts(gallery)["Flo"] == 1 and waiting(queue) == [SECOND, THIRD]


@pytest.mark.parametrize("value", [FIRST, f"{FIRST}=", f"{FIRST}= "])
def test_wrong_usage(value: str, gallery: Path, queue: ReviewQueue) -> None:
    result = review(gallery, queue, "--accept", value)
    assert result.exit_code == 2 and "ID=NAME is wanted" in result.stderr


def test_no_queue(gallery: Path, tmp_path: Path) -> None:
    assert_refused(rostro("gallery", "review", gallery, tmp_path / "none"), "no such folder")
    assert not (tmp_path / "none").exists()
    assert_refused(rostro("gallery", "review", gallery, tmp_path), "holds other files")


def test_a_gallery_is_made(queue: ReviewQueue, tmp_path: Path) -> None:
    path = tmp_path / "new.rostro"
    assert_refused(review(path, queue, "--json"), "new.rostro: no such gallery")
    assert review(path, queue, "--accept", f"{FIRST}=Eve").exit_code == 0
    with library.Gallery.open(path) as made:
        assert made.names() == ["Eve"] and made.embedders == (EMBEDDER,)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"embedder": EmbedderIdentity("other", "1", "arcface")}, "not by other (version 1"),
        ({"embedder": EmbedderIdentity("tiny", "1", "arcface", "points")}, "aligned by points"),
        (
            {"template": np.eye(1, 8, dtype=np.float32)[0]},
            "8 numbers, those of the gallery have 16",
        ),
    ],
)
def test_an_entry_of_another_embedder(
    changed: dict[str, Any], why: str, gallery: Path, queue: ReviewQueue
) -> None:
    queue.put(entry(FIRST, **changed), [], new=False)
    listed = json.loads(review(gallery, queue, "--json").stdout)["entries"]
    assert why in listed[0]["refused"] and listed[0]["likely"] == []
    assert listed[1]["refused"] is None
    assert_refused(review(gallery, queue, "--accept", f"{FIRST}=Eve", "--force"), why)
    asked = review(gallery, queue, answers="s\ns\n")
    assert asked.exit_code == 1 and f"refused: {FIRST}: " in asked.stdout
    assert len(waiting(queue)) == 3 and "Eve" not in counts(gallery)


def test_a_broken_record(gallery: Path, queue: ReviewQueue) -> None:
    (queue.folder / f"{FIRST}.json").write_text("{")
    result = review(gallery, queue, "--json")
    assert result.exit_code == 1 and len(json.loads(result.stdout)["entries"]) == 2
    assert_one_error(result, f"{FIRST}.json: cannot be read", "discard it")
    assert f"{FIRST}: discarded" in review(gallery, queue, "--discard", FIRST).stdout
    assert review(gallery, queue, "--json").exit_code == 0
    assert len(list(queue.folder.glob(f"{FIRST}*"))) == 0


def test_who_was_enrolled_by_itself(gallery: Path, queue: ReviewQueue) -> None:
    """The provisional name becomes the given one, or leaves with the entry."""
    with library.Gallery.open(gallery) as people:
        for id_, at in ((FIRST, 4), (SECOND, 5), (THIRD, 6)):
            people.add(f"unknown {id_}", template(at))
            given = entry(id_, at, enrolled=f"unknown {id_}")
            queue.put(given, [shot(at)], new=False)
    listed = json.loads(review(gallery, queue, "--json").stdout)["entries"]
    assert "unknown 00000001" not in [one["name"] for one in listed[0]["likely"]]
    options = ("--accept", f"{FIRST}=Eve", "--discard", SECOND)
    assert review(gallery, queue, *options).exit_code == 0
    assert counts(gallery) == {"Ada": 1, "Bob": 1, "Eve": 1, "unknown 00000003": 1}
    assert waiting(queue) == [THIRD]


def test_an_entry_leaves_once_the_gallery_has_it(
    gallery: Path, queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise GalleryBusyError("another process is writing")

    with monkeypatch.context() as patched:
        patched.setattr(library.Gallery, "add", busy)
        result = review(gallery, queue, "--accept", f"{FIRST}=Eve")
    assert_refused(result, "another process is writing")
    assert FIRST in waiting(queue)

    def stuck(self: ReviewQueue, id_: str) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(ReviewQueue, "_remove", stuck)
        assert_refused(review(gallery, queue, "--accept", f"{FIRST}=Eve"), "Read-only")
    assert FIRST in waiting(queue) and counts(gallery)["Eve"] == 1
    assert review(gallery, queue, "--accept", f"{FIRST}=Eve").exit_code == 0
    assert counts(gallery)["Eve"] == 1 and FIRST not in waiting(queue)


@pytest.mark.heavy
def test_while_a_video_is_watched(
    default_models: object, queue: ReviewQueue, tmp_path: Path
) -> None:
    """Who is named by the command is known to the tracker, and not kept again."""
    folder, path = tmp_path / "watched", tmp_path / "watched.rostro"
    pipeline = library.FacePipeline(threads=1)
    shown = list(frames(walking(60), [mine[1:] for mine in people(4)], change_every=5))[::3]
    with library.Gallery.open(path, 128, embedder=pipeline.embedder) as watched:
        tracker = FaceTracker(pipeline, watched, review=ReviewQueue(folder))
        for index in range(120):  # there and back, twelve seconds
            tracker(shown[min(index % 40, 39 - index % 40)], index / 10)
            if index in (30, 115):  # the second time it is noticed who is gone
                there(tracker._unknowns).wait()
            if index == 30:
                first, *others = ReviewQueue(folder).entries()
                done = rostro(
                    *("gallery", "review", path, folder, "--force"),
                    *("--accept", f"{first.id}=Eve", "--discard", others[0].id),
                )
                assert done.exit_code == 0
        named = [(event.id, event.name) for event in tracker.events() if event.name]
        tracker.close()
        assert named == [(first.track, "Eve")]
        left = [one.id for one in ReviewQueue(folder).entries()]
        assert sorted(left) == sorted(one.id for one in others[1:])
