"""What a frame takes with and without a budget, on an idle machine and on a busy one.

    python benchmarks/tracker_budget.py [--frames 600] [--write]

640x480 pixels, four faces of photos of the test data that walk about, the default networks. The
trackers take each frame in turn, so that all see the same machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import numpy as np

import rostro
from loads import busy_neighbours
from report import ROOT, Page, argument_parser, heading, table
from rostro.support.cpus import available_cpus
from rostro.types import Image
from rostro.video.budget import WORKS

sys.path.insert(0, str(ROOT))

from tests.support.streams import RATE, walking
from tests.support.videos import frames, people

BUDGET = 50.0  # milliseconds


class Contender:
    """A tracker, and the milliseconds that its frames took."""

    def __init__(self, threads: int | None, budget: float | None) -> None:
        pipeline = rostro.FacePipeline(threads=threads)
        self.name = "default" if threads is None else str(threads)
        self.budget = budget
        self.tracker = rostro.FaceTracker(pipeline, budget_ms=budget)
        self.times: list[float] = []

    def look(self, frame: Image, index: int) -> None:
        begin = time.perf_counter()
        self.tracker(frame, index / RATE)
        self.times.append(1000 * (time.perf_counter() - begin))

    def row(self) -> list[str]:
        times, tracker = np.array(self.times), self.tracker
        p50, p99 = np.percentile(times, [50, 99])
        kept = 100 * np.mean(times <= BUDGET)
        done = tracker.detected, tracker.searched, tracker.embedded
        return [
            *(self.name, "none" if self.budget is None else f"{self.budget:.0f} ms"),
            *(f"{kept:.1f} %", f"{p50:.1f}", f"{p99:.1f}"),
            *map(str, done),
            *(str(tracker.dropped[work]) for work in WORKS if work != "stages"),
        ]


def measure(video: Sequence[Image], neighbours: int) -> list[list[str]]:
    contenders = [Contender(threads, budget) for threads in (None, 1) for budget in (None, BUDGET)]
    for contender in contenders:
        contender.tracker.pipeline(video[0])  # prepares its networks
    with busy_neighbours(neighbours):
        for index, frame in enumerate(video):
            for contender in contenders:
                contender.look(frame, index)
    return [contender.row() for contender in contenders]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--frames", type=int, default=600)
    options = parser.parse_args()
    video = list(frames(walking(options.frames), [mine[1:] for mine in people(4)]))
    loads = (("idle", 0), ("one busy neighbour a CPU", available_cpus()))
    rows = [[load, *row] for load, neighbours in loads for row in measure(video, neighbours)]
    page = Page("tracker-budget", "Following faces within a budget")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"640x480 pixels, four faces, {options.frames} frames, the default networks, "
        f"{available_cpus()} CPUs. Kept: frames of no more than {BUDGET:.0f} ms. Then what was "
        "done, and what was dropped: looks of the detector that were put off, crops, embeddings of "
        "new faces and of those that have one. The trackers took each frame in turn. On a shared "
        "machine `idle` is not idle."
    )
    header = [
        *("load", "threads", "budget", "kept", "p50 ms", "p99 ms", "looks", "crops", "embedded"),
        *("looks put off", "crops dropped", "new dropped", "others dropped"),
    ]
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
