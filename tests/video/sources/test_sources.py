"""Frames of files, folders, cameras and addresses, as they come in the world."""

from __future__ import annotations

import http.server
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image as Pictures

from rostro.errors import (
    ArgumentError,
    ArgumentTypeError,
    ExtraNotInstalledError,
    FileMissingError,
    RostroError,
    VideoError,
)
from rostro.types import Image
from rostro.video import Frame, Retry, open_source
from rostro.video.sources.stream_source import StreamSource
from tests.support.movies import RATE, Camera, Scripted, moving, write_movie

QUICK = Retry(first=0.001, most=0.002, attempts=3)


def frames_of(path: Path | str) -> list[Frame]:
    with open_source(path) as source:
        return list(source)


def assert_growing(frames: list[Frame]) -> None:
    for before, after in pairwise(frames):
        assert after.stream > before.stream or (after.time > before.time)
        assert after.stream > before.stream or (after.number > before.number)


def difference(a: Image, b: Image) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_movie(tmp_path_factory.mktemp("movie") / "a:b.mkv", moving(60))


def test_a_file_gives_what_went_into_it(movie: Path) -> None:
    source = open_source(movie)
    assert (source.name, source.live, source.rate) == (str(movie), False, RATE)
    assert source.size == (160, 120)
    frames = list(source)
    assert [frame.number for frame in frames] == list(range(60))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(60) / RATE, abs=1e-6)
    assert all(
        difference(frame.image, image) < 4 for frame, image in zip(frames, moving(60), strict=True)
    )
    for frame in frames[:3]:
        assert frame.image.dtype == np.uint8 and frame.image.flags.c_contiguous
        frame.image[:] = 0  # memory of its own
    assert frames[3].image.any() and not source.problems.counts
    assert list(source) == []  # it is read once


def test_rotated_and_odd(tmp_path: Path) -> None:
    (upright,) = moving(1)
    turned = frames_of(write_movie(tmp_path / "turned.mp4", [upright] * 3, rotation=90))
    assert turned[0].image.shape == (160, 120, 3) and turned[0].image.flags.c_contiguous
    assert difference(turned[0].image, np.rot90(upright)) < 5
    odd = np.ascontiguousarray(upright[:119, :159])
    found = frames_of(write_movie(tmp_path / "odd.mkv", [odd] * 2, codec="ffv1"))
    assert found[0].image.shape == (119, 159, 3) and difference(found[0].image, odd) < 5


def test_a_stream_that_breaks_off_is_told(movie: Path, tmp_path: Path) -> None:
    data = movie.read_bytes()
    half = tmp_path / "half.mkv"
    half.write_bytes(data[: len(data) // 2])
    source = open_source(half)
    frames = list(source)
    assert 10 < len(frames) < 50
    assert source.problems.counts == {"ended_early": 1}
    (problem,) = source.problems.all()
    assert "of 2.40 seconds" in str(problem)


def test_damage_in_the_middle_is_survived(movie: Path, tmp_path: Path) -> None:
    data = bytearray(movie.read_bytes())
    noise = np.random.default_rng(0).integers(0, 256, 4000, np.uint8).tobytes()
    data[len(data) // 3 : len(data) // 3 + 4000] = noise
    (tmp_path / "damaged.mkv").write_bytes(data)
    frames = frames_of(tmp_path / "damaged.mkv")
    assert len(frames) > 20
    assert_growing(frames)


def test_a_stream_without_a_key_frame(movie: Path, tmp_path: Path) -> None:
    """It begins with the next one; one that has none has no frame."""
    for name, kept in (("later.mkv", 100), ("never.mkv", 11)):
        with av.open(str(movie)) as whole, av.open(str(tmp_path / name), "w") as cut:
            copy = cut.add_stream_from_template(whole.streams.video[0])
            for packet in list(whole.demux(video=0))[1 : 1 + kept]:
                if packet.dts is not None:
                    packet.stream = copy
                    cut.mux_one(packet)
    assert len(frames_of(tmp_path / "later.mkv")) >= 48
    with pytest.raises(VideoError, match="no frame of it can be decoded"):
        frames_of(tmp_path / "never.mkv")


def test_a_raw_stream_has_no_times_and_gets_some(tmp_path: Path) -> None:
    source = open_source(write_movie(tmp_path / "raw.h264", moving(10)))
    frames = list(source)
    assert [frame.time for frame in frames] == pytest.approx(np.arange(10) / RATE)
    assert source.problems.counts == {"no_stamp": 10}


def test_times_that_repeat_or_turn_back_a_little_are_mended() -> None:
    source = StreamSource("a", lambda: Scripted([5, 5.04, 5.04, 5.08, 5.02, 5.12]))
    frames = list(source)
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0.06, 0.08, 0.10, 0.12])
    assert source.problems.counts == {"stamp": 2}
    (problem,) = source.problems.all()
    assert str(problem).startswith("2 times: time stamp that repeats") and "0.06 s" in str(problem)


def test_a_time_that_turns_back_far_begins_a_new_stream() -> None:
    source = StreamSource("a", lambda: Scripted([5, 5.04, 7, 0, 0.04, None]))
    frames = list(source)
    assert [frame.stream for frame in frames] == [0, 0, 0, 1, 1, 1]
    assert [frame.number for frame in frames] == [0, 1, 2, 0, 1, 2]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 2, 0, 0.04, 0.08])
    assert source.problems.counts == {"restarted": 1, "no_stamp": 1}


def test_two_films_in_one_file(tmp_path: Path) -> None:
    """Times begin again, and frames have another size."""
    small = [np.ascontiguousarray(image[:96, :128]) for image in moving(30)]
    first, second = (
        write_movie(tmp_path / "a.ts", moving(30)),
        write_movie(tmp_path / "b.ts", small),
    )
    (tmp_path / "both.ts").write_bytes(first.read_bytes() + second.read_bytes())
    source = open_source(tmp_path / "both.ts")
    frames = list(source)
    assert [frame.stream for frame in frames] == [0] * 30 + [1] * 30
    assert [frame.number for frame in frames] == [*range(30), *range(30)]
    assert_growing(frames)
    assert difference(frames[-1].image, small[-1]) < 4
    assert source.problems.counts == {"restarted": 1, "resized": 1}


def test_what_cannot_be_decoded_is_counted_and_sizes_may_change() -> None:
    sizes = [(8, 6), (8, 6), (8, 6), (4, 4)]
    source = StreamSource("a", lambda: Scripted([0, 1, 2, 3], broken=[1], sizes=sizes))
    frames = list(source)
    assert [frame.number for frame in frames] == [0, 2, 3]
    assert source.size == (4, 4)
    assert source.problems.counts == {"undecodable": 1, "resized": 1}
    assert any("from 8x6 to 4x4" in str(problem) for problem in source.problems.all())


def test_a_camera_that_dies_comes_back() -> None:
    lost, gone = VideoError("camera: no such device"), VideoError("camera: not there")
    camera = Camera(
        Scripted([100, 100.04, lost], live=True),
        gone,
        Scripted([], live=True),
        Scripted([100.02, 100.06], live=True),
    )
    source = StreamSource("camera", camera, QUICK)
    frames: list[Frame] = []
    with pytest.raises(VideoError, match=r"not back after 3 times: camera: unplugged"):
        for frame in source:
            frames.append(frame)
    assert [frame.stream for frame in frames] == [0, 0, 2, 2]
    assert_growing(frames)
    assert source.problems.counts["unreachable"] == 4
    assert source.problems.counts["lost"] == 3 and source.problems.counts["reconnected"] == 2
    assert camera.opened == 7


def test_frames_of_a_camera_that_came_back_are_a_new_stream() -> None:
    camera = Camera(Scripted([9, 9.04], live=True), Scripted([9.02, 9.06], live=True))
    source = StreamSource("camera", camera, Retry(first=0.001, attempts=1))
    frames: list[Frame] = []
    with pytest.raises(VideoError, match="camera: lost"):
        for frame in source:
            frames.append(frame)
    assert [(frame.stream, frame.number) for frame in frames] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.04, 0, 0.04])
    assert_growing(frames)


def test_delays_double_up_to_the_most() -> None:
    assert list(Retry(first=1, most=5, attempts=5).delays()) == [1, 2, 4, 5, 5]
    forever = Retry(attempts=None).delays()
    assert max(next(forever) for _ in range(100)) == 30
    for wrong in ({"first": 0}, {"most": float("nan")}, {"attempts": 0}, {"attempts": 1.5}):
        with pytest.raises((ArgumentError, ArgumentTypeError)):
            Retry(**wrong)


def test_closing_while_it_waits_for_a_camera() -> None:
    source = StreamSource("camera", Camera(Scripted([0], live=True)), Retry(first=60))
    frames: list[Frame] = []
    thread = threading.Thread(target=lambda: frames.extend(source))
    thread.start()
    while "lost" not in source.problems.counts:
        time.sleep(0.001)
    source.close()
    thread.join(10)
    assert not thread.is_alive() and len(frames) == 1


def test_a_folder_of_pictures_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        Pictures.new("RGB", (6, 4), (number, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "2.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("x")
    source = open_source(tmp_path, rate=10)
    frames = list(source)
    assert [int(frame.image[0, 0, 2]) for frame in frames] == [1, 9, 10]
    assert [frame.number for frame in frames] == [0, 2, 3]
    assert [frame.time for frame in frames] == pytest.approx([0, 0.2, 0.3], abs=0.21)
    assert source.problems.counts == {"undecodable": 1}
    assert len(frames_of(tmp_path / "9.png")) == 1


@pytest.mark.parametrize(
    "content", [b"", b"text" * 1000, bytes(10_000), b"\x00\x00\x00\x18ftypmp42"]
)
def test_a_file_that_is_no_video(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.mp4"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=r"no.mp4: (cannot be opened|there is no|no frame)"):
        frames_of(path)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "tone.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(VideoError, match="there is no video in it"):
        open_source(tmp_path / "tone.wav")


def test_what_is_not_there(tmp_path: Path) -> None:
    for missing in (tmp_path / "none.mp4", "99", "/dev/video99"):
        with pytest.raises(FileMissingError, match="no such file"):
            open_source(missing)
    with pytest.raises(FileMissingError, match="no picture in this folder"):
        open_source(tmp_path)
    for scheme in ("file:///etc/passwd", "concat://a|b", "ftp://host/a"):
        with pytest.raises(ArgumentError, match="an address of"):
            open_source(scheme)
    with pytest.raises(VideoError, match=r"rtsp://me:\*\*\*@127.0.0.1:1/: cannot be opened"):
        open_source("rtsp://me:secret@127.0.0.1:1/", timeout=5)


class _Files(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, nothing logged; what is called "silent" never comes."""

    released = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/silent.ts":
            self.released.wait(30)
        elif self.path in ("/endless.ts", "/stalling.ts"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(Path(self.translate_path("/part.ts")).read_bytes())
            if self.path == "/stalling.ts":
                self.wfile.flush()
                self.released.wait(30)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    def handler(*args: object) -> _Files:
        return _Files(*args, directory=str(tmp_path))  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        _Files.released.set()
        serving.shutdown()


def test_addresses(tmp_path: Path, server: str) -> None:
    write_movie(tmp_path / "movie.mp4", moving(20))
    source = open_source(f"{server}/movie.mp4", timeout=20)
    assert not source.live and len(list(source)) == 20
    # A stream without an end is live: where it ends, it is opened again.
    write_movie(tmp_path / "part.ts", moving(10))
    with open_source(f"{server}/endless.ts", timeout=20, retry=QUICK) as live:
        assert live.live
        frames = [next(live) for _ in range(25)]
    assert_growing(frames)
    assert frames[-1].stream == 2 and live.problems.counts["reconnected"] == 2
    with pytest.raises(VideoError, match=r"none.mp4.*404"):
        open_source(f"{server}/none.mp4", timeout=20)
    # One that falls silent has died, too.
    with open_source(f"{server}/stalling.ts", timeout=1, retry=QUICK) as stalling:
        assert [frame.stream for frame, _ in zip(stalling, range(12), strict=False)][-1] == 1
    (lost, _) = stalling.problems.all()
    assert "nothing came within the time limit" in str(lost)
    with pytest.raises(VideoError, match="nothing came within the time limit"):
        open_source(f"{server}/silent.ts", timeout=0.3)


def test_without_pyav(movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ExtraNotInstalledError, match=r'pip install "rostro\[video\]"'):
        open_source(movie)
    Pictures.new("RGB", (6, 4)).save(tmp_path / "photo.png")
    assert len(frames_of(tmp_path)) == 1  # pictures need no FFmpeg


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": 5}, {"source": "\0"}, {"source": ""}, {"source": b"a"}, {"rate": 0},
        {"rate": "a"}, {"size": (0, 1)}, {"size": 640}, {"retry": 5}, {"timeout": -1},
    ],
)  # fmt: skip
def test_wrong_arguments(movie: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(RostroError):
        open_source(**{"source": movie} | wrong)  # type: ignore[arg-type]
