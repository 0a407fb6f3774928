"""`rostro watch` on videos of real photos: what it tells, records and survives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rostro.video import open_source
from tests.support.clips import HEIGHT, WIDTH, write_clip
from tests.support.command_line import assert_one_error
from tests.support.command_line import rostro as run
from tests.support.tiny_liveness import tiny_liveness

pytestmark = pytest.mark.usefixtures("default_models")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", 3)


@pytest.fixture(scope="module")
def gallery(astronaut: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gallery") / "people.rostro"
    assert run("enroll", astronaut, "--name", "<script>Eileen", "--gallery", path).exit_code == 0
    return path


def watched(*arguments: object, status: int = 0) -> list[dict[str, Any]]:
    result = run("watch", *arguments, "--threads", 1)
    assert result.exit_code == status, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def kinds(events: list[dict[str, Any]], *wanted: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] in wanted]


def test_who_is_known_is_named(clip: Path, gallery: Path) -> None:
    events = watched(clip, "--gallery", gallery, "--figures", "0.5")
    assert len(kinds(events, "appeared")) == 2
    (named,) = kinds(events, "identified")
    assert named["name"] == "<script>Eileen" and named["votes"] >= 2 and named["share"] == 1
    (unknown,) = kinds(events, "unknown")
    assert unknown["id"] != named["id"] and unknown["name"] is None
    x1, _, x2, _ = named["box"]
    assert 0 < x1 < x2 < WIDTH / 2 < unknown["box"][0]
    summary = events[-1]
    assert summary["event"] == "summary" and summary["end"] == "ended"
    assert summary["frames"] == 30 and summary["people"] == 2
    assert summary["detected"] < 15 and summary["embedded"] < 12
    assert {"detect", "search", "embed", "track", "frame"} <= summary["stages"].keys()


def test_the_video_is_recorded(clip: Path, gallery: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    events = watched(clip, "--gallery", gallery, "--record", out)
    assert events[-1]["recorded"] == 30 and "record" in events[-1]["stages"]
    source = open_source(out)
    frames = list(source)
    source.close()
    assert len(frames) == 30 and frames[-1].image.shape == (HEIGHT, WIDTH, 3)
    assert [round(frame.time, 3) for frame in frames] == [number / 10 for number in range(30)]
    # Boxes of a green that no photo has.
    blue, green, red = (frames[-1].image[..., channel].astype(int) for channel in range(3))
    assert ((green > 180) & (red < 120) & (blue < 150)).sum() > 500
    assert run("watch", clip, "--record", out).exit_code == 2
    assert sorted(tmp_path.iterdir()) == [out]


def test_a_budget_drops_work_and_says_so(clip: Path) -> None:
    events = watched(clip, "--budget-ms", "0.01")
    assert events[-1]["work_dropped"]["over"] > 0
    assert events[-1]["work_dropped"]["embed_new"] > 0
    assert events[-1]["frames"] == 30


def test_faces_alone_and_words(clip: Path) -> None:
    result = run("watch", clip, "--no-embed", "--text", "--max-seconds", 1, "--threads", 1)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["0.10", "s", "appeared", "#1"],
        ["0.10", "s", "appeared", "#2"],
    ]
    assert result.stderr.startswith("rostro: limit: 11 frames in ")


def test_a_photo_of_somebody_is_refused(clip: Path, gallery: Path, tmp_path: Path) -> None:
    live = tiny_liveness(tmp_path)
    everybody = ("--gallery", gallery, "--live", live, "--live-threshold")
    events = watched(clip, *everybody, "1.0", status=4)
    assert kinds(events, "identified", "changed") == []
    assert len(kinds(events, "refused")) == 2
    events = watched(clip, *everybody, "0.0")
    assert [event["name"] for event in kinds(events, "identified")] == ["<script>Eileen"]
    assert kinds(events, "identified")[0]["live"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--no-embed", "--gallery", "g"], "not for --no-embed"),
        (["--no-embed", "--live", "m"], "not for --no-embed"),
        (["--no-embed", "--review", "f"], "not for --no-embed"),
        (["--enroll"], "--enroll is for --gallery"),
        (["--host", "a"], "--host is for --serve"),
        (["--serve", "nowhere"], "ADDRESS:PORT is wanted"),
        (["--serve", "0", "--token", "short"], "at least 16 characters"),
        (["--record", "a.txt"], "suffix"),
        (["--record", "none/a.mp4"], "no folder none"),
        (["--budget-ms", "0"], "budget-ms"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, clip: Path) -> None:
    result = run("watch", clip, *arguments)
    assert result.exit_code == 2 and words in " ".join(result.stderr.split())


def test_what_cannot_be_watched(tmp_path: Path, clip: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    for source in (tmp_path / "none.mp4", text, tmp_path, "gopher://a/b"):
        result = run("watch", source)
        assert result.exit_code == 1 and result.stdout == ""
        assert_one_error(result, str(source).partition(":")[0])
    result = run("watch", clip, "--gallery", tmp_path / "none.rostro")
    assert result.exit_code == 1
    assert_one_error(result, "none.rostro")


def test_a_video_that_breaks_off(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mkv"
    whole = tmp_path / "whole.mkv"
    watched(clip, "--no-embed", "--record", whole)
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    events = watched(broken, "--no-embed")
    assert 5 < events[-1]["frames"] < 30
    assert events[-1]["people"] == 2


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rostro", "watch", *map(str, arguments), "--threads", "1"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
    return subprocess.Popen(command, **options)


@pytest.mark.processes
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_signals_end_it_cleanly(number: int, status: int, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with start(clip, "--no-embed", "--realtime", "--record", out) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(number)
        rest, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (status, "")
    assert first["event"] == "appeared"
    summary = json.loads(rest.splitlines()[-1])
    assert summary["end"] == "stopped" and summary["recorded"] == summary["frames"] < 30
    source = open_source(out)
    assert len(list(source)) == summary["frames"]
    source.close()


@pytest.mark.processes
@pytest.mark.skipif(os.name != "posix", reason="of POSIX")
def test_a_closed_pipe_ends_it(clip: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        process = start(clip, "--no-embed", stdout=closed)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("rostro: closed: ") and err.count("\n") == 1


@pytest.mark.processes
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_ends_it(clip: Path) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(clip, "--no-embed", stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == "rostro: error: standard output: No space left on device\n"


@pytest.mark.processes
def test_a_full_disk_while_recording(clip: Path, tmp_path: Path) -> None:
    """The video cannot grow; the watching goes on."""
    resource = pytest.importorskip("resource")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    out = tmp_path / "out.mkv"
    process = start(clip, "--no-embed", "--record", out, preexec_fn=limit)
    told, err = process.communicate(timeout=60)
    assert process.returncode == 1
    events = [json.loads(line) for line in told.splitlines()]
    (stopped,) = kinds(events, "recording")
    assert "cannot write" in stopped["why"] and "File too large" in stopped["why"]
    assert err.startswith("rostro: error: recording ends: ") and err.count("\n") == 1
    assert events[-1]["frames"] == 30 and events[-1]["end"] == "ended"
    assert not out.exists()


@pytest.mark.heavy
def test_unknowns_are_kept_and_enrolled(clip: Path, tmp_path: Path) -> None:
    gallery, folder = tmp_path / "people.rostro", tmp_path / "unknown"
    long = write_clip(tmp_path / "long.mp4", 9)
    events = watched(long, "--gallery", gallery, "--review", folder, "--enroll")
    names = {event["name"] for event in kinds(events, "enrolled")}
    assert len(names) == 2 and names >= {e["name"] for e in kinds(events, "identified")}
    listed = json.loads(run("gallery", "review", gallery, folder, "--json").stdout)["entries"]
    assert {one["enrolled"] for one in listed} == names
    first, second = (one["id"] for one in listed)
    run("gallery", "review", gallery, folder, "--accept", f"{first}=Eve", "--discard", second)
    assert json.loads(run("gallery", "list", "--json", gallery).stdout) == {"Eve": 1}
    # Seen again, one is known and the other one unknown, and kept.
    events = watched(clip, "--gallery", gallery, "--review", folder)
    assert [event["name"] for event in kinds(events, "identified")] == ["Eve"]
    assert kinds(events, "enrolled") == [] and len(kinds(events, "unknown")) == 1
    (entry,) = json.loads(run("gallery", "review", gallery, folder, "--json").stdout)["entries"]
    assert entry["enrolled"] is None


@pytest.mark.processes
def test_a_full_disk_while_unknowns_are_kept(clip: Path, tmp_path: Path) -> None:
    """No picture can be written; the watching goes on, and says so once."""
    resource = pytest.importorskip("resource")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    folder = tmp_path / "unknown"
    process = start(clip, "--review", folder, preexec_fn=limit)
    told, err = process.communicate(timeout=60)
    assert process.returncode == 0
    events = [json.loads(line) for line in told.splitlines()]
    (problem,) = kinds(events, "review")
    assert problem["problem"] == "unwritten" and "File too large" in problem["why"]
    assert "warning: review: " in err and events[-1]["frames"] == 30
    assert [path.name for path in folder.iterdir()] == ["review.lock"]
