"""Where what happens is told: lines on the standard output, and one line that stays in place."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rostro.video.watch.documents import json_text, plain_line

__all__ = ["Output", "live_line"]

_SHOWN = ("frame", "detect", "search", "embed", "stages", "record")


class Output:
    """Writes whole lines at once. One thread at a time.

    Args:
        as_json: events as JSON, one object a line; else in words.
        in_place: whether somebody is watching the standard error, where a line is kept then.

    Raises:
        OSError: of each method, the standard output is full or, as `BrokenPipeError`, closed.
    """

    def __init__(self, as_json: bool, in_place: bool) -> None:
        self.as_json = as_json
        self.in_place = in_place
        self._line = ""

    def event(self, document: Mapping[str, Any]) -> None:
        """Something that happened to somebody."""
        self.line(json_text(document) if self.as_json else plain_line(document))

    def document(self, document: Mapping[str, Any]) -> None:
        """What is told as JSON alone."""
        if self.as_json:
            self.line(json_text(document))

    def line(self, text: str) -> None:
        """A line on the standard output."""
        self._clear()
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        self._restore()

    def note(self, text: str) -> None:
        """A line on the standard error, whose reader may be gone."""
        self._clear()
        _to_stderr(f"rostro: {text}\n")
        self._restore()

    def show(self, text: str) -> None:
        """The line that stays in place."""
        if self.in_place:
            columns = shutil.get_terminal_size().columns
            self._line = text[: max(columns - 1, 1)]
            self._restore()

    def end(self) -> None:
        """The line in place is gone."""
        self._clear()
        self._line = ""

    def _clear(self) -> None:
        if self._line:
            _to_stderr("\r\x1b[K")

    def _restore(self) -> None:
        if self._line:
            _to_stderr(f"\r{self._line}\x1b[K")


def _to_stderr(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        pass  # nobody is left to be told


def live_line(figures: Mapping[str, Any], names: Iterable[str]) -> str:
    """The figures of `figures_document` and who is there, in one line; p50/p99 of each stage."""
    names = list(names)
    stages = figures["stages"]
    parts = [f"{figures['fps']:.1f} fps"]
    for stage in _SHOWN:
        if stage in stages:
            times = stages[stage]
            parts.append(f"{stage} {times['p50_ms']:.1f}/{times['p99_ms']:.1f} ms")
    parts.append(f"dropped {figures['dropped']}")
    parts.append(f"{len(names)} people" if len(names) != 1 else "1 person")
    return "  ".join(parts) + (": " + ", ".join(names) if names else "")
