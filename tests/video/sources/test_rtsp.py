"""A real RTSP server that dies and comes back."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import pytest

from rostro.video import Frame, Retry, open_source
from tests.support.rtsp_server import free_port, rtsp_server


@pytest.mark.heavy
def test_a_server_that_is_killed_and_comes_back() -> None:
    port = free_port()
    frames: list[Frame] = []
    retry = Retry(first=0.05, most=0.5, attempts=60)
    with ExitStack() as servers:
        first = servers.enter_context(rtsp_server(port))
        source = servers.enter_context(
            open_source(f"rtsp://127.0.0.1:{port}/stream", retry=retry, timeout=20)
        )
        assert source.live and source.size == (160, 120)
        for frame in source:
            frames.append(frame)
            if len(frames) == 45:
                first.kill()
                first.wait()
                servers.enter_context(rtsp_server(port))
            if frame.stream == 1 and frame.number >= 30:
                break
    counts = source.problems.counts
    assert counts["lost"] == 1 and counts["reconnected"] == 1
    assert counts.keys() <= {"lost", "reconnected", "unreachable", "no_stamp", "damaged"}
    for stream in (0, 1):  # the stream's own 30 frames a second
        times = [frame.time for frame in frames if frame.stream == stream]
        assert times[0] == 0 and len(times) > 30
        steps = np.diff(times)
        assert steps.min() > 0 and np.median(steps) == pytest.approx(1 / 30, abs=0.002)
    assert all(frame.image.std() > 30 for frame in frames)  # bars of colors
