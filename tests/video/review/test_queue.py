"""A review queue on a disk: whole whatever happens, bounded, for its owner alone."""

from __future__ import annotations

import dataclasses
import errno
import json
import multiprocessing
import os
import stat
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rostro
from rostro.errors import (
    ArgumentError,
    ArgumentTypeError,
    FileMissingError,
    ReviewError,
    WriteError,
)
from rostro.video import ReviewQueue
from rostro.video.review.background import Background, Paper
from tests.support.unknowns import entry, shot

ADA, BOB, EVE = "0000000a", "0000000b", "0000000e"


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    return ReviewQueue(tmp_path / "queue", people=3, crops=2)


def names(queue: ReviewQueue) -> list[str]:
    return sorted(path.name for path in queue.folder.iterdir() if path.name != "review.lock")


def test_what_is_kept_comes_back_bit_by_bit(queue: ReviewQueue) -> None:
    numbers = np.random.default_rng(0).normal(size=16).astype(np.float32)
    unit = numbers / np.linalg.norm(numbers)
    given = entry(ADA, template=unit, apart=(BOB,), enrolled="unknown 0000000a")
    dark = shot(1, 0.95, ("it is dark",))
    assert queue.put(given, [dark, shot(2)], new=True)
    (found,) = ReviewQueue(queue.folder).entries()
    assert found.template.tobytes() == unit.tobytes()
    assert dataclasses.replace(found, pictures=()).encode() == given.encode()
    # One without reasons first, though the other one's quality is higher.
    assert [one.reasons for one in found.pictures] == [(), ("it is dark",)]
    for one, made in zip(found.pictures, (shot(2), dark), strict=True):
        assert np.array_equal(rostro.load_image(queue.folder / one.file), made.crop)
        assert (one.quality, one.time) == (made.quality, made.time)


def test_it_is_for_its_owner_alone(queue: ReviewQueue) -> None:
    queue.folder.chmod(0o755)
    again = ReviewQueue(queue.folder)
    again.put(entry(ADA), [shot(1)], new=True)
    assert stat.S_IMODE(queue.folder.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in queue.folder.iterdir()}
    assert modes == {0o600}


def test_the_best_pictures_stay_and_the_worst_leave(queue: ReviewQueue) -> None:
    queue.put(entry(ADA), [shot(1, 0.5), shot(2, 0.7)], new=True)
    queue.put(entry(ADA, votes=9), [shot(3, 0.6), shot(2, 0.7)], new=False)
    found = queue.get(ADA)
    assert found.votes == 9 and [one.quality for one in found.pictures] == [0.7, 0.6]
    assert len(names(queue)) == 3


def test_who_was_seen_longest_ago_leaves_a_full_queue(queue: ReviewQueue) -> None:
    for number in range(3):
        queue.put(entry(f"0000000{number}"), [shot(number)], new=True)
        os.utime(queue.folder / f"0000000{number}.json", (number, number))
    assert queue.put(entry("00000000", votes=4), [], new=False)  # was seen again
    queue.put(entry(ADA), [shot(9)], new=True)
    assert {one.id for one in queue.entries()} == {"00000000", "00000002", ADA}
    assert len(names(queue)) == 6  # with their pictures
    (problem,) = queue.problems.all()
    assert problem.kind == "evicted" and problem.detail == "00000001"
    assert not queue.put(entry("00000001"), [shot(1)], new=False)  # and does not come back


def test_who_is_taken_stays_away(queue: ReviewQueue) -> None:
    queue.put(entry(ADA), [shot(1)], new=True)
    queue.discard(ADA)
    assert names(queue) == []
    assert not queue.put(entry(ADA), [shot(1)], new=False)
    assert names(queue) == []
    with pytest.raises(FileMissingError, match="nobody of the id 0000000a"):
        queue.discard(ADA)
    with pytest.raises(FileMissingError, match="nobody of the id 0000000a"):
        queue.get(ADA)


@pytest.mark.parametrize("step", range(4))
def test_a_crash_leaves_the_old_record_or_the_new_one(
    queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Two pictures and the record take the place of what was there, in three renames; the process
    ends before one of them, or after all. Nothing after that runs, no clean-up either."""
    queue.put(entry(ADA), [shot(1), shot(2)], new=True)
    renames: list[Path] = []
    rename = Path.replace

    def replace(part: Path, path: Path) -> Path:
        if len(renames) == step:
            os._exit(9)
        renames.append(path)
        return rename(part, path)

    child = os.fork()
    if child == 0:
        try:
            monkeypatch.setattr(Path, "replace", replace)
            queue.put(entry(ADA, votes=9), [shot(3, 0.95), shot(4, 0.95)], new=False)
            os._exit(9)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    for again in (queue, ReviewQueue(queue.folder)):
        (found,) = again.entries()
        assert found.votes == (9 if step == 3 else 3)
        assert len(found.pictures) == 2
        for one in found.pictures:
            rostro.load_image(queue.folder / one.file)
    assert len(names(queue)) == 3  # what was begun is gone since the queue was opened again


def test_a_full_disk_changes_nothing(queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.put(entry(ADA), [shot(1)], new=True)
    before = names(queue)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for new, id_ in ((False, ADA), (True, BOB)):
            with pytest.raises(WriteError, match="No space left"):
                queue.put(entry(id_), [shot(2), shot(3)], new=new)
            assert names(queue) == before
    assert queue.put(entry(BOB), [shot(2)], new=True)


@pytest.mark.parametrize(
    "id_",
    ["", "../../../x", "/etc/passwd", "0000000A", "0000000a\0", "0000000a\n", "\ud800"],
)
def test_an_id_is_no_path(queue: ReviewQueue, id_: str) -> None:
    outside = queue.folder.parent / "x.json"
    outside.write_text("{}")
    for call in (queue.get, queue.discard, lambda id_: queue.put(entry(id_), [], new=True)):
        with pytest.raises(ArgumentError, match="id: got"):
            call(id_)
    assert outside.exists() and names(queue) == []
    with pytest.raises(ArgumentTypeError, match="id: got 7"):
        queue.get(7)  # type: ignore[arg-type]


def _broken(queue: ReviewQueue, change: Any) -> None:
    path = queue.folder / f"{ADA}.json"
    record = json.loads(path.read_bytes())
    change(record)
    path.write_text(json.dumps(record))


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.pop("votes"),
        lambda record: record.update(votes=-1),
        lambda record: record.update(id=BOB),
        lambda record: record.update(format="other"),
        lambda record: record.update(template=[1.0, 1.0]),
        lambda record: record.update(template=[float("nan")] * 16),
        lambda record: record.update(template=[1e308] * 16),
        lambda record: record.update(times=[1]),
        lambda record: record.update(threshold=10**400),
        lambda record: record.update(enrolled="\ud800"),
        lambda record: record.update(embedder={"name": "a"}),
        lambda record: record["pictures"][0].update(file="../../0000000b-0123456789abcdef.png"),
        lambda record: record["pictures"][0].update(file="0000000b-0123456789abcdef.png"),
        lambda record: record["pictures"][0].update(file=7),
    ],
)
def test_a_broken_record_is_told_and_can_be_discarded(queue: ReviewQueue, change: Any) -> None:
    queue.put(entry(BOB), [shot(1)], new=True)
    queue.put(entry(ADA), [shot(2)], new=True)
    _broken(queue, change)
    again = ReviewQueue(queue.folder)
    assert [one.id for one in again.entries()] == [BOB]
    assert list(again.broken()) == [ADA] and "cannot be read" in again.broken()[ADA]
    with pytest.raises(ReviewError, match=r"0000000a\.json: cannot be read"):
        again.get(ADA)
    again.discard(ADA)
    assert [name[:8] for name in names(queue)] == [BOB, BOB]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", b" " * (9 << 20)])
def test_what_is_no_record(queue: ReviewQueue, content: bytes) -> None:
    (queue.folder / f"{ADA}.json").write_bytes(content)
    assert list(queue.broken()) == [ADA] and queue.entries() == []
    queue.put(entry(ADA), [shot(1)], new=False)  # the tracker's is whole
    assert [one.id for one in queue.entries()] == [ADA]


def test_a_pipe_is_no_record(queue: ReviewQueue) -> None:
    os.mkfifo(queue.folder / f"{ADA}.json")
    assert list(queue.broken()) == [ADA]


def test_a_picture_that_somebody_deleted(queue: ReviewQueue) -> None:
    queue.put(entry(ADA), [shot(1), shot(2)], new=True)
    (queue.folder / queue.get(ADA).pictures[0].file).unlink()
    assert queue.put(entry(ADA), [shot(3)], new=False)
    assert all((queue.folder / one.file).exists() for one in queue.get(ADA).pictures)


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "photo.png").write_bytes(b"mine")
    with pytest.raises(ReviewError, match="holds other files"):
        ReviewQueue(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755 and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(WriteError, match="cannot write"):
        ReviewQueue(tmp_path / "photo.png")
    with pytest.raises(ArgumentError, match="people: got 0"):
        ReviewQueue(tmp_path / "queue", people=0)
    assert not (tmp_path / "queue").exists()


def test_a_folder_that_was_deleted_is_not_made_anew(queue: ReviewQueue) -> None:
    (queue.folder / "review.lock").unlink()
    queue.folder.rmdir()
    with pytest.raises(OSError, match="No such file"):
        queue.put(entry(ADA), [shot(1)], new=True)
    assert not queue.folder.exists()
    with pytest.raises(FileMissingError, match="no such folder"):
        queue.entries()


def _fill(folder: Path, first: int) -> None:
    queue = ReviewQueue(folder, people=1000)
    for number in range(first, first + 20):
        queue.put(entry(f"{number:08x}"), [shot(number), shot(number + 1000)], new=True)


@pytest.mark.processes
def test_several_processes_have_one_queue(tmp_path: Path) -> None:
    """Two fill it, while this one discards and opens it anew, which deletes what is nobody's."""
    folder = tmp_path / "queue"
    ReviewQueue(folder)
    spawn = multiprocessing.get_context("spawn")
    filling = [spawn.Process(target=_fill, args=(folder, first)) for first in (0, 100)]
    for process in filling:
        process.start()
    discarded: set[str] = set()
    while any(process.is_alive() for process in filling):
        queue = ReviewQueue(folder)
        assert queue.broken() == {}
        for one in queue.entries()[:1]:
            queue.discard(one.id)
            discarded.add(one.id)
    assert [process.exitcode for process in filling] == [0, 0]
    queue = ReviewQueue(folder)
    left = queue.entries()
    assert len(left) + len(discarded) == 40 and not discarded & {one.id for one in left}
    assert all((folder / one.file).exists() for entry in left for one in entry.pictures)
    assert len(names(queue)) == 3 * len(left)


def test_what_cannot_be_written_is_told_and_tried_again(
    queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    background, paper = Background(queue), Paper(ADA)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        for votes in (3, 4, 5):
            background.write(paper, entry(ADA, votes=votes), [shot(1)])
            background.wait()
    (problem,) = queue.problems.all()
    assert problem.kind == "unwritten" and "No space left" in str(problem) and problem.count == 3
    assert len(caplog.records) == 1
    assert not paper.written and not paper.gone and names(queue) == []
    background.write(paper, entry(ADA, votes=6), [shot(1)])
    background.wait()
    assert queue.get(ADA).votes == 6 and paper.written


def test_a_slow_disk_makes_nothing_grow(
    queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each person the newest record waits, and of no more people than the queue takes."""
    go, put, written = threading.Event(), queue.put, []

    def slow(given: Any, shots: Any, *, new: bool) -> bool:
        go.wait(30)
        written.append((given.id, given.votes))
        return put(given, shots, new=new)

    monkeypatch.setattr(queue, "put", slow)
    background, papers = Background(queue), {id_: Paper(id_) for id_ in (ADA, BOB, EVE)}
    for votes in range(3, 50):
        for id_, paper in papers.items():
            background.write(paper, entry(id_, votes=votes), [])
    background.write(Paper("00000001"), entry("00000001"), [])
    assert queue.problems.counts == {"unwritten": 1}
    go.set()
    background.wait()
    assert len(written) <= 5
    assert {(BOB, 49), (EVE, 49)} <= set(written)


def test_who_is_named_while_the_record_waits(queue: ReviewQueue) -> None:
    background, paper = Background(queue), Paper(ADA)
    background.write(paper, entry(ADA), [shot(1)])
    background.take(paper)
    background.write(paper, entry(ADA), [shot(1)])
    background.wait()
    assert names(queue) == []
