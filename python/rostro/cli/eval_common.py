"""What the evaluations of recognition share: options, and figures as text and JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from rostro.cli.common import (
    detector_option,
    embedder_option,
    install_missing,
    precision_option,
    refine_option,
    run_options,
    show_progress,
)
from rostro.cli.outputs import overwrite_option
from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.evaluate.bootstrap import SAMPLES, Estimate
from rostro.evaluate.labelled_photos import EmbeddedPhotos, embed_photos
from rostro.evaluate.verification import FARS, STORAGES, Rates, bytes_of
from rostro.models.choice import Precision

__all__ = [
    "PATH",
    "embed",
    "estimate_document",
    "rates_document",
    "recognition_options",
    "report_options",
    "show",
    "show_rates",
]

PATH = click.Path(path_type=Path)

_F = TypeVar("_F", bound=Callable[..., Any])


def recognition_options(command: _F) -> _F:
    """Networks and --flip, --storage, --far, and `report_options`."""
    options = (
        detector_option,
        embedder_option,
        refine_option,
        click.option(
            "--flip/--no-flip",
            default=None,
            help="Average with the mirror image. Default: as the model's card says.",
        ),
        click.option(
            "--storage",
            type=click.Choice(STORAGES),
            default="float32",
            show_default=True,
            help="What embeddings are kept as: 4, 2 or 1 byte a number.",
        ),
        click.option(
            "--far",
            "fars",
            type=click.FloatRange(0, 1),
            multiple=True,
            default=FARS,
            show_default=True,
            help="False accept rate; may be given again.",
        ),
        precision_option,
        report_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def report_options(command: _F) -> _F:
    """--samples, --json, --plot, --overwrite, --engine, --threads and --verbose."""
    options = (
        click.option(
            "--samples",
            type=click.IntRange(min=1),
            default=SAMPLES,
            show_default=True,
            help="Of the bootstrap that gives the intervals of 95 %.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--plot", type=PATH, metavar="FILE", help="Draw the curve: .png or .svg."),
        overwrite_option,
        run_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def embed(
    paths: tuple[Path, ...],
    *,
    detector: str,
    embedder: str,
    refine: str | None,
    flip: bool | None,
    storage: str,
    engine: str,
    threads: int | None,
    precision: Precision,
) -> tuple[EmbeddedPhotos, dict[str, Any]]:
    """The photos' embeddings, and what they were made with."""
    install_missing(detector, embedder, refine)
    finder = Detector(detector, engine=engine, threads=threads, precision=precision)
    model = Embedder(
        embedder, engine=engine, threads=threads, precision=precision, flip=flip, refine=refine
    )
    (embedded,) = embed_photos(finder, [model], paths, show_progress())
    facts = {
        "photos": len(paths),
        "without_face": int((~embedded.found).sum()),
        "detector": finder.model.name,
        "embedder": model.model.name,
        "refine": None if model.refine is None else model.refine.model.name,
        "engine": model.engine.name,
        "flip": model.flip,
        "storage": storage,
        "bytes": bytes_of(storage, model.dim),
    }
    return embedded, facts


def rates_document(rates: Rates, share: str) -> dict[str, Any]:
    """For JSON; ``share`` is what the accepted same persons are called."""
    points = [
        {
            "far": point.far,
            "threshold": round(point.threshold, 6),
            share: estimate_document(point.tar),
        }
        for point in rates.points
    ]
    return {"equal_error_rate": estimate_document(rates.equal_error), "points": points}


def estimate_document(estimate: Estimate) -> dict[str, float]:
    """For JSON."""
    return {name: round(value, 6) for name, value in asdict(estimate).items()}


def show(name: str, estimate: Estimate, end: str = "") -> None:
    """One line: the figure and its interval."""
    low, high = estimate.low, estimate.high
    click.echo(f"{name:22}{estimate.value:.4f}  ({low:.4f} to {high:.4f}){end}")


def show_rates(rates: Rates, share: str) -> None:
    """A line for each false accept rate."""
    for point in rates.points:
        show(f"{share} at FAR {point.far:g}", point.tar, f"  threshold {point.threshold:.4f}")
