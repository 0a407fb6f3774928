"""rostro's kernels against their peers, in turn, in one run.

Needs ``pip install ".[test,bench]"``. Prints docs/measured/image-kernels.md, matching.md and
pose.md.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # BLAS reads this when it is loaded

import peers_image
import peers_match
import peers_pose
from report import argument_parser

if __name__ == "__main__":
    write = argument_parser(__doc__).parse_args().write
    peers_image.report(write=write)
    peers_match.report(write=write)
    peers_pose.report(write=write)
