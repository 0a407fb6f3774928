"""rostro's kernels against their peers, in turn, in one run: what docs/kernels.md shows.

Needs ``pip install ".[test,bench]"``.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # BLAS reads this when it is loaded

import peers_image
import peers_match

if __name__ == "__main__":
    print("### Images, decoding, NMS\n")
    print(peers_image.report())
    print("\n### Matching\n")
    print(peers_match.report())
