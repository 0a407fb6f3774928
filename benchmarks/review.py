"""What a review queue costs: the tracker's thread a frame, and the writing beside it.

    python benchmarks/review.py [--rounds 3] [--write]

The film is made of photos of the test data: four people, nobody of a gallery, ten seconds.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rostro
from report import ROOT, Page, argument_parser, heading, table
from rostro.types import Image
from rostro.video import ReviewQueue

sys.path.insert(0, str(ROOT))

from tests.support.streams import RATE, walking
from tests.support.unknowns import entry, shot
from tests.support.videos import frames, people


def milliseconds(
    pipeline: rostro.FacePipeline, film: list[Image], queue: ReviewQueue | None
) -> NDArray[np.float64]:
    """Of the tracker's own thread, a frame."""
    gallery = rostro.Gallery(128, embedder=pipeline.embedder)
    tracker, spent = rostro.FaceTracker(pipeline, gallery, review=queue), []
    for index, frame in enumerate(film):
        begin = time.thread_time()
        tracker(frame, index / RATE)
        spent.append((time.thread_time() - begin) * 1000)
    tracker.close()
    return np.array(spent)


def following(folder: Path, rounds: int) -> str:
    pipeline = rostro.FacePipeline(threads=1)
    film = list(frames(walking(300), [mine[1:] for mine in people(4)]))
    milliseconds(pipeline, film[:30], None)
    ways: dict[str, list[NDArray[np.float64]]] = {"without": [], "with a queue": []}
    for number in range(rounds):  # in turn, so that both see one machine
        for name, found in ways.items():
            queue = ReviewQueue(folder / f"{number}") if name != "without" else None
            found.append(milliseconds(pipeline, film, queue))
    rows = []
    for name, found in ways.items():
        # Of each frame the quickest round: what others did meanwhile is left out.
        least = np.min(found, axis=0)
        rows.append(
            [name, f"{least.mean():.2f}", *(f"{np.percentile(least, p):.2f}" for p in (50, 99))]
        )
    return table(["review", "mean ms a frame", "p50", "p99"], rows)


def writing(folder: Path) -> str:
    """A record with five pictures, and one that is written again with a better picture."""
    queue, rows = ReviewQueue(folder / "written"), []
    unit = np.full(128, 128**-0.5, np.float32)
    seeds = itertools.count()
    for what, new in (("somebody new", True), ("the same again", False)):
        times = []
        for number in range(30):
            given = entry(f"{number:08x}", template=unit)
            given = dataclasses.replace(given, votes=9)
            shots = [shot(next(seeds), 0.5 + number / 100) for _ in range(5 if new else 1)]
            begin = time.perf_counter()
            queue.put(given, shots, new=new)
            times.append((time.perf_counter() - begin) * 1000)
        p50, p99 = np.percentile(times, [50, 99])
        rows.append([what, f"{p50:.1f}", f"{p99:.1f}"])
    return table(["record", "ms, p50", "p99"], rows)


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    page = Page("review", "Keeping unknowns for review")
    page.show(heading(["numpy", "pillow"]))
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        page.show("## Following")
        page.show(
            "CPU time of the thread that follows, networks included; of each frame the quickest "
            f"of {arguments.rounds} rounds."
        )
        page.show(following(folder, arguments.rounds))
        sizes = [path.stat().st_size for path in (folder / "0").iterdir()]
        page.show(f"Four people take {sum(sizes) / 1024:.0f} KiB, with up to five pictures each.")
        page.show("## Writing")
        page.show(
            "In a thread beside it, to the disk of this machine and waiting for it, five pictures "
            "of noise, which are larger than photos; the same again has one new picture."
        )
        page.show(writing(folder))
    if arguments.write:
        page.save()


if __name__ == "__main__":
    main()
