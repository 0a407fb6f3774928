"""``rostro eval landmarks``: points of faces against labelled ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from rostro.cli.common import detector_option, echo_json, install_missing, show_progress
from rostro.cli.eval_common import PATH, estimate_document, report_options, show
from rostro.cli.outputs import refuse_existing
from rostro.detect.detector import Detector
from rostro.evaluate.labelled_faces import find_faces, groups, read_labels
from rostro.evaluate.landmarks import FAILURE, Length, Score, face_errors, score
from rostro.evaluate.plot import check_plot, plot_errors
from rostro.pipeline import Stage


@click.command("landmarks")
@click.argument("folder", type=PATH)
@detector_option
@click.option(
    "--landmarks", metavar="NAME|PATH", help="Landmark model. Default: the detector's five points."
)
@click.option(
    "--length",
    type=click.Choice(get_args(Length)),
    default="corners",
    show_default=True,
    help="What errors are divided by: the distance of the eyes' outer corners or of their middles, "
    "or the root of the area of the labelled points' box.",
)
@report_options
def landmarks_command(
    folder: Path,
    detector: str,
    landmarks: str | None,
    length: Length,
    samples: int,
    as_json: bool,
    plot: Path | None,
    overwrite: bool,
    engine: str,
    threads: int | None,
) -> None:
    """Score landmarks on labelled photos.

    FOLDER has photos with NAME.pts (68 points, as 300-W) or NAME.mat (as AFLW2000) beside each, in
    folders of any depth. Prints the mean error over a length of the face (NME), the share of faces
    beyond 8 % and the area under the curve, with intervals of 95 %, for all, by folder and by yaw.
    See docs/guide/evaluate.md.
    """
    refuse_existing([plot], overwrite)
    if plot is not None:
        check_plot(plot)
    labels = read_labels(folder)
    finder, stages = _open(detector, landmarks, engine, threads)
    errors = face_errors(labels, find_faces(labels, finder, stages, show_progress()), length)
    parts = groups(labels)
    by_group = {name: score(errors[part], samples) for name, part in parts.items()}
    facts = {
        "detector": finder.model.name,
        "landmarks": landmarks or "detector",
        "length": length,
    }
    if as_json:
        named = {name: _document(of) for name, of in by_group.items()}
        echo_json(_document(score(errors, samples)) | {"groups": named} | facts)
    else:
        for name, of in ({"all": score(errors, samples)} | by_group).items():
            _print(name, of)
        click.echo(", ".join(f"{key} {value}" for key, value in facts.items()))
    if plot is not None:
        curves = {"all": errors} | {name: errors[part] for name, part in parts.items()}
        plot_errors(plot, curves, f"Landmarks, {len(errors)} faces", f"NME by {length}", FAILURE)


def _open(
    detector: str, landmarks: str | None, engine: str, threads: int | None
) -> tuple[Detector, list[Stage]]:
    """The detector and what follows it."""
    install_missing(*[name for name in (detector, landmarks) if name is not None])
    finder = Detector(detector, engine=engine, threads=threads)
    if landmarks is None:
        return finder, []
    from rostro import Landmarker

    return finder, [Landmarker(landmarks, engine=engine, threads=threads)]


def _document(of: Score) -> dict[str, Any]:
    return {
        "faces": of.faces,
        "missed": of.missed,
        "nme": None if of.error is None else estimate_document(of.error),
        "failure_rate": estimate_document(of.failures),
        "auc": estimate_document(of.area),
    }


def _print(name: str, of: Score) -> None:
    click.echo(f"{name}: {of.faces} faces, {of.missed} not found")
    if of.error is not None:
        show("  NME", of.error)
    show(f"  beyond {FAILURE:.0%}", of.failures)
    show("  area under the curve", of.area)
