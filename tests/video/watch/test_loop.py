"""What is told of a stream, without networks."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any, cast

import pytest

from rostro import FaceTracker
from rostro.errors import VideoError, WriteError
from rostro.video import Frame, Identity, NewestFrame, VideoWriter
from rostro.video.watch.liveness import LiveGate
from rostro.video.watch.loop import Watch
from rostro.video.watch.output import Output, live_line
from rostro.video.watch.recording import Recording
from rostro.video.watch.stop import Stop
from rostro.video.web.board import Board
from tests.support.watched import SaidSource, SaidTracker, ten_a_second


def watching(tracker: SaidTracker, **options: Any) -> Watch:
    return Watch(cast(FaceTracker, tracker), Output(True, False), **options)


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def run(watch: Watch, frames: list[Frame], **options: Any) -> str:
    with NewestFrame(SaidSource(frames)) as newest:
        return watch.run(newest, Stop(), **options)


def test_every_event_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    tracker = SaidTracker([(0, 9), (0.5, 1)])
    tracker.names = {1: Identity("Ada", 1.0, 2)}
    assert run(watching(tracker), ten_a_second(50)) == "ended"
    *events, summary = told(capsys)
    kinds = [(event["event"], event["id"]) for event in events]
    assert kinds == [("appeared", 1), ("appeared", 2), ("lost", 2), ("left", 2)]
    first = events[0]
    assert first["time"] == 0.1 and first["frame"] == 1 and first["box"] == [0.0, 20.0, 40.0, 70.0]
    assert first["at"].endswith("Z") and first["name"] is None
    assert summary["event"] == "summary" and summary["end"] == "ended"
    assert summary["frames"] == 50 and summary["people"] == 2 and summary["dropped"] == 0
    assert {"detect", "track", "frame"} <= summary["stages"].keys()
    assert summary["stages"]["frame"]["p50_ms"] <= summary["stages"]["frame"]["p99_ms"]


def test_who_left_is_told_with_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    tracker = SaidTracker([(0, 1)])
    tracker.names = {1: Identity("Ada", 1.0, 2)}
    watch = watching(tracker)
    run(watch, ten_a_second(40))
    left = [event for event in told(capsys) if event["event"] == "left"]
    assert [event["name"] for event in left] == ["Ada"]
    assert len(watch.people) == 0


def test_a_stream_that_begins_anew(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A camera that came back: times begin again, ids are others', the video goes on."""
    tracker, path = SaidTracker([(0, 9)]), tmp_path / "out.mp4"
    recording = Recording(path, 10)
    run(watching(tracker, recording=recording), ten_a_second(10) + ten_a_second(10, stream=1))
    assert tracker.restarts == 1
    *_, summary = told(capsys)
    assert summary["frames"] == summary["recorded"] == 20
    assert path.exists()


def test_a_stream_that_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    broken: list[Frame | Exception] = [*ten_a_second(5), VideoError("said: no more")]
    with NewestFrame(SaidSource(broken)) as newest, pytest.raises(VideoError, match="no more"):
        watching(SaidTracker([(0, 9)])).run(newest, Stop())
    summary = told(capsys)[-1]
    assert summary["end"] == "failed" and summary["frames"] == 5


def test_a_signal_ends_it_after_the_frame(capsys: pytest.CaptureFixture[str]) -> None:
    stop = Stop()
    stop(signal.SIGTERM)
    with NewestFrame(SaidSource(ten_a_second(5))) as newest:
        assert watching(SaidTracker([])).run(newest, stop) == "stopped"
    assert told(capsys)[-1]["end"] == "stopped"
    with pytest.raises(KeyboardInterrupt):
        stop(signal.SIGINT)


def test_seconds_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(watching(SaidTracker([])), ten_a_second(50), max_seconds=2) == "limit"
    assert told(capsys)[-1]["frames"] == 21


def test_a_full_disk_ends_the_recording_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []

    def write(self: VideoWriter, image: object, time: float) -> None:
        written.append(time)
        if len(written) == 3:
            raise WriteError("cannot write out.mp4: No space left on device")

    monkeypatch.setattr(VideoWriter, "write", write)
    recording = Recording(tmp_path / "out.mp4", 10)
    run(watching(SaidTracker([(0, 9)]), recording=recording), ten_a_second(20))
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert [line["why"] for line in lines if line["event"] == "recording"] == [recording.failure]
    assert lines[-1]["frames"] == 20 and lines[-1]["recorded"] == 2
    assert captured.err.count("No space left on device") == 1
    assert len(written) == 3 and list(tmp_path.iterdir()) == []


def test_a_photo_held_into_the_camera_is_not_named(capsys: pytest.CaptureFixture[str]) -> None:
    tracker = SaidTracker([(0, 9)])
    tracker.names, tracker.live = {1: Identity("Ada", 1.0, 2)}, 0.1
    gate = LiveGate(0.5)
    watch = watching(tracker, gate=gate)
    for frame in ten_a_second(10):
        watch.step(frame)
        if frame.number == 1:  # with the second look it has an id, but is not judged yet
            assert [person.caption for person in watch.people] == ["#1"]
    assert gate.refused == 1
    events = told(capsys)
    assert [event["event"] for event in events] == ["appeared", "refused"]
    assert events[1]["name"] is None
    assert events[1]["why"] == "not live (0.10; at least 0.50 is wanted)"
    (person,) = watch.people
    assert person.name is None and person.caption == "#1 not live"
    tracker.live = 0.9
    for number in range(10, 30):
        watch.step(Frame(ten_a_second(1)[0].image, number / 10, number))
    (named,) = told(capsys)
    assert (named["event"], named["name"]) == ("identified", "Ada")
    assert gate.refused == 1


def test_the_board_gets_all(capsys: pytest.CaptureFixture[str]) -> None:
    board = Board("said")
    run(watching(SaidTracker([(0, 1)]), board=board), ten_a_second(15))
    assert board.shown is not None and board.shown.number == 15
    assert [event["event"] for _, event in board.events_after(0)] == ["appeared", "lost"]
    (person,) = board.people
    assert person["id"] == 1 and person["here"] is False
    assert board.figures["end"] == "ended"


def test_the_line_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    times = {"p50_ms": 8.04, "p99_ms": 14.2}
    figures = {"fps": 12.34, "dropped": 3, "stages": {"frame": times}}
    line = live_line(figures, ["Ada", "#4"])
    assert line == "12.3 fps  frame 8.0/14.2 ms  dropped 3  2 people: Ada, #4"
    output = Output(False, True)
    output.show(line)
    output.line("an event")
    output.end()
    captured = capsys.readouterr()
    assert captured.out == "an event\n"
    assert captured.err.endswith("\r\x1b[K") and "\n" not in captured.err
    Output(False, False).show(line)
    assert capsys.readouterr() == ("", "")
