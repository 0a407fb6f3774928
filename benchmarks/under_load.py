"""The pipeline at 640x480 on a busy machine: rostro's default threads, fixed ones, and its peers.

    python benchmarks/under_load.py [--turns 24] [--load idle] [--write]

Each contender is a process of its own, which works a few frames in its turn and sleeps in the
others'. Where control groups may be made, each has the quota for itself; where not, a process with
half a CPU is stopped half of the time, and the rows of 1.5 CPUs are left out. insightface is
measured where it is installed (`pip install --no-deps insightface`: it brings a second OpenCV), and
the networks of the test data are there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

import rostro
from end_to_end import HEIGHT, WIDTH, opencv_work, sample_frame
from loads import busy_neighbours, duty_cycle, quota
from networks import test_networks
from report import Page, argument_parser, heading, table
from rostro.support.cpus import available_cpus
from rostro.types import Image

FRAMES = 5  # a turn
PAUSE = 0.1  # seconds before it, for workers of the one before that spin
WARM_UP = 15  # frames
REFERENCE = "rostro, threads=1"
INTERVAL = (2.5, 97.5)  # percent
Times = NDArray[np.float64]


class Load(NamedTuple):
    """A busy machine; its ``quota`` is for each contender."""

    name: str
    neighbours: int = 0
    quota: float | None = None
    nice: int = 0


def loads() -> list[Load]:
    cpus = available_cpus()
    return [
        Load("idle"),
        Load("one busy neighbour a CPU", neighbours=cpus),
        Load("the same, `nice` 5", neighbours=cpus, nice=5),
        Load("quota of 0.5 CPUs", quota=0.5),
        Load("quota of 1.5 CPUs", quota=1.5),
    ]


def _rostro(threads: int | None, frame: Image) -> Callable[[], object]:
    pipeline = rostro.FacePipeline(threads=threads)
    return lambda: pipeline(frame)


def _opencv(frame: Image) -> Callable[[], object]:
    work = opencv_work(frame)
    cv2.setNumThreads(-1)  # its default
    return work


def _insightface(frame: Image) -> Callable[[], object]:
    """Its SCRFD and its embedder, with the small networks of the test data, as it runs them."""
    from insightface.app.common import Face
    from insightface.model_zoo.arcface_onnx import ArcFaceONNX
    from insightface.model_zoo.scrfd import SCRFD

    folder = test_networks()
    detector = SCRFD(str(folder / "detect" / "scrfd_500m_bnkps_dynamic.onnx"))
    detector.prepare(0, input_size=(WIDTH, HEIGHT))
    embedder = ArcFaceONNX(str(folder / "embed" / "mobilefacenet_foamliu_128.onnx"))
    embedder.prepare(0)

    def work() -> object:
        boxes, points = detector.detect(frame, max_num=0)
        return embedder.get(frame, Face(bbox=boxes[0, :4], kps=points[0], det_score=boxes[0, 4]))

    return work


CONTENDERS: dict[str, Callable[[Image], Callable[[], object]]] = {
    "rostro, default": lambda frame: _rostro(None, frame),
    REFERENCE: lambda frame: _rostro(1, frame),
    "rostro, threads on all CPUs": lambda frame: _rostro(10_000, frame),
    "OpenCV": _opencv,
    "insightface": _insightface,
}


def contenders() -> list[str]:
    there = importlib.util.find_spec("insightface") is not None and test_networks().is_dir()
    return [name for name in CONTENDERS if there or name != "insightface"]


def contend(name: str, frame: Image, group: Path | None, nice: int, parent: Connection) -> None:
    """A process: works its frames whenever it is told to, and says how long each took."""
    if group is not None:
        group.write_text(str(os.getpid()))
    os.nice(nice)
    with Path(os.devnull).open("w") as nowhere:  # of which insightface's libraries print much
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    work = CONTENDERS[name](frame)
    for _ in range(WARM_UP):
        work()
    parent.send([])
    while parent.recv():
        times = []
        for _ in range(FRAMES):
            begin = time.perf_counter()
            work()
            times.append(time.perf_counter() - begin)
        parent.send(times)


def measure(load: Load, names: list[str], turns: int, groups: bool) -> dict[str, Times]:
    """(turns, FRAMES) seconds of each."""
    context = multiprocessing.get_context("spawn")
    frame = sample_frame()
    with contextlib.ExitStack() as stack:
        ends: dict[str, Connection] = {}
        workers = []
        for index, name in enumerate(names):
            group = None
            if load.quota is not None and groups:
                group = stack.enter_context(quota(load.quota, str(index)))
            ends[name], end = context.Pipe()
            given = (name, frame, group, load.nice, end)
            workers.append(context.Process(target=contend, args=given, daemon=True))
            workers[-1].start()
            if load.quota is not None and not groups:
                stack.enter_context(duty_cycle(load.quota, workers[-1].pid or 0))
            end.close()
        with busy_neighbours(load.neighbours):
            for connection in ends.values():
                connection.recv()
            taken: dict[str, list[list[float]]] = {name: [] for name in names}
            random = np.random.default_rng(0)
            for _ in range(turns):
                for name in random.permutation(names):
                    time.sleep(PAUSE)
                    ends[name].send(True)
                    taken[name].append(ends[name].recv())
        for connection in ends.values():
            connection.send(False)
        for worker in workers:
            worker.join()
    return {name: np.array(times) for name, times in taken.items()}


def ratio(times: Times, reference: Times, percentile: float) -> str:
    """Of two percentiles, with the interval that the bootstrap over turns gives."""

    def of(turns: NDArray[np.int64]) -> float:
        above, below = (np.percentile(each[turns], percentile) for each in (times, reference))
        return float(above / below)

    random = np.random.default_rng(0)
    count = len(times)
    drawn = [of(random.integers(count, size=count)) for _ in range(1000)]
    low, high = np.percentile(drawn, INTERVAL)
    return f"{of(np.arange(count)):.2f} ({low:.2f}-{high:.2f})"


def rows(load: Load, taken: dict[str, Times]) -> list[list[str]]:
    found = []
    for name, times in taken.items():
        p50, p99 = 1000 * np.percentile(times, [50, 99])
        ratios = [ratio(times, taken[REFERENCE], percentile) for percentile in (50, 99)]
        found.append([load.name, name, f"{p50:.1f}", f"{p99:.1f}", *ratios])
    return found


def groups_allowed() -> bool:
    try:
        with quota(1, "try"):
            return True
    except OSError:
        return False


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--turns", type=int, default=24)
    parser.add_argument("--load", action="append", metavar="NAME", help="of the page, these alone")
    options = parser.parse_args()
    if options.load and options.write:
        parser.error("--write takes every load")
    names, groups = contenders(), groups_allowed()
    found = []
    for load in loads():
        if options.load and load.name not in options.load:
            continue
        if groups or load.quota is None or load.quota < 1:
            found += rows(load, measure(load, names, options.turns, groups))
            print(f"{load.name}: measured", file=sys.stderr, flush=True)
    page = Page("under-load", "The pipeline on a busy machine")
    page.show(heading(["onnxruntime", "ncnn", "opencv-python-headless", "numpy"]))
    page.show(
        f"Image to embedding, 640x480, one face, {available_cpus()} CPUs; {options.turns} "
        f"turns of {FRAMES} frames after {WARM_UP}, each contender a process of its own, one "
        "at work at a time, in random order. Milliseconds a frame, and their ratio to that of "
        "rostro with `threads=1`, with the interval of 95 % that the bootstrap over turns "
        "gives. rostro and OpenCV run the same two networks; insightface runs smaller ones, "
        "SCRFD-500M and a MobileFaceNet, so that its rows say how a load changes them, not "
        "who is faster. rostro's default sees a quota below two CPUs and takes one thread; "
        "elsewhere it changes to one while that is faster. On a shared machine `idle` is not "
        "idle: a ratio is worth what its interval says."
    )
    if not groups:
        page.show(
            "No control group may be made here: the process with half a CPU is stopped for half of "
            "each 100 ms instead, and does not know of it."
        )
    header = ["load", "contender", "p50 ms", "p99 ms", "p50 : threads=1", "p99 : threads=1"]
    page.show(table(header, found))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
