"""Makes the page of counted frames: see frame."""

from __future__ import annotations

import argparse
import datetime
import itertools
from concurrent.futures import ThreadPoolExecutor

import marks

from rostro import models
from rostro.samples import ASTRONAUT

DOCUMENT = marks.HERE.parents[1] / "docs" / "measured" / "arm64-frame.md"
CPUS = {"cortex-a76": "A76", "cortex-a72": "A72"}
ENGINES = ("ncnn", "onnxruntime")
NETWORKS = ("detector network", "embedder network")

INTRODUCTION = """\
# Instructions of a frame on ARM64

Written by `tools/arm64/frame --write`, with `--cpu` for one CPU. Counts, not times: **nothing on
this page was measured on ARM hardware.** Millions of instructions of one 640x480 frame on one
thread, from its pixels to the names of its faces in a gallery of 1,000 people, by stages, as an
emulator's plugin counts them; what Python and the bindings take is in them. *ours*: the share of
all that is no network.

"""


def rows(cpu: str, engine: str, detector: str, embedder: str) -> list[str]:
    """The table's rows of one run: by input size and number of faces."""
    photo = str(ASTRONAUT.fetch())
    counts = marks.instructions(cpu, "run_frame.py", photo, detector, embedder, engine)
    frames: dict[str, dict[str, int]] = {}
    for name, number in counts.items():
        frame, _, stage = name.rpartition("|")
        frames.setdefault(frame, {})[stage] = number
    lines = []
    for frame, stages in frames.items():
        total = sum(stages.values())
        ours = total - sum(stages[network] for network in NETWORKS)
        cells = [f"{number / 1e6:.2f}" for number in (*stages.values(), total)]
        lines.append(f"| {' | '.join([CPUS[cpu], engine, frame, *cells])} | {ours / total:.1%} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--cpu", action="append", choices=CPUS, help="by default all of them")
    parser.add_argument("detector", nargs="?", default=models.DEFAULTS["detect"])
    parser.add_argument("embedder", nargs="?", default=models.DEFAULTS["embed"])
    chosen = parser.parse_args()
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(rows, cpu, engine, chosen.detector, chosen.embedder)
            for cpu, engine in itertools.product(chosen.cpu or CPUS, ENGINES)
        ]
        found = [run.result() for run in runs]
    titles = ["CPU", "engine", "faces", "detector's input", "prepare", NETWORKS[0], "decode, NMS"]
    titles += ["align", NETWORKS[1], "normalise", "search", "total", "ours"]
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles), *itertools.chain(*found)]
    made_of = f"{datetime.date.today()}, {chosen.detector} and {chosen.embedder}\n\n"
    text = INTRODUCTION + made_of + "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        DOCUMENT.write_text(text)


main()
