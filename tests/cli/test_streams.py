"""Commands whose output goes where it cannot go: odd encodings, full disks, closed pipes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.usefixtures("default_models"), pytest.mark.processes]
FULL = Path("/dev/full")
posix = pytest.mark.skipif(os.name != "posix", reason="of POSIX")


def rostro(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rostro", *map(str, arguments)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


@posix
@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_names_that_the_terminal_lacks(encoding: str, astronaut: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "日本.png", tmp_path / os.fsdecode(b"\xe9.png")
    shutil.copy(astronaut, good)
    bad.write_bytes(b"no")
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    options = {"env": environment, "stdout": subprocess.PIPE}
    done = rostro("detect", bad, good, "--threads", 1, **options)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.startswith("rostro: error: ") and done.stderr.count("\n") == 1
    people, gallery = tmp_path / "people", tmp_path / "people.rostro"
    (people / "日本").mkdir(parents=True)
    shutil.copy(good, people / "日本")
    enrolled = rostro("enroll", people, "--gallery", gallery, **options)
    assert (enrolled.returncode, enrolled.stderr) == (0, "")
    for command in (("list",), ("list", "--json"), ("show",)):
        listed = rostro("gallery", command[0], gallery, *command[1:], **options)
        assert (listed.returncode, listed.stderr) == (0, "")
    known = rostro("identify", good, "--gallery", gallery, **options)
    assert (known.returncode, known.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["detect", "PHOTO"], 1),
        (["verify", "PHOTO", "PHOTO"], 3),
        (["doctor"], 1),
        (["detect", "--help"], 1),
    ],
)
def test_a_full_disk_is_told_in_one_line(
    arguments: list[str], status: int, astronaut: Path
) -> None:
    arguments = [str(astronaut) if part == "PHOTO" else part for part in arguments]
    with FULL.open("w") as full:
        done = rostro(*arguments, stdout=full)
    assert done.returncode == status
    assert done.stderr == "rostro: error: standard output: No space left on device\n"
    with FULL.open("w") as full:
        command = [sys.executable, "-m", "rostro", *arguments]
        assert subprocess.run(command, stdout=full, stderr=full).returncode == status


@posix
@pytest.mark.parametrize(("command", "status"), [("detect", 1), ("verify", 3)])
def test_a_closed_pipe_is_quiet(command: str, status: int, astronaut: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = rostro(command, astronaut, astronaut, stdout=closed)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.parametrize(
    ("command", "status"),
    [(["detect", "a.jpg"], 1), (["verify", "a", "b"], 3), (["models", "list"], 1)],
)
def test_a_wrong_simd_level_is_told_in_one_line(command: list[str], status: int) -> None:
    environment = os.environ | {"ROSTRO_SIMD": "mmx"}
    done = rostro(*command, env=environment, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("rostro: error: environment variable ROSTRO_SIMD: ")
    assert done.stderr.count("\n") == 1


def test_doctor_tells_a_wrong_simd_level() -> None:
    environment = os.environ | {"ROSTRO_SIMD": "mmx"}
    done = rostro("doctor", env=environment, stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "environment variable ROSTRO_SIMD: " in done.stdout
