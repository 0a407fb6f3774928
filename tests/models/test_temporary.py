"""What a killed process leaves behind is removed, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostro import models
from rostro.errors import DownloadError
from rostro.support.files import replacing
from rostro.support.temporary import remove_abandoned, temporary_folder

# Prints what it has made, then waits until it is killed or its input ends.
SCRIPT = """
import sys
from pathlib import Path
from rostro.support.files import replacing
from rostro.support.temporary import temporary_folder
with temporary_folder() as folder, replacing(Path(sys.argv[1]) / "weights.bin"):
    (folder / "large").write_bytes(bytes(1000))
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of its work."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "cache")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def left(scratch: Path, cache: Path) -> list[int]:
    return [len(list(scratch.iterdir())), len(list(cache.glob(".*.part")))]


@pytest.mark.processes
def test_of_the_living_nothing_of_the_dead_everything(
    worker: subprocess.Popen[str], scratch: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"

    def remove() -> list[int]:
        remove_abandoned()
        remove_abandoned(cache, ".*.part")
        return left(scratch, cache)

    assert remove() == [1, 1]
    worker.kill()
    worker.wait()
    assert left(scratch, cache) == [1, 1]
    assert remove() == [0, 0]


@pytest.mark.processes
def test_a_process_goes_on_after_others_removed(
    worker: subprocess.Popen[str], scratch: Path, tmp_path: Path
) -> None:
    remove_abandoned(tmp_path / "cache", ".*.part")
    worker.communicate("")
    assert worker.returncode == 0
    assert (tmp_path / "cache" / "weights.bin").exists() and not list(scratch.iterdir())


def test_an_install_removes_what_a_killed_one_left(
    scratch: Path, empty_cache: Path, tmp_path: Path
) -> None:
    folder = empty_cache / "models" / "yunet-2023mar"
    abandoned = [folder / ".yunet-2023mar.onnx.0123456789ab.part", scratch / "rostro-x.scratch"]
    folder.mkdir(parents=True)
    abandoned[0].write_bytes(bytes(1000))
    abandoned[1].mkdir()
    (abandoned[1] / "pnnx").write_bytes(bytes(1000))
    for kept in ("rostro-photos", "other.scratch"):
        (scratch / kept).mkdir()
    (scratch / "rostro-link.scratch").symlink_to(tmp_path)
    with pytest.raises(DownloadError):  # there is no network here
        models.install("yunet-2023mar")
    assert not any(path.exists() for path in abandoned)
    assert {path.name for path in scratch.iterdir()} == {
        "rostro-photos",
        "other.scratch",
        "rostro-link.scratch",
    }


def test_one_taken_away_at_birth_is_made_again(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making and locking, another process may take it for abandoned."""
    taken: list[str | Path] = []
    real = os.open

    def open_then_lose(path: str | Path, *arguments: int) -> int:
        descriptor = real(path, *arguments)
        if not taken:
            taken.append(path)
            monkeypatch.setattr(os, "open", real)
            remove_abandoned(Path(path).parent, Path(path).name)
        return descriptor

    monkeypatch.setattr(os, "open", open_then_lose)
    with replacing(tmp_path / "file") as file:
        file.write(b"whole")
    assert (tmp_path / "file").read_bytes() == b"whole" and len(taken) == 1
    taken.clear()
    monkeypatch.setattr(os, "open", open_then_lose)
    with temporary_folder() as folder:
        assert folder.is_dir() and len(taken) == 1
    assert not list(scratch.iterdir())
