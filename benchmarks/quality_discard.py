"""Error versus discard: what recognition gains when faces are refused by measures of quality.

Prints Markdown. On photos of a folder a person, damaged at random unless --undamaged is given: the
areas below the curves of rostro's quality with the norm and of what is measured alone, the
embedding's norm, the detector's score and chance, and what each reason would have saved.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import rostro
from report import Page, argument_parser, heading, table
from rostro import models
from rostro.evaluate.bootstrap import Estimate
from rostro.evaluate.damage import PROBABILITY
from rostro.evaluate.discard import discard
from rostro.evaluate.labelled_photos import read_folder
from rostro.evaluate.measured_photos import (
    as_attribute,
    compare_photos,
    measure_photos,
    pool_photos,
)

MEASURES = ("quality", "measured", "norms", "scores")
FMR, LIMIT, SAMPLES = 1e-3, 0.2, 400


def shown(estimate: Estimate, sign: str = "") -> str:
    return f"{estimate.value:{sign}.4f} ({estimate.low:{sign}.4f} to {estimate.high:{sign}.4f})"


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of PERSON/*.jpg")
    parser.add_argument("--embedder", default=models.DEFAULTS["embed"], metavar="CARD")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the damages")
    parser.add_argument("--undamaged", action="store_true")
    options = parser.parse_args()

    photos = read_folder(options.images)
    detector = rostro.Detector(threads=1)
    embedder = rostro.Embedder(options.embedder, threads=1)
    seeds = [None] if options.undamaged else options.seeds
    stages = [
        embedder,
        as_attribute(rostro.Quality(), "measured"),
        rostro.Quality(norms_of=options.embedder),
    ]
    damaged: Counter[str] = Counter()
    tables, missed = [], 0
    for seed in seeds:
        measured = measure_photos(detector, stages, photos.paths, MEASURES, seed, progress=True)
        damaged.update(measured.damaged)
        missed += int((~measured.found).sum())
        tables.append(compare_photos(measured, photos, MEASURES))
    pooled = pool_photos(tables)
    compared = pooled.comparisons
    result = discard(*pooled, fmr=FMR, limit=LIMIT, samples=SAMPLES)
    page = Page("quality-discard", "Quality by what recognition gains when faces are refused")
    page.show(heading(["onnxruntime", "ncnn", "numpy", "pillow"]))
    same = int(compared.same.sum())
    damage = ", ".join(f"{name} {count}" for name, count in sorted(damaged.items()))
    hurt = (
        f"Each kind of damage happens with probability {PROBABILITY:.3f}, "
        f"seeds {' '.join(map(str, seeds))}, each compared within itself: {damage}."
        if damage
        else "The photos are as they are."
    )
    page.show(
        f"{embedder.model.name} on {len(photos.paths)} photos of {len(photos.names)} persons, "
        f"faces by {detector.model.name}, {missed} times none found. "
        f"{hurt} FNMR at the threshold {result.threshold:.4f}, of FMR {FMR:g}, over "
        f"{same} comparisons of same persons and {len(compared.same) - same} of different ones: "
        f"{shown(result.fnmr)}. An area is the mean FNMR over the shares discarded. In brackets: "
        "intervals of 95 %, drawn over persons; the last column is of the same draws. **quality** "
        "is `Quality(norms_of=...)` after the embedder, of the norm, the detector's score, pixels "
        "and points; `measured` is `Quality()`, without the norm. The numbers of both were fitted "
        "to photos of these persons, damaged otherwise; benchmarks/quality_fit.py has the areas "
        "for persons left out of the fit."
    )
    header = ["refused by", f"area, share 0 to {LIMIT:g}", "area, 0 to 1", "more than the first"]
    rows = [
        [
            f"**{name}**" if row == 0 else name,
            shown(curve.partial),
            shown(curve.area),
            "" if row == 0 else shown(curve.behind, "+"),
        ]
        for row, (name, curve) in enumerate(result.curves.items())
    ]
    page.show(table(header, rows))
    page.show("Without the faces that carry a reason, with the limits of *recognize*:")
    header = ["reason", "photos", "comparisons refused", "FNMR of the others", "saved"]
    rows = [
        [
            name,
            f"{cost.photos:.4f}",
            f"{cost.refused:.4f}",
            shown(cost.fnmr),
            shown(cost.saved, "+"),
        ]
        for name, cost in result.reasons.items()
    ]
    page.show(table(header, rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
