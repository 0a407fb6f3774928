"""Detect, align and embed one face at 640x480 on one thread: rostro and OpenCV in turn, one run.

rostro runs the two network files that OpenCV runs; and beside them, with the same detector, the
embedders that are asked for. Prints Markdown: the stages of rostro, and the ratios. Beneath
tools/avx2/run both run as on a CPU with AVX2 alone.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

import rostro
from networks import installed
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro import models, simd
from rostro.engines.recording import Timer
from rostro.models.choice import PRECISIONS, Precision
from rostro.samples import ASTRONAUT
from rostro.types import FloatArray, Image

WIDTH, HEIGHT = 640, 480
LIGHT = "omz-reid-0095"
FILL = "plain fill of the detector's input"
OPENCV = "OpenCV"
Times = NDArray[np.float64]


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


def shown(seconds: Times) -> list[str]:
    """The median and the 99th percentile in milliseconds."""
    return [f"{1e3 * np.percentile(seconds, percent):.3f}" for percent in (50, 99)]


class Contender:
    """rostro's pipeline with one embedder, whose networks are timed in its own runs."""

    def __init__(self, name: str, precision: Precision) -> None:
        installed(name)
        self.name = models.resolve(name).name
        self.label = f"rostro with {self.name}"
        pipeline = rostro.FacePipeline(embedder=name, threads=1, precision=precision)
        assert pipeline.embedder is not None
        self.detector, self.embedder = pipeline.detector, pipeline.embedder
        self._timers = [Timer(self.detector.engine), Timer(self.embedder.engine)]
        self._timed = rostro.FacePipeline(
            self.detector.with_engine(self._timers[0]), self.embedder.with_engine(self._timers[1])
        )
        parts = (self.detector.model, self.embedder.model)
        chosen = [model.choose(precision=precision) for model in parts]
        detect, embed = (f"{choice.engine}, {choice.precision}" for choice in chosen)
        self.parts = (f"detection network ({detect})", f"embedding network ({embed})", "the rest")
        self.seconds: list[tuple[float, float, float]] = []

    def run(self, frame: Image) -> rostro.Faces:
        """The faces; what each of the ``parts`` took goes to ``seconds``."""
        for timer in self._timers:
            timer.seconds = 0.0
        start = time.perf_counter()
        faces = self._timed(frame)
        total = time.perf_counter() - start
        detect, embed = (timer.seconds for timer in self._timers)
        self.seconds.append((detect, embed, total - detect - embed))
        return faces


def kernels(contender: Contender, frame: Image) -> dict[str, Callable[[], object]]:
    """What is not a network, each by itself."""
    detector, embedder = contender.detector, contender.embedder
    tensor, transform = rostro.letterbox(frame, (WIDTH, HEIGHT))
    outputs = detector.engine.run(tensor)
    faces = detector(frame)

    def post_process() -> rostro.Faces:
        found = rostro.decode("yunet", outputs, (WIDTH, HEIGHT), 0.7)
        kept = found.select(rostro.nms(found.boxes, found.scores, 0.3))
        return kept.mapped(transform.scaling)

    return {
        FILL: lambda: tensor.fill(0),
        "letterbox": lambda: rostro.letterbox(frame, (WIDTH, HEIGHT), out=tensor),
        "decode, NMS": post_process,
        "align": lambda: embedder.crops(frame, faces),
    }


def agreement(contender: Contender, frame: Image, feature: FloatArray) -> str:
    """How much the embedding of the default network is OpenCV's."""
    embeddings = contender.run(frame).embeddings
    assert embeddings is not None
    cosine = float(embeddings[0] @ feature / np.linalg.norm(feature))
    return f"{contender.name}'s embedding has a cosine of {cosine:.5f} to OpenCV's."


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument(
        "--embedder",
        action="append",
        metavar="NAME",
        help=f"beside the default network; may be repeated (default: {LIGHT})",
    )
    options = parser.parse_args()
    rounds = options.rounds
    frame = sample_frame()
    installed(models.DEFAULTS["detect"])
    names = [models.DEFAULTS["embed"], *(options.embedder or [LIGHT])]
    contenders = [Contender(name, options.precision) for name in names]
    opencv = opencv_work(frame)
    told = agreement(contenders[0], frame, opencv()[0])

    own = kernels(contenders[0], frame)
    whole: dict[str, Callable[[], object]] = {
        each.label: functools.partial(each.run, frame) for each in contenders
    }
    seconds = measure_in_turn(own | whole | {OPENCV: opencv}, rounds)
    p50 = {name: float(np.median(values)) for name, values in seconds.items()}

    name, title = "end-to-end", "Image to embedding: 640x480, one face, one thread"
    if simd.features() == ("avx2",):
        name, title = f"{name}-avx2", f"{title}, AVX2 alone"
    page = Page(name, title)
    page.show(heading(["onnxruntime", "ncnn", "opencv-python-headless", "numpy"]))
    rows = [[name, *shown(seconds[name])] for name in own]
    for each in contenders:
        for label, part in zip(each.parts, np.array(each.seconds[-rounds:]).T, strict=True):
            rows.append([f"{each.label}: {label}", *shown(part)])
        rows.append([each.label, *shown(seconds[each.label])])
    rows.append([OPENCV, *shown(seconds[OPENCV])])
    page.show(table(["stage", "p50 ms", "p99 ms"], rows))
    for each in contenders:
        detect, embed, rest = np.array(each.seconds[-rounds:]).T
        total, between = p50[each.label], float(np.median(rest))
        networks = total - between
        page.show(
            f"With {each.name} rostro is {p50[OPENCV] / total:.2f} times as fast as OpenCV "
            f"({rounds} rounds in turn). All but the networks takes {1e3 * between:.2f} ms, "
            f"{100 * np.median(rest / (detect + embed)):.1f} % of the networks' time in the same "
            f"run, the median. With the networks and the {FILL} alone it would be "
            f"{p50[OPENCV] / (networks + p50[FILL]):.2f} times as fast, with the networks alone "
            f"{p50[OPENCV] / networks:.2f} times."
        )
    page.show(told)
    if options.write:
        page.save()
        if name == "end-to-end":
            page.save_in_readme(name)


if __name__ == "__main__":
    main()
