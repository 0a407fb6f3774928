"""Detect, align and embed one face at 640x480 on one thread: rostro and OpenCV in turn, one run.

Both run the same two network files. Prints Markdown: the stages of rostro, and the ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np

import rostro
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro import models
from rostro.engines.recording import Timer
from rostro.models.choice import PRECISIONS
from rostro.samples import ASTRONAUT
from rostro.types import FloatArray, Image

WIDTH, HEIGHT = 640, 480


def sample_frame() -> Image:
    """The astronaut as a camera would see her: 640x480 BGR, one face of 113x138 pixels."""
    portrait = rostro.load_image(ASTRONAUT.fetch())
    return np.ascontiguousarray(cv2.resize(portrait, (WIDTH, WIDTH))[:HEIGHT], np.uint8)


def opencv_work(frame: Image) -> Callable[[], FloatArray]:
    """cv2.FaceDetectorYN and cv2.FaceRecognizerSF on the files that rostro's models are made of."""
    cv2.setNumThreads(1)
    files = {}
    for task, name in models.DEFAULTS.items():
        model = models.install(name)
        assert model.card is not None
        files[task] = str(model.folder / model.card.files[0].name)
    detector = cv2.FaceDetectorYN.create(files["detect"], "", (WIDTH, HEIGHT), 0.7, 0.3, 5000)
    recognizer = cv2.FaceRecognizerSF.create(files["embed"], "")

    def work() -> FloatArray:
        _, faces = detector.detect(frame)
        crop = recognizer.alignCrop(frame, np.asarray(faces[0]))
        return np.asarray(recognizer.feature(crop), np.float32)

    return work


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    options = parser.parse_args()
    rounds = options.rounds

    frame = sample_frame()
    for name in models.DEFAULTS.values():
        models.install(name)  # with the int8 form that auto takes
    pipeline = rostro.FacePipeline(threads=1, precision=options.precision)
    detector, embedder = pipeline.detector, pipeline.embedder
    assert embedder is not None
    tensor, transform = rostro.letterbox(frame, (WIDTH, HEIGHT))
    outputs = detector.engine.run(tensor)
    faces = pipeline(frame)
    landmarks, embeddings = faces.landmarks, faces.embeddings
    assert landmarks is not None and embeddings is not None
    aligned = rostro.align(frame, landmarks, channels="rgb", mean=0.0, std=1.0)

    def post_process() -> rostro.Faces:
        found = rostro.decode("yunet", outputs, (WIDTH, HEIGHT), 0.7)
        kept = found.select(rostro.nms(found.boxes, found.scores, 0.3))
        return kept.mapped(transform.scaling)

    opencv = opencv_work(frame)
    feature = opencv()[0]
    agreement = float(embeddings[0] @ feature / np.linalg.norm(feature))

    own = {
        "letterbox": lambda: rostro.letterbox(frame, (WIDTH, HEIGHT), out=tensor),
        "decode, NMS": post_process,
        "align": lambda: rostro.align(
            frame, landmarks, channels="rgb", mean=0.0, std=1.0, out=aligned
        ),
    }
    chosen = [part.model.choose(precision=options.precision) for part in (detector, embedder)]
    kinds = [f"{choice.engine}, {choice.precision}" for choice in chosen]
    networks = {
        f"detection network ({kinds[0]})": lambda: detector.engine.run(tensor),
        f"embedding network ({kinds[1]})": lambda: embedder.engine.run(aligned),
    }
    timers = [Timer(detector.engine), Timer(embedder.engine)]
    timed = rostro.FacePipeline(detector.with_engine(timers[0]), embedder.with_engine(timers[1]))
    shares: list[float] = []

    def all_of_it() -> None:
        before = sum(timer.seconds for timer in timers)
        start = time.perf_counter()
        timed(frame)
        total = time.perf_counter() - start
        in_networks = sum(timer.seconds for timer in timers) - before
        shares.append((total - in_networks) / in_networks)

    whole = {"rostro, image to embedding": all_of_it, "OpenCV, the same": opencv}
    seconds = measure_in_turn(own | networks | whole, rounds)
    p50 = {name: float(np.median(values)) for name, values in seconds.items()}

    page = Page("end-to-end", "Image to embedding: 640x480, one face, one thread")
    page.show(heading(["onnxruntime", "ncnn", "opencv-python-headless", "numpy"]))
    rows = [
        [name, f"{1e3 * p50[name]:.3f}", f"{1e3 * np.percentile(values, 99):.3f}"]
        for name, values in seconds.items()
    ]
    page.show(table(["stage", "p50 ms", "p99 ms"], rows))
    total, reference = (p50[name] for name in whole)
    page.show(
        f"rostro is {reference / total:.2f} times as fast as OpenCV ({rounds} rounds in turn).\n"
        f"Everything that is not a network takes {100 * np.median(shares):.1f} % of the networks' "
        "time in the same run, the median.\n"
        f"Cosine of the two embeddings: {agreement:.5f}."
    )
    if options.write:
        page.save()
        page.save_in_readme("end-to-end")


if __name__ == "__main__":
    main()
