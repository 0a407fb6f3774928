"""Makes the page of counted frames: see frame."""

from __future__ import annotations

import argparse
import datetime
import itertools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import marks
import numpy as np
from forms import DETECTOR, EMBEDDERS, there
from PIL import Image

import rostro
from rostro.samples import ASTRONAUT, GRACE_HOPPER, Sample

DOCUMENT = marks.HERE.parents[1] / "docs" / "measured" / "arm64-frame.md"
CPUS = {"cortex-a76": "A76", "cortex-a72": "A72"}
PRECISIONS = ("float32", "auto")
NETWORKS = ("detector network", "embedder network")
STAGES = ("prepare", NETWORKS[0], "decode, NMS", "align", NETWORKS[1], "normalise", "search")

INTRODUCTION = """\
# Instructions of a frame on ARM64

Written by `tools/arm64/frame --write`. Counts, not times: **nothing on this page was measured on
ARM hardware.** Millions of instructions of one 640x480 frame on one thread, from its pixels to the
names of its faces in a gallery of 1,000 people, by stages, as an emulator's plugin counts them;
what Python and the bindings take is in them. Engines and precisions are those that rostro takes on
such a CPU with `precision="float32"` and `"auto"`, left out where it takes the same. *ours*: the
share of all that is no network.

"""

FULL = "all networks in every frame"  # as run_tracking.py calls it
EVERY = 5  # frames from one look of its detector to the next
FOLLOWING = """
## Following

A frame of a stream with two people who move, the default networks, the detector's input 320x320:
detected and embedded, against `rostro.FaceTracker` with `detect_every=5`, the mean of each five
frames. Between two looks of the detector a crop around each face goes through it, at 128x128; a
face is embedded when it is new, and when it is seen better than before.

| CPU | what runs | networks | rostro | networks, share | total, share |
| --- | --- | --- | --- | --- | --- |
"""


def rows(cpu: str, embedder: str, precision: str) -> list[str]:
    """The table's rows of one run: by the detector's input and the number of faces."""
    photo = str(ASTRONAUT.fetch())
    counts = marks.instructions(cpu, "run_frame.py", photo, DETECTOR, embedder, precision)
    frames: dict[str, dict[str, int]] = {}
    for name, number in counts.items():
        frame, _, stage = name.rpartition("|")
        frames.setdefault(frame, {})[stage] = number
    lines = []
    for frame, counted in frames.items():
        faces = frame.rpartition("|")[2]
        # What follows the detector is counted once for each number of faces.
        alike = next(each for name, each in frames.items() if name.rpartition("|")[2] == faces)
        stages = alike | counted
        total = sum(stages.values())
        ours = total - sum(stages[network] for network in NETWORKS)
        cells = [f"{number / 1e6:.2f}" for number in (*(stages[each] for each in STAGES), total)]
        lines.append(f"| {' | '.join([CPUS[cpu], frame, *cells])} | {ours / total:.1%} |")
    return lines


def portrait(sample: Sample) -> rostro.types.Image:
    """A square of 240 pixels around a face, BGR."""
    with Image.open(sample.fetch()) as opened:
        whole = opened.convert("RGB")
    left, top, right, bottom = rostro.Detector(threads=1)(np.asarray(whole), "rgb").boxes[0]
    x, y, half = float(left + right) / 2, float(top + bottom) / 2, float(bottom - top) * 1.1
    part = whole.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    return np.ascontiguousarray(np.asarray(part.resize((240, 240)))[:, :, ::-1])


def followed(cpu: str) -> list[str]:
    """The rows of a stream."""
    with tempfile.TemporaryDirectory() as folder:
        portraits = Path(folder) / "portraits.npy"
        np.save(portraits, [portrait(sample) for sample in (ASTRONAUT, GRACE_HOPPER)])
        counts = marks.instructions(cpu, "run_tracking.py", str(portraits))
    kinds: dict[str, dict[str, float]] = {}
    for name, number in counts.items():
        kind, _, who = name.partition("|")
        frames = 1 if kind == FULL else EVERY
        kinds.setdefault(kind, {})[who] = number / frames / 1e6
    lines = []
    for kind, of in kinds.items():
        full = kinds[FULL]
        shares = of["networks"] / full["networks"], sum(of.values()) / sum(full.values())
        cells = [f"{of['networks']:.2f}", f"{of['rostro']:.2f}", *map("{:.1%}".format, shares)]
        lines.append(f"| {' | '.join([CPUS[cpu], kind, *cells])} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--cpu", action="append", choices=CPUS, help="by default all of them")
    parser.add_argument("--embedder", action="append", help="by default all of them")
    chosen = parser.parse_args()
    embedders = [name for name in chosen.embedder or EMBEDDERS if there(name) and there(DETECTOR)]
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(rows, *each)
            for each in itertools.product(chosen.cpu or CPUS, embedders, PRECISIONS)
        ]
        streams = [pool.submit(followed, cpu) for cpu in chosen.cpu or CPUS]
        found = [run.result() for run in runs]
        stream = [run.result() for run in streams]
    titles = ["CPU", "detector", "embedder", "detector's input", "faces", *STAGES, "total", "ours"]
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles), *itertools.chain(*found)]
    text = f"{INTRODUCTION}{datetime.date.today()}\n\n" + "\n".join(lines) + "\n" + FOLLOWING
    text += "\n".join(itertools.chain(*stream)) + "\n"
    print(text)
    if chosen.write:
        DOCUMENT.write_text(text)


main()
