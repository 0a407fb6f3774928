"""One template of a track, against its best and its first shot: FNMR at FAR 1e-3.

    python benchmarks/track_templates.py --images FOLDER [--write]

On photos of a folder a person, of which people with four or more have tracks. A photo is compared
with the track of the person's others, which are damaged at random, as cameras damage them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import rostro
from report import ROOT, Page, argument_parser, heading, table
from rostro import models
from rostro.evaluate.bootstrap import Estimate
from rostro.evaluate.labelled_photos import Photos, read_folder
from rostro.evaluate.measured_photos import measure_photos
from rostro.types import FloatArray
from rostro.video.evidence import quality_of

sys.path.insert(0, str(ROOT))

from tests.support.track_templates import (
    Fuse,
    Person,
    Qualities,
    best,
    centers_of,
    clusters,
    compared,
    first,
    interval,
    mean,
    tars,
    weighted_mean,
)

FAR, LEAST, CENTERS = 1e-3, 4, 4


def measured(
    photos: Photos, rows: list[int], embedder: rostro.Embedder, seed: int | None
) -> tuple[FloatArray, Qualities]:
    """Embeddings, zeros where no face was found, and the quality, -1 there."""
    found = measure_photos(
        rostro.Detector(threads=1),
        [rostro.Quality(), embedder],
        [photos.paths[row] for row in rows],
        damage_seed=seed,
        progress=True,
    )
    embeddings: FloatArray = np.zeros((len(rows), embedder.dim), np.float32)
    embeddings[found.found] = found.faces.columns()["embeddings"]
    quality = np.full(len(rows), -1.0)
    quality[found.found] = quality_of(found.faces)
    return embeddings, quality


def shown(of: Estimate, sign: str = "") -> str:
    return f"{of.value:{sign}.4f} ({of.low:{sign}.4f} to {of.high:{sign}.4f})"


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of PERSON/*.jpg")
    parser.add_argument("--embedder", default=models.DEFAULTS["embed"], metavar="CARD")
    parser.add_argument("--seeds", type=int, default=3, help="so many times damaged, a table each")
    options = parser.parse_args()
    photos = read_folder(options.images)
    embedder = rostro.Embedder(options.embedder, threads=1)
    counts = np.bincount(photos.persons)
    tracked = np.flatnonzero(counts >= LEAST)
    rows = [np.flatnonzero(photos.persons == person).tolist() for person in tracked]
    # One photo of each of the others.
    rest = [
        int(np.flatnonzero(photos.persons == person)[0])
        for person in np.flatnonzero(counts < LEAST)
    ]
    others, others_quality = measured(photos, rest, embedder, None)
    others = others[others_quality >= 0]
    flat = [row for mine in rows for row in mine]
    ends = np.cumsum([len(mine) for mine in rows])[:-1]
    probes = np.split(measured(photos, flat, embedder, None)[0], ends)
    page = Page("track-templates", "One template of a track")
    page.show(heading(["onnxruntime", "ncnn", "numpy"]))
    page.show(
        f"{embedder.model.name} on {len(flat)} photos of {len(rows)} people with {LEAST} or more "
        f"each. Each photo is compared with the tracks of all, without itself in its person's; so "
        f"are {len(others)} photos of as many others. The shots of a track are the photos damaged "
        "at random, as `rostro.evaluate.damage` does, in the first table not; the threshold is "
        "that of FAR 0.001 for each row. Intervals of 95 %, drawn over people; differences are of "
        "the same draws."
    )
    ways: dict[str, Fuse] = {
        "first shot": first,
        "best shot": best,
        "mean": mean,
        "mean by quality": weighted_mean,
        f"{CENTERS} clusters by quality": clusters(centers_of(others, CENTERS)),
    }
    for seed in (None, *range(1, options.seeds + 1)):
        shots, quality = measured(photos, flat, embedder, seed)
        people = [
            Person(*each)
            for each in zip(probes, np.split(shots, ends), np.split(quality, ends), strict=True)
        ]
        rates = {name: tars(compared(people, others, fuse), FAR) for name, fuse in ways.items()}
        lines = []
        for name, values in rates.items():
            more = [
                shown(interval(values - rates[than]), "+") if name != than else ""
                for than in ("first shot", "best shot")
            ]
            lines.append([name, shown(interval(1 - values)), *more])
        title = "The photos as they are" if seed is None else f"Damaged, seed {seed}"
        page.show(f"## {title}")
        header = ["template", "FNMR", "TAR, more than the first shot", "than the best"]
        page.show(table(header, lines))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
