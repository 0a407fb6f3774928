"""Embedders side by side, to choose by: size, time a face and how well they tell persons apart.

Prints Markdown. Times are of one run of the network on one thread, for one face, all in turn;
accuracy is that of a list of pairs, TAR at FAR that of every photo with every other one. More of
that prints accuracy.py. Int8 forms have a page of their own, int8_cards.py's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

import rostro
from networks import installed
from report import Page, argument_parser, heading, measure_in_turn, table
from rostro.engines import ENGINES
from rostro.evaluate.labelled_photos import compare_all, compare_listed, embed_photos, read_pairs
from rostro.evaluate.verification import accuracy, rates

FAR = (1e-3, 1e-4)


def milliseconds(embedders: list[rostro.Embedder], rounds: int) -> dict[str, list[str]]:
    """Of each embedder in each engine: the least and the median of the rounds."""
    works: dict[str, Callable[[], object]] = {}
    for embedder in embedders:
        width, height = embedder.size
        crop = np.random.default_rng(0).random((1, 3, height, width)).astype(np.float32) * 255
        for engine in ENGINES:
            network = embedder.model.open(engine, threads=1, precision="float32")
            works[f"{embedder.model.name} {engine}"] = functools.partial(network.run, crop)
    shown = {
        name: f"{1e3 * seconds.min():.1f} ({1e3 * np.median(seconds):.1f})"
        for name, seconds in measure_in_turn(works, rounds).items()
    }
    names = [embedder.model.name for embedder in embedders]
    return {name: [shown[f"{name} {engine}"] for engine in ENGINES] for name in names}


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("embedders", nargs="+", metavar="CARD")
    parser.add_argument("--images", type=Path, required=True, help="folder of PERSON/*.jpg")
    parser.add_argument("--pairs", type=Path, required=True, help="list in the format of LFW")
    parser.add_argument("--rounds", type=int, default=60, help="of times")
    options = parser.parse_args()

    pairs = read_pairs(options.pairs, options.images)
    for name in options.embedders:
        installed(name)
    embedders = [rostro.Embedder(name, precision="float32") for name in options.embedders]
    detector = rostro.Detector(precision="float32")
    taken = milliseconds(embedders, options.rounds)
    everything = embed_photos(detector, embedders, pairs.photos.paths, progress=True)

    page = Page("embedders", "Which embedder")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"{len(pairs.photos.paths)} photos of {len(pairs.photos.names)} persons, faces by "
        f"{detector.model.name}, all in float32; accuracy on {len(pairs.first)} pairs, TAR on all. "
        f"Milliseconds a face: the least of {options.rounds} rounds, and their median, on a "
        "machine that others may have used, too."
    )
    header = ["embedder", "numbers, bytes as int8", "network, MB"]
    header += [f"{engine}, ms" for engine in ENGINES]
    header += ["accuracy", *(f"TAR at FAR {far:g}" for far in FAR)]
    rows = []
    for embedder, embedded in zip(embedders, everything, strict=True):
        verified = rates(compare_all(pairs.photos, embedded), FAR)
        listed = accuracy(compare_listed(pairs, embedded), pairs.folds)
        files = embedder.model.files
        rows.append(
            [
                embedder.model.name,
                f"{embedder.dim}, {embedder.dim + 4}",
                f"{files['bin'].stat().st_size / 1e6:.1f}",
                *taken[embedder.model.name],
                *(f"{each.value:.4f}" for each in (listed, *(p.tar for p in verified.points))),
            ]
        )
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
