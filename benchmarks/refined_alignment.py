"""Faces aligned by the points of landmark networks instead of the detector's five: gain and cost.

Prints Markdown. On labelled photos, with one embedder: the accuracy of a list of pairs, the equal
error rate and TAR at FAR of every photo with every other; and the time of one face, one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

import rostro
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro import models
from rostro.evaluate.bootstrap import Estimate
from rostro.evaluate.labelled_photos import (
    compare_all,
    compare_listed,
    embed_photos,
    read_pairs,
)
from rostro.evaluate.verification import accuracy, rates
from rostro.types import Image

FAR = (1e-3, 1e-4)


def shown(estimate: Estimate) -> str:
    return f"{estimate.value:.4f} ({estimate.low:.4f}-{estimate.high:.4f})"


def aligned_by(embedder: rostro.Embedder) -> str:
    refine = embedder.refine
    return "the detector" if refine is None else f"{refine.model.name}, {refine.scheme}"


def milliseconds(
    embedders: Sequence[rostro.Embedder], image: Image, face: rostro.Faces
) -> dict[str, float]:
    """Of a face with each embedder, medians."""
    works: dict[str, Callable[[], object]] = {
        aligned_by(each): partial(each, image, face) for each in embedders
    }
    seconds = measure_in_turn(works, 50)
    return {name: 1e3 * float(np.median(each)) for name, each in seconds.items()}


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("landmarkers", nargs="*", default=["face-landmarker"], metavar="CARD")
    parser.add_argument("--embedder", default=models.DEFAULTS["embed"], metavar="CARD")
    parser.add_argument("--images", type=Path, required=True, help="folder of PERSON/*.jpg")
    parser.add_argument("--pairs", type=Path, required=True, help="list in the format of LFW")
    options = parser.parse_args()

    pairs = read_pairs(options.pairs, options.images)
    detector = rostro.Detector(threads=1)
    embedders = [
        rostro.Embedder(options.embedder, refine=refine, threads=1)
        for refine in (None, *options.landmarkers)
    ]
    everything = embed_photos(detector, embedders, pairs.photos.paths, progress=True)
    image = rostro.load_image(pairs.photos.paths[0])
    times = milliseconds(embedders, image, detector(image)[[0]])
    compared = [compare_all(pairs.photos, embedded) for embedded in everything]
    different = int(np.count_nonzero(~compared[0].same))
    page = Page("refined-alignment", "Faces aligned by the points of landmark networks")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"{embedders[0].model.name} on {len(pairs.photos.paths)} photos of "
        f"{len(pairs.photos.names)} persons, faces by {detector.model.name}; accuracy on "
        f"{len(pairs.first)} pairs, the others on all, {different} of two persons. In brackets: "
        "intervals of 95 %. Milliseconds of one face, its points and its embedding, one thread."
    )
    header = ["aligned by", "accuracy", "equal error rate"]
    header += [f"TAR at FAR {far:g}" for far in FAR] + ["ms"]
    rows = []
    for embedder, embedded, all_pairs in zip(embedders, everything, compared, strict=True):
        verified = rates(all_pairs, FAR)
        rows.append(
            [
                aligned_by(embedder),
                shown(accuracy(compare_listed(pairs, embedded), pairs.folds)),
                shown(verified.equal_error),
                *(shown(point.tar) for point in verified.points),
                f"{times[aligned_by(embedder)]:.1f}",
            ]
        )
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
