"""``rostro eval wider``: detectors by the WIDER FACE protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from rostro.cli.common import (
    detector_option,
    echo_json,
    install_missing,
    run_options,
    say,
    show_progress,
)
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.cli.pixel_size import pixel_size
from rostro.detect.detector import Detector
from rostro.evaluate.plot import check_plot, plot_curves
from rostro.evaluate.wider import Curve, check_images, evaluate
from rostro.evaluate.wider_detections import read_detections, write_detections
from rostro.evaluate.wider_images import (
    LEAST_SCORE,
    NativeOrSize,
    detect,
    find_images,
    open_detector,
)
from rostro.evaluate.wider_truth import read_truth

_PATH = click.Path(path_type=Path)


@click.command("wider")
@click.option(
    "--ground-truth", type=_PATH, required=True, metavar="FOLDER", help="The official .mat files."
)
@click.option("--images", type=_PATH, metavar="FOLDER", help="Pictures, EVENT/NAME.jpg.")
@click.option("--detections", type=_PATH, metavar="FOLDER|ZIP", help="Detections to score instead.")
@click.option(
    "--subset",
    type=click.Choice(["auto", "all"]),
    default="auto",
    show_default=True,
    help="auto: the images that are there; all: the whole set, where images that are not there "
    "count as without detections.",
)
@detector_option
@click.option(
    "--det-size",
    metavar="native|WxH",
    default="native",
    show_default=True,
    callback=pixel_size("native"),
    help="Size of the network's input; native: that of each image.",
)
@click.option(
    "--score-threshold",
    type=click.FloatRange(0, 1),
    default=LEAST_SCORE,
    show_default=True,
    help="Least score: a low one, the curve needs them all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--plot", type=_PATH, metavar="FILE", help="Draw the curves: .png or .svg.")
@click.option(
    "-o",
    "--output",
    type=_PATH,
    metavar="ZIP",
    help="Write the detections, in the official format.",
)
@overwrite_option
@run_options
def wider(
    ground_truth: Path,
    images: Path | None,
    detections: Path | None,
    subset: str,
    detector: str,
    det_size: NativeOrSize,
    score_threshold: float,
    as_json: bool,
    plot: Path | None,
    output: Path | None,
    overwrite: bool,
    engine: str,
    threads: int | None,
) -> None:
    """Score a detector on WIDER FACE.

    Runs it on pictures (--images), or takes what another one found (--detections), and prints the
    average precision as the official evaluation does, on the validation set's easy, medium and hard
    faces. See docs/guide/evaluate.md.
    """
    if (images is None) == (detections is None):
        raise click.UsageError("either --images or --detections is wanted")
    if output is not None and images is None:
        raise click.UsageError("-o writes what a detector finds on --images")
    refuse_existing([plot, output], overwrite)
    if plot is not None:
        check_plot(plot)
    whole = read_truth(ground_truth)
    facts: dict[str, Any] = {}
    if images is not None:
        pictures = find_images(images, whole)
        install_missing(detector)
        opened = open_detector(
            detector,
            engine=engine,
            threads=threads,
            det_size=det_size,
            score_threshold=score_threshold,
        )
        found = detect(opened, pictures, show_progress())
        facts = _facts(opened, det_size, score_threshold)
    elif detections is not None:
        found = read_detections(detections, show_progress())
        check_images(whole, found)
    truth = whole if subset == "all" else {name: whole[name] for name in whole if name in found}
    _tell_subset(len(found), len(whole), subset)
    curves = evaluate(truth, found)
    facts |= {"images": len(truth), "detections": sum(map(len, found.values()))}
    _print(curves, facts, as_json)
    if output is not None:
        write_detections(output, found)
    if plot is not None:
        plot_curves(plot, curves, f"WIDER FACE, {len(truth)} images")


def _facts(detector: Detector, det_size: NativeOrSize, score_threshold: float) -> dict[str, Any]:
    card = detector.model.card
    size = (card and card.input.size) or det_size
    return {
        "detector": detector.model.name,
        "engine": detector.engine.name,
        "det_size": size if isinstance(size, str) else f"{size[0]}x{size[1]}",
        "score_threshold": score_threshold,
    }


def _tell_subset(there: int, whole: int, subset: str) -> None:
    if there == whole:
        return
    end = "are evaluated on" if subset == "auto" else "are there, the others count as missed"
    say(f"rostro: {there} of the set's {whole} images {end}", err=True)


def _print(curves: Mapping[str, Curve], facts: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        areas = {name: curve.average_precision for name, curve in curves.items()}
        faces = {name: curve.faces for name, curve in curves.items()}
        echo_json({**areas, "faces": faces, **facts})
        return
    for name, curve in curves.items():
        area = curve.average_precision
        shown = "no face" if area is None else f"{area:.4f}"
        click.echo(f"{name:8}{shown:9}{curve.faces} faces")
    click.echo(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items()))
