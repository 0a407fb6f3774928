"""What following faces costs: microseconds a frame for 5, 20 and 100 faces, and how ids last.

    python benchmarks/tracker.py [--frames 2000] [--networks] [--write]

One thread; a call is the core's step through its binding, without the table of faces around it.
Plain ByteTrack is the one of the tests, in NumPy and SciPy, so its time says little.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import rostro
from report import ROOT, Page, argument_parser, heading, table
from rostro import _core
from rostro.types import FloatArray
from rostro.video import TrackerSettings

sys.path.insert(0, str(ROOT))

from tests.support.followed import by_bytetrack, by_rostro
from tests.support.mot_metrics import Frame, hota, score
from tests.support.streams import CLEAN, RATE, SCENES, Noise, crossing, detected, unit, walking
from tests.support.videos import frames, people

DIM = 128
Arrays = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def crowd(faces: int, frames: int) -> list[Arrays]:
    """Faces that sway in a grid, one in ten missing; all with embeddings."""
    random = np.random.default_rng(0)
    looks = unit(random.normal(size=(faces, DIM))).astype(np.float32)
    columns = int(np.ceil(np.sqrt(faces)))
    k = np.arange(faces)
    made: list[Arrays] = []
    for frame in range(frames):
        x = 100 * (k % columns) + 25 * np.sin(frame / 20 + k)
        y = 100 * (k // columns) + 25 * np.cos(frame / 25 + 2 * k)
        boxes = np.stack([x, y, x + 60, y + 75], axis=1) + random.normal(size=(faces, 4))
        there = random.random(faces) > 0.1
        given: FloatArray = boxes[there].astype(np.float32)
        scores = random.uniform(0.5, 1, len(given)).astype(np.float32)
        landmarks = np.repeat(given[:, None, :2], 5, axis=1).copy()
        made.append((given, scores, landmarks, looks[there].copy()))
    return made


def microseconds(stream: list[Arrays], embed_every: int, smooth: bool) -> tuple[float, float]:
    """p50 and p99 of a step after the first 200."""
    task = _core.TrackerTask(TrackerSettings(smooth=smooth).for_core())
    times = []
    for frame, (boxes, scores, landmarks, embeddings) in enumerate(stream):
        given = embeddings if embed_every and frame % embed_every == 0 else None
        begin = time.perf_counter_ns()
        task.step(boxes, scores, landmarks, given, frame / 30, None)
        times.append((time.perf_counter_ns() - begin) / 1000)
    p50, p99 = np.percentile(times[200:], [50, 99])
    return float(p50), float(p99)


def times(frames: int) -> str:
    rows = []
    for faces in (5, 20, 100):
        stream = crowd(faces, frames)
        for what, every, smooth in (
            ("boxes", 0, False),
            ("boxes, smoothed with landmarks", 0, True),
            ("boxes and embeddings of all", 1, False),
        ):
            p50, p99 = microseconds(stream, every, smooth)
            rows.append([str(faces), what, f"{p50:.1f}", f"{p99:.1f}"])
    return table(["faces", "given", "µs a frame, p50", "p99"], rows)


def networks() -> str:
    """CPU time of a frame of photos of the test data, against all networks on every frame."""
    photos = [mine[1:] for mine in people(4)]
    pipeline = rostro.FacePipeline(threads=1)
    rows = []
    for scene in (walking, crossing):
        video = list(frames(scene(300), photos))
        pipeline(video[0])
        begin = time.process_time()
        for frame in video[::10]:
            pipeline(frame)
        everything = (time.process_time() - begin) / len(video[::10])
        tracker = rostro.FaceTracker(pipeline)
        begin = time.process_time()
        for index, frame in enumerate(video):
            tracker(frame, index / RATE)
        tracked = (time.process_time() - begin) / len(video)
        counts = tracker.detected, tracker.searched, tracker.embedded
        milliseconds = f"{everything * 1000:.1f}", f"{tracked * 1000:.1f}"
        rows.append([scene.__name__, *milliseconds, f"{tracked / everything:.3f}"])
        rows[-1] += map(str, counts)
    header = [
        "scene",
        "all networks, ms a frame",
        "followed",
        "share",
        "detected",
        "crops",
        "faces",
    ]
    return table(header, rows)


def quality() -> str:
    rows = []
    for scene, make in SCENES.items():
        for label, noise in (("clean", CLEAN), ("noise", Noise())):
            streams = [detected(make(), noise, seed) for seed in range(3)]
            ways = {
                "rostro": [by_rostro(stream) for stream in streams],
                "without embeddings": [by_rostro(s, embeddings=False) for s in streams],
                "ByteTrack": [by_bytetrack(stream) for stream in streams],
                "ByteTrack, bridged": [by_bytetrack(stream, 6) for stream in streams],
            }
            for way, followed in ways.items():
                rows.append([scene, label, way, *_figures(followed)])
    return table(["scene", "detections", "tracker", "MOTA", "IDF1", "HOTA", "switches"], rows)


def _figures(followed: list[list[Frame]]) -> list[str]:
    scores = [score(frames) for frames in followed]
    return [
        f"{np.mean([each.mota for each in scores]):.3f}",
        f"{np.mean([each.idf1 for each in scores]):.3f}",
        f"{np.mean([hota(frames) for frames in followed]):.3f}",
        str(sum(each.switches for each in scores)),
    ]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--networks", action="store_true", help="on photos of the test data too")
    options = parser.parse_args()
    page = Page("tracker", "Following faces")
    page.show(heading(["numpy", "scipy"]))
    page.show("## Time\n\nOf one step, one thread.")
    page.show(times(options.frames))
    if options.networks:
        page.show(
            "## Networks\n\nCPU time of detecting and embedding four faces in every frame, and "
            "with `rostro.FaceTracker`, detector every fifth frame; how often the detector ran in "
            "300 frames, crops that it searched, faces that were embedded."
        )
        page.show(networks())
    page.show(
        "## How ids last\n\n640x480 pixels, four faces, three streams a row; switches are of all "
        "three. Clean: exact boxes. Noise: edges by 3 % of the face, 20 % of the detections "
        "missing, a false alarm in ten frames, embeddings of every fifth frame, one in ten of them "
        "bad. ByteTrack says nothing of faces that are not detected; bridged, it says where they "
        "are expected for 0.2 seconds, as rostro does."
    )
    page.show(quality())
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
