"""Detectors side by side: average precision on WIDER FACE's images that are there, and time.

Prints Markdown: a row a detector, each run on every engine that is installed and has its format.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import rostro
from report import Page, argument_parser, heading, table
from rostro import models
from rostro.engines import ENGINES, installed
from rostro.engines.recording import Timer
from rostro.evaluate.wider import evaluate
from rostro.evaluate.wider_detections import ScoredBoxes, scored_boxes
from rostro.evaluate.wider_images import NativeOrSize, find_images, open_detector
from rostro.evaluate.wider_truth import SETTINGS, LabelledImage, read_truth

_FP16_BIN = b"\x47\x6b\x30\x01"  # how ncnn marks weights of 16 bits


@dataclass
class Run:
    """What a detector finds on one engine; milliseconds an image, and those beside the network."""

    found: dict[str, ScoredBoxes]
    total_ms: float
    own_ms: float


def run(
    name: str, engine: str, images: dict[str, Path], det_size: NativeOrSize, threads: int
) -> Run:
    evaluated = open_detector(name, engine=engine, threads=threads, det_size=det_size)
    card = evaluated.model.card
    assert card is not None and card.detect is not None
    # Timed as in use: the evaluation's low score threshold would leave much more to do.
    threshold = card.detect.score_threshold
    used = open_detector(
        name, engine=engine, threads=threads, det_size=det_size, score_threshold=threshold
    )
    timed = Timer(used.engine)
    used = used.with_engine(timed)
    found, total, own = {}, [], []
    for key, path in images.items():
        image = rostro.load_image(path)
        found[key] = scored_boxes(evaluated(image))  # also warms up for an image of this size
        timed.seconds = 0.0
        start = time.perf_counter()
        used(image)
        total.append(time.perf_counter() - start)
        own.append(total[-1] - timed.seconds)
    return Run(found, 1e3 * float(np.median(total)), 1e3 * float(np.median(own)))


def parameter_count(model: models.Model) -> int:
    """The numbers in a model's weights; of ncnn's file as its size tells it."""
    if "onnx" in model.files:
        import onnx

        floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
        weights = onnx.load(model.files["onnx"]).graph.initializer
        return sum(math.prod(weight.dims) for weight in weights if weight.data_type in floats)
    data = model.files["bin"].read_bytes()
    return len(data) // (2 if data[:4] == _FP16_BIN else 4)


def row(
    name: str,
    truth: dict[str, LabelledImage],
    images: dict[str, Path],
    det_size: NativeOrSize,
    threads: int,
) -> list[str]:
    if name in models.cards():
        models.install(name)
    model = models.resolve(name, "detect")
    card = model.card
    assert card is not None
    if card.input.size is not None:
        det_size = card.input.size  # it takes no other
    versions = installed()
    runs = {
        engine: run(name, engine, images, det_size, threads)
        for engine in ENGINES
        if model.supports(engine) and versions[engine] is not None
    }
    areas = [
        [curve.average_precision or 0.0 for curve in evaluate(truth, each.found).values()]
        for each in runs.values()
    ]
    spread = np.ptp(areas, axis=0).max()
    if spread > 0.001:
        raise SystemExit(f"{name}: its engines differ by {spread:.4f} in average precision")
    times = [f"{runs[engine].total_ms:.1f}" if engine in runs else "-" for engine in ENGINES]
    return [
        model.name,
        card.licence,
        f"{parameter_count(model) / 1e6:.3f} M",
        "image's own" if det_size == "native" else f"{det_size[0]}x{det_size[1]}",
        *(f"{area:.3f}" for area in areas[0]),
        *times,
        f"{min(each.own_ms for each in runs.values()):.2f}",
    ]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("detectors", nargs="*", default=[models.DEFAULTS["detect"]], metavar="CARD")
    parser.add_argument("--images", type=Path, required=True, help="folder of EVENT/NAME.jpg")
    parser.add_argument("--ground-truth", type=Path, required=True, help="folder of the .mat files")
    parser.add_argument("--det-size", type=int, nargs=2, metavar=("W", "H"), help="else native")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    whole = read_truth(options.ground_truth)
    images = find_images(options.images, whole)
    truth = {name: whole[name] for name in images}
    det_size: NativeOrSize = "native"
    if options.det_size:
        width, height = options.det_size
        det_size = width, height
    header = [
        *("model", "licence", "parameters", "input"),
        *(f"AP {setting}" for setting in SETTINGS),
        *(f"{engine} ms" for engine in ENGINES),
        "of it rostro's own ms",
    ]
    rows = [row(name, truth, images, det_size, options.threads) for name in options.detectors]
    size = "native" if det_size == "native" else f"{det_size[0]}x{det_size[1]}"
    page = Page(f"detectors-{size}", f"Detectors side by side, det_size {size}")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"{len(images)} images of WIDER FACE's validation set. A network that takes one size only "
        f"is given that. Times: threads {options.threads}, median an image, with the score "
        "threshold of the card; rostro's own: letterbox, decoding and suppression, with the Python "
        "around them. A dash: there is no file for this engine."
    )
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
