"""A loop over the frames of a camera, here pictures of a folder: frames.py FOLDER"""

import sys
import time
from pathlib import Path

import rostro

# One pipeline for all frames: it keeps its networks and its memory. Other loops want CPUs, too.
pipeline = rostro.FacePipeline(embedder=None, threads=1)
for path in sorted(Path(sys.argv[1]).iterdir()):
    frame = rostro.load_image(path)  # (H, W, 3) BGR; a driver's NV12 goes in with color="nv12"
    start = time.perf_counter()
    upper = frame[: frame.shape[0] * 3 // 4]  # where faces can be: a view, nothing is copied
    faces = pipeline(upper)
    milliseconds = 1e3 * (time.perf_counter() - start)
    print(f"{path.name}: {len(faces)} faces in {milliseconds:.1f} ms")
