"""The same work at every SIMD level of this CPU, beside peers that may use no more than the level.

    python benchmarks/levels.py [--level avx2] [--turns 3] [--rounds 15] [--write]

Every level has a process of its own, one after the other, in several turns; of all runs the least
time counts, for other programs can only make a run longer. Peers choose their instructions by the
CPU. So that a level says what a CPU without better ones would show, OpenCV, NumPy and NumKong are
told to leave out what the level does not have (``OPENCV_CPU_DISABLE``,
``NPY_DISABLE_CPU_FEATURES``, ``numkong.disable_capability``). NumKong's matrix tiles (AMX) are left
out always: rostro has no level for them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import rostro
from report import Page, argument_parser, heading, table

PACKAGES = ("rostro", "numpy", "opencv-python-headless", "scikit-image", "numkong")

OPENCV = "AVX512-SKX,AVX512-CNL,AVX512-CLX,AVX512-ICL"
NUMPY = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
# What NumKong calls the instructions of each level.
NUMKONG = {
    "avx2": {"serial", "haswell"},
    "avxvnni": {"serial", "haswell", "alder"},
    "avx512vnni": {
        *("serial", "haswell", "alder", "skylake", "icelake"),
        *("genoa", "turin", "sapphire"),
    },
}

LETTERBOX = "letterbox 1080p to 640"
HALF = "letterbox 720p to 640"
WARP = "warp alone"
ALIGN = "landmarks to tensor"
QUANTIZE = "quantise 1,000 x 512"
ONE = "1 query of 200,000 x 512"
MANY = "64 queries of 200,000 x 512"
ROWS = {
    LETTERBOX: "OpenCV",
    HALF: "OpenCV",
    WARP: "OpenCV",
    ALIGN: "scikit-image + OpenCV",
    QUANTIZE: "NumPy",
    ONE: "a plain read of the codes",
    MANY: "NumKong, the faster packing",
}


def environment(level: str) -> dict[str, str]:
    """Of a process in which nothing uses more than the level."""
    limits = {"OPENCV_CPU_DISABLE": OPENCV, "NPY_DISABLE_CPU_FEATURES": NUMPY}
    fewer = {} if level == "avx512vnni" else limits
    return os.environ | {"ROSTRO_SIMD": level, "OPENBLAS_NUM_THREADS": "1"} | fewer


def least(run: Callable[[], object], times: int) -> float:
    """Least seconds of so many runs in a row."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Least seconds of rostro and of its peer, of each row, in this process."""
    import cv2
    import numkong

    import peers_image
    import peers_match

    cv2.setNumThreads(1)
    for name, there in numkong.get_capabilities().items():
        if there and name not in NUMKONG[rostro.simd.level()]:
            numkong.disable_capability(name)
    one = peers_match.search_candidates(200_000, 512, 1, k=5)
    many = peers_match.search_candidates(200_000, 512, 64, k=5)
    packed = {name: run for name, run in many.items() if "rostro" in name or "packed" in name}
    works = {
        LETTERBOX: (peers_image.letterbox_works(1920, 1080, (640, 640)), 10),
        HALF: (peers_image.letterbox_works(1280, 720, (640, 640)), 10),
        WARP: (peers_image.warp_works(), 20),
        ALIGN: (peers_image.align_works(), 20),
        QUANTIZE: (peers_match.quantize_candidates(1000, 512), 10),
        ONE: ({name: run for name, run in one.items() if "rostro" in name or "read" in name}, 2),
        MANY: (packed, 1),
    }
    found = {}
    for row, (candidates, runs) in works.items():
        seconds = {name: least(run, runs) for name, run in candidates.items()}  # warm
        for _ in range(rounds):
            for name, run in candidates.items():
                seconds[name] = min(seconds[name], least(run, runs))
        ours = next(value for name, value in seconds.items() if "rostro" in name)
        found[row] = (ours, min(value for name, value in seconds.items() if "rostro" not in name))
    return found


def in_turn(levels: list[str], turns: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """The least seconds of every level and row, over all turns."""
    best: dict[str, dict[str, list[float]]] = {level: {} for level in levels}
    for _ in range(turns):
        for level in levels:
            done = subprocess.run(
                [sys.executable, __file__, "--here", "--rounds", str(rounds)],
                env=environment(level),
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            for row, seconds in json.loads(done.stdout).items():
                before = best[level].get(row, seconds)
                best[level][row] = [min(a, b) for a, b in zip(before, seconds, strict=True)]
    return best


def report(arguments: argparse.Namespace) -> None:
    """Prints, and writes, docs/measured/levels.md."""
    levels = [level for level in rostro.simd.levels() if level in NUMKONG]
    if arguments.level:
        levels = [arguments.level]
    page = Page("levels", "The same work at every SIMD level")
    page.show(f"{heading(PACKAGES)}; one thread; least of {arguments.turns} turns")
    best = in_turn(levels, arguments.turns, arguments.rounds)
    rows = []
    for row, peer in ROWS.items():
        cells = [row, peer]
        for level in levels:
            ours, theirs = best[level][row]
            cells += [f"{1e6 * ours:,.0f}", f"{1e6 * theirs:,.0f}", f"**{theirs / ours:.2f}**"]
        rows.append(cells)
    header = ["work", "peer"]
    for level in levels:
        header += [f"{level}, us", "peer, us", "times"]
    page.show(table(header, rows))
    page.show(
        "Peers use no more than the level: OpenCV and NumPy AVX2 at `avx2` and `avxvnni`, NumKong "
        "AVX2 at `avx2`, its Alder Lake kernels at `avxvnni`, at `avx512vnni` all but AMX."
    )
    if arguments.write:
        page.save()


if __name__ == "__main__":
    parser = argument_parser((__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--level", choices=tuple(NUMKONG), help="this level alone")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure(given.rounds)))
    else:
        report(given)
