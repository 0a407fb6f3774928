"""How the node is: figures of the last seconds, and the reason of what is wrong."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from rostro.video.watch.statistics import Statistics

__all__ = ["Health"]

_RECENT = 5.0
"""Seconds for which a single failure is shown as one."""
_SILENT = 2.0
"""Seconds without an image, after which an active node says so."""


class Health:
    """What went well and what did not. Any number of threads may use one at once.

    Attributes:
        state: of the lifecycle.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._statistics = Statistics()
        self._counts: Counter[str] = Counter()
        self._last: tuple[float, str] | None = None
        self._standing: dict[str, str] = {}
        self._seen = time.monotonic()
        self.state = "unconfigured"

    def worked(self, seconds: Mapping[str, float]) -> None:
        """An image, and what it took: ``pipeline``, ``answer``, …"""
        with self._lock:
            self._statistics.add(seconds)

    def came(self) -> None:
        """An image came, or the camera is waited for since now."""
        self._seen = time.monotonic()

    def count(self, what: str) -> int:
        """One more of what is counted; how many these are."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what]

    def fail(self, what: str, why: object) -> int:
        """Something failed that may go well the next time; how often it did."""
        with self._lock:
            self._last = time.monotonic(), f"{what}: {why}"
            self._counts[what] += 1
            return self._counts[what]

    def stand(self, what: str, why: object | None) -> None:
        """Something is wrong until it is said to be right again, by ``None``."""
        with self._lock:
            if why is None:
                self._standing.pop(what, None)
            else:
                self._standing[what] = f"{what}: {why}"

    @property
    def figures(self) -> dict[str, str]:
        with self._lock:
            found, counts, last = self._statistics.figures(), dict(self._counts), self._last
        figures = {"fps": f"{found.fps:.1f}"}
        for stage, times in found.stages.items():
            figures[f"{stage} p50 ms"] = f"{times.p50_ms:.2f}"
            figures[f"{stage} p99 ms"] = f"{times.p99_ms:.2f}"
        figures |= {what: str(count) for what, count in sorted(counts.items())}
        if last is not None:
            ago = time.monotonic() - last[0]
            figures["last error"] = f"{last[1]} ({ago:.0f} s ago)"
        return figures

    def level(self) -> tuple[int, str]:
        """Of a `diagnostic_msgs/DiagnosticStatus`, and what to say."""
        with self._lock:
            standing, last = list(self._standing.values()), self._last
        if standing:
            return 2, "; ".join(standing)
        if last is not None and time.monotonic() - last[0] < _RECENT:
            return 1, last[1]
        silent = time.monotonic() - self._seen
        if self.state == "active" and silent > _SILENT:
            return 1, f"no image for {silent:.0f} s"
        return 0, self.state

    def message(self, node: str, stamp: Any, more: Mapping[str, str]) -> DiagnosticArray:
        """Everything, for ``/diagnostics``."""
        level, says = self.level()
        status = DiagnosticStatus(
            level=bytes([level]), name=f"{node}: faces", message=says, hardware_id="rostro"
        )
        told = {"state": self.state, **more, **self.figures}
        status.values = [KeyValue(key=key, value=value) for key, value in told.items()]
        message = DiagnosticArray(status=[status])
        message.header.stamp = stamp
        return message
