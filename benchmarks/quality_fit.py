"""The numbers of the one quality, fitted to photos of persons that are damaged at random.

Prints Markdown: what each measured value takes away (cpp/src/attributes/unified_quality.cpp has the
numbers, rounded), and for photos of persons that were left out of a fit the areas below the
error-versus-discard curves of the quality, the detector's score, the norm of the embedding, and of
none. FOLDER has photos in a folder for each person; of those with two or more, each photo counts
once as it is and, damaged, `--times` more.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import rostro
from report import Page, argument_parser, heading, table
from rostro.attributes.quality import MEASURED, RULES
from rostro.evaluate.damage import damage
from rostro.models.card_quality import NormQuality
from rostro.types import FloatArray, Image

Numbers = NDArray[np.float64]

FMR = 1e-3  # that sets the threshold, between undamaged photos
SOFTNESS = 0.06  # of a similarity: a miss by little is half a miss
LOGARITHMS = ("compression", "inter_eye_distance")
AMOUNTS = ("yaw", "pitch")

# Where the fit begins: the value that is good, and the one that is bad.
TERMS: dict[str, tuple[str, float, float]] = {
    "sharpness: blur": ("sharpness", 0.5, 0.2),
    "sharpness: noise": ("sharpness", 0.66, 0.9),
    "compression": ("compression", 1.2, 5),
    "under_exposure": ("under_exposure", 0.5, 1),
    "over_exposure": ("over_exposure", 0.05, 0.6),
    "dynamic_range": ("dynamic_range", 6.3, 3),
    "inter_eye_distance": ("inter_eye_distance", 5.3, 3),
    "crop_left, crop_right": ("crop_side", 0.8, 0),
    "crop_above": ("crop_above", 0.8, 0),
    "crop_below": ("crop_below", 1.2, 0.4),
    "yaw": ("yaw", 20, 70),
    "pitch": ("pitch", 10, 40),
    "certainty": ("certainty", 0.93, 0.75),
}
FIXED = np.array([name == "certainty" for name in TERMS])  # not to learn one detector's scores
GOOD, BAD = (np.array([term[i] for term in TERMS.values()], np.float64) for i in (1, 2))
SIZE, SIGN = np.abs(BAD - GOOD), np.sign(BAD - GOOD)
MOST = 4.0


class Samples(NamedTuple):
    """Photos, damaged or not, in which a face was found."""

    values: Numbers  # samples x TERMS
    same: Numbers  # mean similarity to the person's other photos, undamaged; NaN without one
    persons: NDArray[np.intp]
    scores: Numbers
    norms: Numbers
    threshold: float


def nearest(faces: rostro.Faces, box: FloatArray) -> rostro.Faces:
    middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    away = np.hypot(*(middles - (box[:2] + box[2:]) / 2).T)
    return faces[[int(away.argmin())]]


def collect(folder: Path, times: int) -> Samples:
    pipeline, quality = rostro.FacePipeline(threads=1), rostro.Quality()
    embedder = pipeline.embedder
    assert embedder is not None
    found: list[tuple[int, int, bool, rostro.Faces]] = []  # person, photo, whether damaged
    photo = 0
    for person, one in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        files = sorted(one.glob("*.jpg"))[:6]
        for file in files if len(files) > 1 else []:
            photo += 1
            image = rostro.load_image(file)
            height, width = image.shape[:2]
            whole = np.array([0, 0, width, height], np.float32)
            faces = pipeline.detector(image)
            if not len(faces):
                continue
            face = nearest(faces, whole)
            pictures: list[tuple[Image, FloatArray, bool]] = [(image, face.boxes[0], False)]
            for time in range(times):
                random = np.random.default_rng([photo, time])
                worse, box, done = damage(image, face.boxes[0], random)
                if done:
                    pictures.append((worse, box, True))
            for picture, box, damaged in pictures:
                faces = pipeline.detector(picture)
                if len(faces):
                    table_ = embedder(picture, quality(picture, nearest(faces, box)))
                    found.append((person, photo, damaged, table_))
    persons, photos, damages = (np.array([row[i] for row in found]) for i in range(3))
    table_ = rostro.Faces.concatenate([row[3] for row in found])
    embeddings, norms, attributes = table_.embeddings, table_.norms, table_.attributes
    assert embeddings is not None and norms is not None and attributes is not None
    similar = (embeddings @ embeddings.T).astype(np.float64)
    clean = ~damages.astype(bool)
    others = (persons[:, None] != persons) & clean[:, None] & clean
    mates = (persons[:, None] == persons) & (photos[:, None] != photos) & clean
    count = mates.sum(axis=1)
    same = np.where(count > 0, (similar * mates).sum(axis=1) / np.maximum(count, 1), np.nan)
    return Samples(
        values_of(attributes[MEASURED]),
        same,
        persons,
        table_.scores.astype(np.float64),
        norms.astype(np.float64),
        float(np.quantile(similar[others], 1 - FMR)),
    )


def values_of(measured: FloatArray) -> Numbers:
    columns = {rule.name: measured[:, i].astype(np.float64) for i, rule in enumerate(RULES)}
    columns |= {name: np.log2(columns[name]) for name in LOGARITHMS}
    columns |= {name: np.abs(columns[name]) for name in AMOUNTS}
    columns["crop_side"] = np.fmin(columns["crop_left"], columns["crop_right"])
    return np.array([columns[term[0]] for term in TERMS.values()]).T


def hinges(numbers: Numbers, values: Numbers) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """How far each value is on its way to the bad one, its hinge, and where that does not move."""
    _, shift, width = numbers[1:].reshape(-1, 3).T
    missing = np.isnan(values)
    way = (np.where(missing, 0, values) - (GOOD + shift * SIZE)) / (SIZE * np.exp(width)) * SIGN
    bent = np.minimum(np.logaddexp(0, 6 * way) / 6, MOST)
    bent[missing] = 0
    return way, bent, missing | (bent >= MOST)


def logits(numbers: Numbers, values: Numbers) -> Numbers:
    weights = np.exp(numbers[1::3])
    left: Numbers = numbers[0] - hinges(numbers, values)[1] @ weights
    return left


def fit(values: Numbers, wanted: Numbers) -> Numbers:
    """The best's logit, then log weight, shift and log width of each term; by cross-entropy."""

    def loss(numbers: Numbers) -> tuple[float, Numbers]:
        logs, shift, width = numbers[1:].reshape(-1, 3).T
        way, bent, still = hinges(numbers, values)
        weights = np.exp(logs)
        left = numbers[0] - bent @ weights
        cost = np.mean(np.logaddexp(0, left) - wanted * left)
        cost += 2e-3 * (shift**2).sum() + 1e-3 * (width**2).sum() + 1e-4 * weights.sum()
        slope = (1 / (1 + np.exp(-left)) - wanted) / len(wanted)
        steep = np.where(still, 0, 1 / (1 + np.exp(-6 * way)))
        of_log = -(slope @ bent) * weights + 1e-4 * weights
        of_shift = (slope @ steep) * SIGN * np.exp(-width) * weights + 4e-3 * shift
        of_width = (slope @ (steep * way)) * weights + 2e-3 * width
        of_shift[FIXED] = of_width[FIXED] = 0
        rest = np.stack([of_log, of_shift, of_width], axis=1).ravel()
        return float(cost), np.concatenate([[slope.sum()], rest])

    start = np.zeros(1 + 3 * len(TERMS))
    start[0], start[1::3] = 3, 0.5
    options = {"maxiter": 500}
    best: Numbers = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return best


def with_norm(logit: Numbers, norms: Numbers, wanted: Numbers) -> Numbers:
    """Offset, factor of the logit and factor of the norm in its card's range; by cross-entropy."""
    rows = np.stack([np.ones(len(logit)), logit, norms], axis=1)

    def loss(numbers: Numbers) -> tuple[float, Numbers]:
        left = rows @ numbers
        slope = (1 / (1 + np.exp(-left)) - wanted) / len(wanted)
        return float(np.mean(np.logaddexp(0, left) - wanted * left)), rows.T @ slope

    best: Numbers = minimize(loss, np.array([0.0, 1, 0]), jac=True, method="BFGS").x
    return best


def areas(quality: Numbers, wrong: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean share of errors among what is left, over all shares discarded, and up to 0.2."""
    ordered = wrong[np.argsort(quality, kind="stable")]
    shares = [ordered[len(ordered) * percent // 100 :].mean() for percent in range(100)]
    return float(np.mean(shares)), float(np.mean(shares[:20]))


def range_of_norms() -> tuple[float, float]:
    card = rostro.models.resolve(rostro.models.DEFAULTS["embed"]).card
    assert card is not None and isinstance(card.quality, NormQuality)
    return card.quality.range


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=3, help="damaged copies of each photo")
    options = parser.parse_args()
    samples = collect(options.folder, options.times)
    usable = ~np.isnan(samples.same) & ~np.isnan(samples.values[:, 0])
    wanted = 1 / (1 + np.exp(-(samples.same - samples.threshold) / SOFTNESS))
    wrong = samples.same < samples.threshold
    quality, joined = (np.full(len(wrong), np.nan) for _ in range(2))
    low, high = range_of_norms()
    norms = ((samples.norms - low) / (high - low)).clip(0, 1)
    for half in (0, 1):
        learned = usable & (samples.persons % 2 != half)
        held = usable & (samples.persons % 2 == half)
        numbers = fit(samples.values[learned], wanted[learned])
        logit = logits(numbers, samples.values)
        quality[held] = logit[held]
        of_both = with_norm(logit[learned], norms[learned], wanted[learned])
        joined[held] = (of_both[0] + of_both[1] * logit + of_both[2] * norms)[held]
    numbers = fit(samples.values[usable], wanted[usable])
    logs, shift, width = numbers[1:].reshape(-1, 3).T
    good = GOOD + shift * SIZE
    bad = good + SIGN * SIZE * np.exp(width)
    page = Page("quality-fit", "The one quality, fitted")
    page.show(heading(["numpy", "scipy"]))
    page.show(
        f"{usable.sum()} photos, {wrong[usable].sum()} of them below a similarity of "
        f"{samples.threshold:.3f}, FMR {FMR:g}. The best logit: {numbers[0]:.2f}."
    )
    terms = zip(TERMS, good, bad, np.exp(logs), strict=True)
    rows = [[name, *(f"{number:.2f}" for number in facts)] for name, *facts in terms]
    page.show(table(["of", "good", "bad", "weight"], rows))
    offset, of_logit, of_norm = with_norm(
        logits(numbers, samples.values[usable]), norms[usable], wanted[usable]
    )
    outside = 100 * float((samples.norms[usable] < low).mean())
    page.show(
        f"With the norm, in the range {low:g} to {high:g} of the card, below which {outside:.1f} % "
        f"are: the logit becomes {offset:.2f} + {of_logit:.3f} logit + {of_norm:.2f} norm."
    )
    measures = {
        "quality": quality,
        "quality with the norm": joined,
        "score": samples.scores,
        "norm": samples.norms,
    }
    found = {name: areas(each[usable], wrong[usable]) for name, each in measures.items()}
    found["none"] = (float(wrong[usable].mean()),) * 2
    rows = [[name, *(f"{area:.4f}" for area in pair)] for name, pair in found.items()]
    page.show(table(["ordered by", "area", "up to a share of 0.2"], rows))
    if options.write:
        page.save()


if __name__ == "__main__":
    main()
