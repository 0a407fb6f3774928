"""The C++ reader of galleries: the program of `cpp/examples/identify.cpp`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import rostro
from rostro.types import FloatArray
from tests.support.cpp_programs import cpp_program

PROGRAM = "rostro_identify"
Answer = list[dict[str, Any]]


def read_once(gallery: Path, queries: FloatArray, threshold: float = 0.5, k: int = 5) -> Answer:
    """The lines that the program prints, in a process of its own."""
    file = gallery.parent / "queries.f32"
    queries.tofile(file)
    done = subprocess.run(
        [cpp_program(PROGRAM), gallery, file, str(threshold), str(k)],
        capture_output=True,
        timeout=60,
    )
    answer = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == int("error" in answer[-1] if answer else 0), done
    assert not done.stderr
    return answer


class Reader:
    """A process that has the gallery open, and follows it before each question."""

    def __init__(self, gallery: Path, threshold: float = 0.5, k: int = 5) -> None:
        self._file = gallery.parent / "queries.f32"
        self._process = subprocess.Popen(
            [cpp_program(PROGRAM), gallery, "-", str(threshold), str(k)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, queries: FloatArray) -> Answer:
        """A line for each query, then one with the numbers of people and of templates."""
        queries.tofile(self._file)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{self._file}\n".encode())
        self._process.stdin.flush()
        answer: Answer = [{}]
        while "people" not in answer[-1]:
            answer.append(json.loads(self._process.stdout.readline()))
        return answer[1:]

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


def check_equal(
    answer: Sequence[dict[str, Any]],
    gallery: rostro.Gallery,
    queries: FloatArray,
    threshold: float = 0.5,
    k: int = 5,
) -> None:
    """The same names and the same similarities, bit for bit."""
    nearest = gallery.search(queries, k)
    who = gallery.identify(queries, threshold)
    assert len(answer) == len(queries)
    for line, matches, match in zip(answer, nearest, who, strict=True):
        assert line["name"] == (match and match.name)
        found = [(name, np.float32(similarity)) for name, similarity in line["nearest"]]
        assert found == [(each.name, np.float32(each.similarity)) for each in matches]
