"""Videos that rostro writes: times, sizes, sound, and disks that are full."""

from __future__ import annotations

import errno
import io
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from rostro.errors import ArgumentError, ArgumentTypeError, FileMissingError, VideoError, WriteError
from rostro.types import Image
from rostro.video import VideoWriter, open_source
from tests.support.movies import moving, sound_of, write_movie


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov", ".webm"])
def test_times_and_pictures_are_kept(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    times = [2.0, 2.04, 2.05, 2.5, 3.75]
    with VideoWriter(path, (160, 120), 25) as writer:
        for image, time in zip(moving(5), times, strict=True):
            writer.write(image, time)
            assert not path.exists()
    assert names(tmp_path) == [path.name]
    with open_source(path) as source:
        frames = list(source)
    assert [frame.time for frame in frames] == pytest.approx(np.array(times) - 2, abs=1e-3)
    for frame, image in zip(frames, moving(5), strict=True):
        assert np.abs(frame.image.astype(int) - image).mean() < 5


def test_odd_sizes_and_frames_of_another_size(tmp_path: Path) -> None:
    (image,) = moving(1)
    odd = np.ascontiguousarray(image[:119, :159])
    with VideoWriter(tmp_path / "odd.mp4", (159, 119), 25) as writer:
        writer.write(odd, 0)
        writer.write(odd[::2, ::4], 1)  # 60 x 40: scaled, black beside it
    first, second = open_source(tmp_path / "odd.mp4")
    assert first.image.shape == (120, 160, 3)
    assert np.abs(first.image[:119, :159].astype(int) - odd).mean() < 5
    assert second.image[:, :30].max() < 10 < second.image[:, 60:100].mean()


def test_sound_is_copied_as_it_is_and_tags_are_not(tmp_path: Path) -> None:
    tags = {"title": "secret", "location": "+48.1+11.5/"}
    source = write_movie(tmp_path / "in.mp4", moving(50), sound=True, tags=tags)
    for suffix in (".mp4", ".mkv"):
        out = tmp_path / f"out{suffix}"
        with VideoWriter(out, (160, 120), 25, sound_of=source) as writer:
            for number, image in enumerate(moving(50)):
                writer.write(image, number / 25)
        assert sound_of(out) == sound_of(source)
        content = out.read_bytes()
        assert b"secret" not in content and b"+48.1" not in content
        with av.open(str(out)) as container:
            assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands",
                                               "encoder", "duration"}  # fmt: skip


def test_a_sound_that_does_not_fit_is_told(tmp_path: Path) -> None:
    source = write_movie(tmp_path / "in.mp4", moving(5), sound=True)
    with pytest.raises(VideoError, match=r"sound.*aac.*webm"):
        VideoWriter(tmp_path / "out.webm", (160, 120), 25, sound_of=source)
    assert names(tmp_path) == ["in.mp4"]


class Full(io.FileIO):
    """The file of a disk with little space left."""

    left = 400_000

    def write(self, data: object) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]
        if self.tell() + size > self.left:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]


def full(name: str, _mode: str, opener: Any = None) -> Full:
    return Full(name, "w", opener=opener)


def noise(number: int) -> Image:
    return np.random.default_rng(number).integers(0, 256, (120, 160, 3), np.uint8)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_full_disk_is_told_with_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    monkeypatch.setattr("builtins.open", full)
    writer = VideoWriter(path, (160, 120), 25)
    monkeypatch.undo()
    with pytest.raises(WriteError, match="No space left on device") as caught:
        for number in range(1000):
            writer.write(noise(number), number / 5)
    kept = tmp_path / f"out.partial{suffix}"
    assert names(tmp_path) == [kept.name] and str(kept) in str(caught.value)
    assert len(list(open_source(kept))) >= 1
    with pytest.raises(VideoError, match="closed"):
        writer.write(noise(0), 50)
    writer.close()
    # What must not be seen half is not kept.
    kept.unlink()
    monkeypatch.setattr("builtins.open", full)
    writer = VideoWriter(path, (160, 120), 25, keep_partial=False)
    monkeypatch.undo()
    with pytest.raises(WriteError, match="nothing of it is kept"):
        for number in range(1000):
            writer.write(noise(number), number / 25)
    assert names(tmp_path) == []


def test_errors_of_others_keep_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "out.mkv"
    path.write_bytes(b"before")
    with pytest.raises(KeyError) as caught, VideoWriter(path, (160, 120), 25) as writer:
        for number, image in enumerate(moving(30)):
            writer.write(image, number / 25)
        raise KeyError("somebody else's")
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["out.mkv", "out.partial.mkv"]
    if sys.version_info >= (3, 11):
        assert "out.partial.mkv" in caught.value.__notes__[0]
    writer = VideoWriter(path, (160, 120), 25)
    writer.close()  # without a frame
    discarded = VideoWriter(path, (160, 120), 25)
    discarded.write(moving(1)[0], 0)
    discarded.discard()
    assert path.read_bytes() == b"before" and len(names(tmp_path)) == 2


def test_wrong_arguments(tmp_path: Path) -> None:
    for path, size, rate, error in (
        (tmp_path / "out.gif", (160, 120), 25, ArgumentError),
        (tmp_path / "none" / "out.mp4", (160, 120), 25, FileMissingError),
        (tmp_path / "out.mp4", (0, 120), 25, ArgumentError),
        (tmp_path / "out.mp4", 160, 25, ArgumentTypeError),
        (tmp_path / "out.mp4", (160, 120), float("nan"), ArgumentError),
        (5, (160, 120), 25, ArgumentTypeError),
    ):
        with pytest.raises(error):
            VideoWriter(path, size, rate)  # type: ignore[arg-type]
    with VideoWriter(tmp_path / "out.mp4", (160, 120), 25) as writer:
        writer.write(moving(1)[0], 1)
        for time in (1, 0.5, float("nan"), float("inf"), 1e300):
            with pytest.raises(ArgumentError, match="time"):
                writer.write(moving(1)[0], time)
        for image in (np.zeros((2, 2), np.uint8), np.zeros((0, 2, 3), np.uint8)):
            with pytest.raises(ArgumentError, match="image"):
                writer.write(image, 2)
        with pytest.raises(ArgumentTypeError, match="image"):
            writer.write(np.zeros((2, 2, 3)), 2)  # type: ignore[arg-type]
    assert len(list(open_source(tmp_path / "out.mp4"))) == 1
