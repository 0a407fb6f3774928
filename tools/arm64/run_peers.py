"""The works of benchmarks/peers_image.py and peers_match.py, for tools/arm64/peers to count.

run_peers.py ROWS DIM WORD: those whose names have the word, which may be empty.
"""

from __future__ import annotations

import sys

import cv2
import marks

import peers_image
import peers_match

ROWS, DIM, WORD = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def run(title: str, works: dict[str, peers_image.Work], calls: int) -> None:
    for name, work in works.items():
        if WORD in name:
            marks.count(f"{title}|{name}", work, calls)


cv2.setNumThreads(1)
for title, works in peers_image.sections().items():
    run(title, works, calls=5 if "979" in title else 40)  # NumPy's loop is long
run(f"quantise 1,000 x {DIM}", peers_match.quantize_candidates(1000, DIM), calls=10)
for queries, calls in ((1, 10), (64, 1)):
    title = f"{queries} of {ROWS:,} x {DIM}, k = 5"
    run(title, peers_match.search_candidates(ROWS, DIM, queries, k=5), calls)
marks.tell()
