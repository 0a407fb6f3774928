"""What all commands share: JSON, errors in one line, files that are not overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest

from rostro.cli.common import json_text, report, rounded
from rostro.cli.outputs import refuse_existing
from rostro.errors import ArgumentError, WriteError


def test_numbers_are_those_that_are_meant() -> None:
    box = np.array([182.65, 1 / 3, -0.001, 1e7], np.float32)
    assert json_text({"box": box}) == '{"box": [182.65, 0.33333334, -0.001, 10000000.0]}'
    assert json_text(rounded(box, 2)) == "[182.65, 0.33, 0.0, 10000000.0]"
    assert json_text([np.int64(3), np.bool_(True), np.float64(0.1), (1, None)]) == (
        "[3, true, 0.1, [1, null]]"
    )


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, np.float32("nan"), np.float32("inf")])
def test_json_is_always_json(number: float) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = json_text({"a": [number, np.array([number])], "名\udcff": "é"}, indent=1)
    assert text.isascii()
    assert json.loads(text, parse_constant=refuse) == {"a": [None, [None]], "名\udcff": "é"}


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ArgumentError("image: got\n a strip"), "image: got a strip"),
        (MemoryError(), "not enough memory"),
        (MemoryError("1 GiB"), "not enough memory: 1 GiB"),
        (PermissionError(13, "Permission denied", "out"), "out: Permission denied"),
        (OSError(28, "No space left on device"), "standard output: No space left on device"),
        (WriteError("cannot write out"), "cannot write out"),
    ],
)
def test_an_error_is_one_line(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report(error)
    assert capsys.readouterr().err == f"rostro: error: {line}\n"


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    there, other = tmp_path / "a.png", tmp_path / "b.png"
    there.touch()
    refuse_existing([other, None], overwrite=False)
    refuse_existing([there, other], overwrite=True)
    with pytest.raises(click.UsageError, match=r"a\.png exists already; --overwrite replaces"):
        refuse_existing([other, there], overwrite=False)
    other.touch()
    with pytest.raises(click.UsageError, match=r"a\.png and 1 more exist already"):
        refuse_existing([there, other], overwrite=False)
