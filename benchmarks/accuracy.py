"""Embedders side by side: how well they tell persons apart, and what smaller templates cost.

Prints Markdown. On labelled photos: the accuracy of a list of pairs, and of every photo with every
other TAR at FAR, of identification rank 1 and DIR; the first photo of each person with several is
enrolled. On synthetic persons with the statistics of these photos: how often int8 templates find
another one than float32 ones do. Half a minute of CPU time an embedder; with 100,000 persons, each
compared with each, minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

import rostro
from networks import installed
from report import Page, argument_parser, heading, table
from rostro import models
from rostro.evaluate.bootstrap import Estimate
from rostro.evaluate.identification import best_matches, identify, split
from rostro.evaluate.labelled_photos import (
    EmbeddedPhotos,
    Pairs,
    compare_all,
    compare_listed,
    embed_photos,
    read_pairs,
)
from rostro.evaluate.synthetic import synthetic_people
from rostro.evaluate.verification import STORAGES, accuracy, bytes_of, rates
from rostro.types import FloatArray

FAR, OPEN_SET_FAR = (1e-3, 1e-4), (0.01,)


def shown(estimate: Estimate) -> str:
    return f"{estimate.value:.4f} ({estimate.low:.4f}-{estimate.high:.4f})"


def storage_rows(name: str, pairs: Pairs, embedded: EmbeddedPhotos) -> Iterator[list[str]]:
    """A row for each way to keep templates."""
    persons, rows = pairs.photos.persons, embedded.embeddings
    enrolled, probes = split(persons)
    for storage in STORAGES:
        verified = rates(compare_all(pairs.photos, embedded, storage), FAR)
        found = identify(
            rows[enrolled], persons[enrolled], rows[probes], persons[probes],
            found=embedded.found[probes], storage=storage,
        )  # fmt: skip
        strangers = found.rates(OPEN_SET_FAR)
        assert strangers is not None  # of LFW's people, many have one photo
        yield [
            name,
            f"{storage}, {bytes_of(storage, rows.shape[1])}",
            shown(accuracy(compare_listed(pairs, embedded, storage), pairs.folds)),
            shown(verified.equal_error),
            *(shown(point.tar) for point in verified.points),
            shown(found.rank1()),
            shown(strangers.points[0].tar),
        ]


def spread(similarities: FloatArray) -> str:
    return f"{similarities.mean():.3f} ± {similarities.std():.3f}"


def synthetic_row(name: str, pairs: Pairs, embedded: EmbeddedPhotos, count: int) -> list[str]:
    """Every synthetic person enrolled with one photo and looked up with another one."""
    real = compare_all(pairs.photos, embedded)
    gallery, probes = synthetic_people(embedded.embeddings, pairs.photos.persons, count, 2)
    best, _ = best_matches(gallery, probes)
    found, _ = rostro.search_int8(
        *rostro.quantize_embeddings(gallery), *rostro.quantize_embeddings(probes), 5, threads=None
    )
    best_int8 = found[:, 0]
    again = np.einsum("qkd,qd->qk", gallery[found], probes).argmax(axis=1)
    rescored = found[np.arange(count), again]
    right = np.arange(count)
    return [
        name,
        spread(real.scores[real.same]),
        spread((gallery * probes).sum(axis=1)),
        spread(real.scores[~real.same]),
        spread((gallery[1:] * probes[:-1]).sum(axis=1)),
        *(f"{(each == right).mean():.5f}" for each in (best, best_int8)),
        *(f"{(each == best).mean():.5f}" for each in (best_int8, rescored)),
    ]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("embedders", nargs="*", default=[models.DEFAULTS["embed"]], metavar="CARD")
    parser.add_argument("--images", type=Path, required=True, help="folder of PERSON/*.jpg")
    parser.add_argument("--pairs", type=Path, required=True, help="list in the format of LFW")
    parser.add_argument("--synthetic", type=int, default=20_000, help="how many persons")
    options = parser.parse_args()

    pairs = read_pairs(options.pairs, options.images)
    for name in options.embedders:
        installed(name)
    embedders = [rostro.Embedder(name, precision="float32") for name in options.embedders]
    detector = rostro.Detector(precision="float32")
    everything = embed_photos(detector, embedders, pairs.photos.paths, progress=True)
    names = [embedder.model.name for embedder in embedders]

    compared = compare_all(pairs.photos, everything[0])
    same = int(compared.same.sum())
    page = Page("accuracy", "Embedders on labelled photos, and what smaller templates cost")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"{len(pairs.photos.paths)} photos of {len(pairs.photos.names)} persons, faces by "
        f"{detector.model.name}, networks in float32, {int((~everything[0].found).sum())} "
        f"photos without; accuracy on {len(pairs.first)} pairs, the others on all: {same} of one "
        f"person, {len(compared.same) - same} of two. In brackets: intervals of 95 %."
    )
    header = ["model", "storage, bytes", "accuracy", "equal error rate"]
    header += [f"TAR at FAR {far:g}" for far in FAR]
    header += ["rank 1", f"DIR at FAR {OPEN_SET_FAR[0]:g}"]
    rows = [
        row
        for name, embedded in zip(names, everything, strict=True)
        for row in storage_rows(name, pairs, embedded)
    ]
    page.show(table(header, rows))

    page.show(
        f"{options.synthetic} synthetic persons: random mixes of the real embeddings with their "
        "means, covariances and lengths; each is enrolled with one photo and looked up with "
        "another. Similarities: mean ± standard deviation."
    )
    header = ["model", "same, real", "same, synthetic", "different, real", "different, synthetic"]
    header += ["rank 1, float32", "rank 1, int8", "int8 finds whom float32 does"]
    header += ["its best 5 rescored do"]
    rows = [
        synthetic_row(name, pairs, embedded, options.synthetic)
        for name, embedded in zip(names, everything, strict=True)
    ]
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
