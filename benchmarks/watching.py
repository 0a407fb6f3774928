"""What `rostro watch` adds to a frame beside the tracker: alone, with a page, with a viewer of it.

    python benchmarks/watching.py [--frames 300] [--write]

640x480 pixels, 30 frames a second, four faces of photos of the test data, the default networks,
events as JSON into a file that forgets them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import rostro
from loads import busy_neighbours
from report import ROOT, Page, argument_parser, heading, table
from rostro.faces import Faces
from rostro.support.cpus import available_cpus
from rostro.types import Image
from rostro.video import Frame, NewestFrame, Problems
from rostro.video.shots import BestShots
from rostro.video.watch.loop import Watch
from rostro.video.watch.output import Output
from rostro.video.watch.stop import Stop
from rostro.video.web.board import Board
from rostro.video.web.server import Address, PageServer

sys.path.insert(0, str(ROOT))

from tests.support.streams import RATE, walking
from tests.support.videos import frames, people

WAYS = ("events", "and a page", "and a viewer")


class Camera:
    """Gives each frame when its time has come; a `Source`."""

    live = False  # nothing is dropped, so that all ways see the same frames
    name, rate, size = "camera", float(RATE), (640, 480)

    def __init__(self, video: Sequence[Image]) -> None:
        self._video = video
        self.problems = Problems()

    def __iter__(self) -> Iterator[Frame]:
        begin = time.perf_counter()
        for number, image in enumerate(self._video):
            time.sleep(max(0.0, begin + number / RATE - time.perf_counter()))
            yield Frame(image, number / RATE, number)

    def close(self) -> None:
        pass


class TimedTracker(rostro.FaceTracker):
    """Keeps the seconds of each frame."""

    def __init__(self, pipeline: rostro.FacePipeline) -> None:
        super().__init__(pipeline)
        self.took: list[float] = []

    def __call__(self, *given: Any, **named: Any) -> Faces:
        begin = time.perf_counter()
        faces = super().__call__(*given, **named)
        self.took.append(time.perf_counter() - begin)
        return faces


class TimedWatch(Watch):
    """Keeps the seconds of each frame, the tracker's among them."""

    took: list[float]

    def step(self, frame: Frame) -> None:
        begin = time.perf_counter()
        super().step(frame)
        self.took.append(time.perf_counter() - begin)


def view(url: str) -> None:
    """A process: reads the annotated stream until it is ended."""
    with urllib.request.urlopen(url + "stream") as stream:
        while stream.read(1 << 16):
            pass


@contextlib.contextmanager
def viewer(url: str) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=view, args=(url,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def measure(pipeline: rostro.FacePipeline, video: Sequence[Image], way: str) -> list[str]:
    tracker = TimedTracker(pipeline)
    with contextlib.ExitStack() as stack:
        nowhere = stack.enter_context(Path(os.devnull).open("w"))
        board, shots = (None, None) if way == WAYS[0] else (Board("camera"), BestShots())
        watch = TimedWatch(tracker, Output(True, False), board=board, shots=shots)
        watch.took = []
        if board is not None:
            server = stack.enter_context(PageServer(board, Address("127.0.0.1", 0)))
            if way == WAYS[2]:
                stack.enter_context(viewer(server.url))
                time.sleep(2)  # it starts
        newest = stack.enter_context(NewestFrame(Camera(video)))
        with contextlib.redirect_stdout(nowhere):
            watch.run(newest, Stop())
    own = 1e6 * (np.array(watch.took) - tracker.took)
    tracked = 1e3 * np.array(tracker.took)
    figures = [f"{figure:.0f}" for figure in np.percentile(own, [50, 90, 99])]
    return [*figures, *(f"{figure:.1f}" for figure in np.percentile(tracked, [50, 99]))]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args()
    video = list(frames(walking(options.frames), [mine[1:] for mine in people(4)]))
    pipeline = rostro.FacePipeline()
    pipeline(video[0])  # prepares its networks
    rows = []
    for load, neighbours in (("idle", 0), ("one busy neighbour a CPU", available_cpus())):
        with busy_neighbours(neighbours):
            rows += [[load, way, *measure(pipeline, video, way)] for way in WAYS]
    page = Page("watching", "What rostro watch adds to a frame")
    page.show(heading(["onnxruntime", "ncnn", "starlette", "uvicorn"]))
    page.show(
        f"640x480 pixels, {RATE} frames a second, four faces, {options.frames} frames a row, "
        f"{available_cpus()} CPUs. Microseconds that a frame takes from its arrival to its end, "
        "without the tracker: people and events; with a page, best shots and what the page shows; "
        "with a viewer in another process, whose pictures the server's thread of this one "
        "annotates and encodes meanwhile. Beside it, the tracker's milliseconds. On a shared "
        "machine `idle` is not idle."
    )
    header = ["load", "rostro watch", "own µs, p50", "p90", "p99", "tracker ms, p50", "p99"]
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
