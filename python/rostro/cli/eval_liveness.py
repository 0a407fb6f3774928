"""``rostro eval liveness``: how well networks tell live faces from attacks."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np

from rostro import _core
from rostro.attributes.liveness import THRESHOLD, Liveness
from rostro.cli.batch import for_each_picture, pictures_in
from rostro.cli.common import (
    ERROR,
    detector_option,
    echo_json,
    install_missing,
    largest,
    run_options,
    say,
)
from rostro.cli.eval_common import PATH, estimate_document, show
from rostro.detect.detector import Detector
from rostro.errors import FileMissingError
from rostro.evaluate.bootstrap import SAMPLES
from rostro.evaluate.liveness import (
    APCERS,
    ErrorRates,
    Presentations,
    Separation,
    equal_error_threshold,
    error_rates,
    separation,
    threshold_at,
)
from rostro.models.card import Threshold
from rostro.models.card_toml import thresholds_text
from rostro.pipeline import FacePipeline
from rostro.types import Image

_ONE_SPECIES = "attacks"


@dataclass
class _Scored:
    """Pictures of one kind: the scores of their largest faces, and how many have none."""

    scores: list[float] = field(default_factory=list)
    pictures: int = 0
    without_face: int = 0
    unreadable: int = 0

    def facts(self) -> dict[str, int]:
        return {
            "pictures": self.pictures,
            "faces": len(self.scores),
            "without_face": self.without_face,
            "unreadable": self.unreadable,
        }


@click.command("liveness")
@click.argument("live_folder", type=PATH)
@click.argument("attack_folder", type=PATH)
@click.option("--model", "name", metavar="NAME|PATH", required=True, help="Liveness model.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="From which score on a face is live. Default: the card's, else the suggested one.",
)
@click.option(
    "--max-apcer",
    type=click.FloatRange(0, 1),
    metavar="RATE",
    help="Suggest the lowest threshold with no higher APCER. Default: where it meets BPCER.",
)
@click.option(
    "--calibrate",
    "data",
    metavar="DATA",
    help="Print [thresholds.live] for the model's card instead; DATA names the pictures there.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=SAMPLES,
    show_default=True,
    help="Of the bootstrap that gives the intervals of 95 %.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@detector_option
@run_options
@click.pass_context
def liveness_command(
    ctx: click.Context,
    live_folder: Path,
    attack_folder: Path,
    name: str,
    threshold: float | None,
    max_apcer: float | None,
    data: str | None,
    samples: int,
    as_json: bool,
    detector: str,
    engine: str,
    threads: int | None,
) -> None:
    """Score a liveness model on pictures of live faces and of attacks.

    Both folders are searched to the bottom. Folders right in ATTACK_FOLDER are kinds of attack,
    called species, each with an APCER of its own. The largest face of each picture counts; pictures
    without one are told and are in no rate. Prints AUC and equal error rate, APCER, BPCER and ACER
    (ISO/IEC 30107-3) at a threshold, BPCER at given APCERs, and a threshold that suits these
    pictures. The exit status is 1 if a picture could not be read. See docs/guide/liveness.md.
    """
    if data is not None and as_json:
        raise click.UsageError("--calibrate prints TOML alone")
    install_missing(detector, name)
    liveness = Liveness(name, engine=engine, threads=threads, threshold=threshold)
    finder = Detector(detector, engine=engine, threads=threads)
    pipeline = FacePipeline(finder, None, [liveness])
    species = _species_in(attack_folder)
    live = _score(pipeline, pictures_in(live_folder), live_folder)
    attacks = {kind: _score(pipeline, paths, attack_folder) for kind, paths in species.items()}
    found = Presentations(
        np.array(live.scores, np.float32),
        {kind: np.array(of.scores, np.float32) for kind, of in attacks.items() if of.scores},
    )
    whole = separation(found, samples)
    suggested = (
        equal_error_threshold(found) if max_apcer is None else threshold_at(found, max_apcer)
    )
    facts = {
        "model": liveness.model.name,
        "detector": finder.model.name,
        "live": live.facts(),
        "attacks": {kind: of.facts() for kind, of in attacks.items()},
    }
    if data is not None:
        click.echo(
            _card_text(suggested, error_rates(found, suggested, samples), data, facts), nl=False
        )
    else:
        least, origin = liveness.threshold, "given" if threshold is not None else "of the card"
        if least is None:
            least, origin = suggested, "suggested"
        at = error_rates(found, least, samples)
        points = {rate: error_rates(found, threshold_at(found, rate), samples) for rate in APCERS}
        better = error_rates(found, suggested, samples)
        if as_json:
            document = _document(whole, at, points, better)
            echo_json(document | {"threshold_origin": origin} | facts)
        else:
            _print(whole, at, origin, points, better)
    _tell_skipped(live, attacks)
    ctx.exit(ERROR if any(of.unreadable for of in (live, *attacks.values())) else 0)


def _species_in(folder: Path) -> dict[str, list[Path]]:
    """The pictures of each kind of attack."""
    paths = pictures_in(folder)
    if not paths:
        raise FileMissingError(f"{folder}: no picture in this folder")
    species: dict[str, list[Path]] = {}
    for path in paths:
        inside = path.relative_to(folder).parts
        species.setdefault(inside[0] if len(inside) > 1 else _ONE_SPECIES, []).append(path)
    return species


def _score(pipeline: FacePipeline, paths: list[Path], folder: Path) -> _Scored:
    if not paths:
        raise FileMissingError(f"{folder}: no picture in this folder")
    scored = _Scored(pictures=len(paths))

    def work(_path: Path, image: Image) -> None:
        faces = pipeline(image)
        if len(faces) and faces.live is not None:
            scored.scores.append(float(faces.live[largest(faces)]))
        else:
            scored.without_face += 1

    for_each_picture(paths, work)
    scored.unreadable = len(paths) - len(scored.scores) - scored.without_face
    return scored


def _tell_skipped(live: _Scored, attacks: Mapping[str, _Scored]) -> None:
    for what, of in (("live", live), *attacks.items()):
        if of.without_face or of.unreadable:
            say(
                f"rostro: {what}: {of.without_face} of {of.pictures} pictures show no face, "
                f"{of.unreadable} could not be read; they are in no rate",
                err=True,
            )
        if not of.scores:
            say(f"rostro: {what}: no face at all, this kind is left out", err=True)


def _document(
    whole: Separation, at: ErrorRates, points: Mapping[float, ErrorRates], better: ErrorRates
) -> dict[str, Any]:
    return {
        "auc": estimate_document(whole.area),
        "equal_error_rate": estimate_document(whole.equal_error),
        **_rates_document(at),
        "points": [
            {"at_apcer": rate, "threshold": of.threshold, "bpcer": estimate_document(of.bpcer)}
            for rate, of in points.items()
        ],
        "suggested": _rates_document(better),
    }


def _rates_document(of: ErrorRates) -> dict[str, Any]:
    return {
        "threshold": of.threshold,
        "apcer": estimate_document(of.apcer),
        "bpcer": estimate_document(of.bpcer),
        "acer": estimate_document(of.acer),
        "apcer_by_species": {k: estimate_document(one) for k, one in of.by_species.items()},
    }


def _print(
    whole: Separation,
    at: ErrorRates,
    origin: str,
    points: Mapping[float, ErrorRates],
    better: ErrorRates,
) -> None:
    show("AUC", whole.area)
    show("equal error rate", whole.equal_error)
    click.echo(f"at the threshold {at.threshold:g} ({origin}):")
    if len(at.by_species) > 1:
        for kind, one in at.by_species.items():
            show(f"  APCER of {kind}", one)
    show("  APCER", at.apcer, "  the worst species" if len(at.by_species) > 1 else "")
    show("  BPCER", at.bpcer)
    show("  ACER", at.acer)
    for rate, of in points.items():
        show(f"BPCER at APCER {rate:g}", of.bpcer, f"  threshold {of.threshold:g}")
    click.echo(
        f"suggested threshold {better.threshold:g}: APCER {better.apcer.value:.4f}, "
        f"BPCER {better.bpcer.value:.4f}"
    )


def _card_text(threshold: float, at: ErrorRates, data: str, facts: Mapping[str, Any]) -> str:
    attacks = sum(of["faces"] for of in facts["attacks"].values())
    how = (
        f"{data}, {facts['live']['faces']} live faces and {attacks} attacks of "
        f"{len(at.by_species)} species, found by {facts['detector']}, APCER {at.apcer.value:.4f}, "
        f"BPCER {at.bpcer.value:.4f}, rostro {_core.__version__}, {datetime.date.today()}"
    )
    return thresholds_text({THRESHOLD: Threshold(threshold, how)})
