"""The pipeline at 640x480 while other processes hold every CPU: its default threads against one.

Prints Markdown: the median of each, in turn, idle and under load, and their ratio.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator

import numpy as np

import rostro
from end_to_end import sample_frame
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro.support.cpus import available_cpus


def spin() -> None:
    """Holds a CPU until it is ended."""
    while True:
        pass


@contextlib.contextmanager
def load(processes: int) -> Iterator[None]:
    """So many busy processes, which are ended with the block."""
    context = multiprocessing.get_context("spawn")
    busy = [context.Process(target=spin, daemon=True) for _ in range(processes)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    frame = sample_frame()
    default, one = rostro.FacePipeline(), rostro.FacePipeline(threads=1)
    works: dict[str, Callable[[], object]] = {
        "default": lambda: default(frame),
        "threads=1": lambda: one(frame),
    }
    rows = []
    for busy in (0, available_cpus()):
        with load(busy):
            seconds = measure_in_turn(works, options.rounds)
        many, single = (1e3 * float(np.median(values)) for values in seconds.values())
        rows.append([str(busy), f"{many:.1f}", f"{single:.1f}", f"{many / single:.2f}"])
    page = Page("under-load", "Default threads while other processes hold the CPUs")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(table(["busy processes", "default, p50 ms", "threads=1, p50 ms", "ratio"], rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
