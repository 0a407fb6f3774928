"""``rostro eval pose``: head poses by the protocol of AFLW2000."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from rostro.cli.common import detector_option, echo_json, install_missing, show_progress
from rostro.cli.eval_common import PATH, estimate_document, report_options, show
from rostro.cli.outputs import refuse_existing
from rostro.detect.detector import Detector
from rostro.evaluate.bootstrap import Estimate
from rostro.evaluate.labelled_faces import find_faces, groups, read_labels
from rostro.evaluate.plot import check_plot, plot_errors
from rostro.evaluate.pose import ANGLES, LARGEST, Score, pose_errors, score, within
from rostro.pipeline import Stage

_MOST_DRAWN = 30.0  # degrees; far more than any useful head pose is off


@click.command("pose")
@click.argument("folder", type=PATH)
@detector_option
@click.option(
    "--landmarks",
    metavar="NAME|PATH",
    help="Landmark model, of whose points the pose is fitted. Default: the detector's five.",
)
@click.option(
    "--pose",
    metavar="NAME|PATH|detector",
    help="Head-pose model, or what the detector itself says. Default: a fit of landmarks.",
)
@click.option(
    "--hfov",
    type=click.FloatRange(0, 180, min_open=True, max_open=True),
    default=30.0,  # photos of persons are taken, or cut out, as from afar
    show_default=True,
    help="Of a fit: degrees from the left edge of the photos to the right one.",
)
@report_options
def pose_command(
    folder: Path,
    detector: str,
    landmarks: str | None,
    pose: str | None,
    hfov: float,
    samples: int,
    as_json: bool,
    plot: Path | None,
    overwrite: bool,
    engine: str,
    threads: int | None,
) -> None:
    """Score head poses on labelled photos.

    FOLDER is laid out as AFLW2000: NAME.jpg and NAME.mat. Prints the mean absolute errors of yaw,
    pitch and roll and the geodesic error, in degrees, with intervals of 95 %, for the faces within
    99 degrees, for all, and by yaw. See docs/guide/evaluate.md.
    """
    refuse_existing([plot], overwrite)
    if plot is not None:
        check_plot(plot)
    labels = read_labels(folder)
    finder, stages, facts = _open(detector, landmarks, pose, hfov, engine, threads)
    errors = pose_errors(labels, find_faces(labels, finder, stages, show_progress()))
    usual = within(labels)
    parts = {name: part & usual for name, part in groups(labels).items()}
    scores = {"within_99": score(errors[usual], samples), "all": score(errors, samples)}
    by_group = {name: score(errors[part], samples) for name, part in parts.items() if part.any()}
    if as_json:
        named = {name: _document(of) for name, of in by_group.items()}
        echo_json({name: _document(of) for name, of in scores.items()} | {"groups": named} | facts)
    else:
        _print(scores["within_99"], f"within {LARGEST:g} degrees")
        _print(scores["all"], "all")
        for name, of in by_group.items():
            _print(of, name, ("mean", "geodesic"))
        click.echo(", ".join(f"{key} {value}" for key, value in facts.items()))
    if plot is not None:
        curves = {name: errors[usual][:, column] for column, name in enumerate(ANGLES)}
        title = f"Head pose, {int(usual.sum())} faces"
        plot_errors(plot, curves, title, "error in degrees", _MOST_DRAWN)


def _open(
    detector: str,
    landmarks: str | None,
    pose: str | None,
    hfov: float,
    engine: str,
    threads: int | None,
) -> tuple[Detector, list[Stage], dict[str, Any]]:
    """The detector, what follows it, and what they are."""
    from rostro import HeadPose, Landmarker

    install_missing(*[name for name in (detector, landmarks, pose) if name is not None])
    finder = Detector(detector, engine=engine, threads=threads)
    stages: list[Stage] = []
    if landmarks is not None:
        stages.append(Landmarker(landmarks, engine=engine, threads=threads))
    if pose is None:
        stages.append(HeadPose(hfov=hfov))
    elif pose != "detector":
        stages.append(HeadPose(pose, engine=engine, threads=threads))
    facts = {
        "detector": finder.model.name,
        "landmarks": landmarks or "detector",
        "pose": pose or f"fit, {hfov:g} degrees",
    }
    return finder, stages, facts


def _document(of: Score) -> dict[str, Any]:
    return {
        field.name: estimate_document(value) if isinstance(value, Estimate) else value
        for field in fields(of)
        for value in (getattr(of, field.name),)
    }


def _print(
    of: Score, name: str, wanted: tuple[str, ...] = ("yaw", "pitch", "roll", "mean", "geodesic")
) -> None:
    click.echo(f"{name}: {of.faces} faces, {of.missed} not found")
    for figure in wanted:
        value = getattr(of, figure)
        if value is not None:
            show(f"  {figure}", value)
