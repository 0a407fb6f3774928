"""``rostro eval quality``: measures of quality by what recognition gains when faces are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rostro.attributes.quality import Quality
from rostro.attributes.quality_network import NetworkQuality
from rostro.cli.common import (
    detector_option,
    echo_json,
    embedder_option,
    install_missing,
    refine_option,
    show_progress,
)
from rostro.cli.eval_common import PATH, estimate_document, report_options, show
from rostro.cli.outputs import refuse_existing
from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.evaluate.discard import LIMIT, SHARES, Discard, DiscardCurve
from rostro.evaluate.labelled_photos import Photos, read_folder, read_pairs
from rostro.evaluate.measured_photos import (
    MeasuredPhotos,
    as_attribute,
    discard_photos,
    measure_photos,
)
from rostro.evaluate.plot import check_plot, plot_discard
from rostro.pipeline import Stage

_MEASURES = ("quality", "scores", "norms")


@click.command("quality")
@click.argument("folder", type=PATH)
@click.option(
    "--pairs",
    "listed",
    type=PATH,
    metavar="FILE",
    help="Pairs to compare, in the format of LFW; default: every photo with every other.",
)
@click.option(
    "--by",
    "measures",
    multiple=True,
    default=_MEASURES,
    show_default=True,
    metavar="COLUMN",
    help="A column, an attribute, or one number of either as poses.0; -COLUMN: less is better; "
    "-|poses.0|: without its sign. May be given again; the others are compared to the first.",
)
@click.option(
    "--quality",
    "networks",
    multiple=True,
    metavar="NAME|PATH",
    help="Also a model that tells quality, a measure by its card's name. May be given again.",
)
@click.option(
    "--fmr",
    type=click.FloatRange(0, 1),
    default=1e-3,
    show_default=True,
    help="False match rate that sets the threshold.",
)
@click.option(
    "--limit",
    type=click.FloatRange(0, 1, min_open=True),
    default=LIMIT,
    show_default=True,
    help="Share discarded up to which the partial area goes.",
)
@click.option(
    "--damage",
    type=click.IntRange(min=0),
    metavar="SEED",
    help="Damage the photos at random before: blur, gamma, JPEG, scale, cut, noise.",
)
@detector_option
@embedder_option
@refine_option
@report_options
def quality_command(
    folder: Path,
    listed: Path | None,
    measures: tuple[str, ...],
    networks: tuple[str, ...],
    fmr: float,
    limit: float,
    damage: int | None,
    samples: int,
    as_json: bool,
    plot: Path | None,
    overwrite: bool,
    **models: Any,
) -> None:
    """Score measures of quality by what recognition gains when the worst are refused.

    FOLDER has photos in a folder for each person. The face nearest the centre of each is taken.
    Prints, for each measure, the areas below its error-versus-discard curve: the mean share of
    false non-matches over the shares of comparisons that are discarded, the worst first. Then what
    each reason would have saved. See docs/guide/evaluate.md.
    """
    refuse_existing([plot], overwrite)
    if plot is not None:
        check_plot(plot)
    of_list = None if listed is None else read_pairs(listed, folder)
    photos = read_folder(folder) if of_list is None else of_list.photos
    measured, facts, measures = _measure(photos, measures, networks, damage, **models)
    result, compared = discard_photos(
        measured, of_list or photos, measures, fmr=fmr, limit=limit, samples=samples
    )
    same = int(compared.same.sum())
    facts |= {"same": same, "different": len(compared.same) - same, "fmr": fmr, "limit": limit}
    facts["threshold"] = round(result.threshold, 6)
    if as_json:
        echo_json(_document(result) | facts)
    else:
        _print(result, limit)
        click.echo(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items()))
    if plot is not None:
        title = f"Error versus discard, FMR {fmr:g}, {same} comparisons"
        lines = {
            name: (SHARES, curve.fnmr, curve.low, curve.high)
            for name, curve in result.curves.items()
        }
        plot_discard(plot, lines, title)


def _measure(
    photos: Photos,
    measures: tuple[str, ...],
    networks: tuple[str, ...],
    damage: int | None,
    *,
    detector: str,
    embedder: str,
    refine: str | None,
    engine: str,
    threads: int | None,
) -> tuple[MeasuredPhotos, dict[str, Any], tuple[str, ...]]:
    """The table of the photos' faces, what it was made with, and all measures."""
    install_missing(detector, embedder, refine, *networks)
    finder = Detector(detector, engine=engine, threads=threads)
    model = Embedder(embedder, engine=engine, threads=threads, refine=refine)
    judges = [NetworkQuality(name, engine=engine, threads=threads) for name in networks]
    names = [judge.model.name for judge in judges]
    # Its own column is the measured one's.
    stages: list[Stage] = [*map(as_attribute, judges, names), Quality(), model]
    measures = (*measures, *(name for name in names if name not in measures))
    measured = measure_photos(finder, stages, photos.paths, measures, damage, show_progress())
    facts = {
        "photos": len(photos.paths),
        "persons": len(photos.names),
        "without_face": int((~measured.found).sum()),
        "damage": measured.damaged if damage is not None else None,
        "detector": finder.model.name,
        "embedder": model.model.name,
        "refine": refine,
    }
    return measured, facts, measures


def _document(result: Discard) -> dict[str, Any]:
    return {
        "fnmr": estimate_document(result.fnmr),
        "shares": SHARES,
        "curves": {name: _curve_document(curve) for name, curve in result.curves.items()},
        "reasons": {
            name: {
                "photos": round(cost.photos, 6),
                "refused": round(cost.refused, 6),
                "fnmr": estimate_document(cost.fnmr),
                "saved": estimate_document(cost.saved),
            }
            for name, cost in result.reasons.items()
        },
    }


def _curve_document(curve: DiscardCurve) -> dict[str, Any]:
    areas = {name: getattr(curve, name) for name in ("area", "partial", "behind")}
    lines = {name: getattr(curve, name).round(6) for name in ("fnmr", "low", "high")}
    return {name: estimate_document(area) for name, area in areas.items()} | lines


def _print(result: Discard, limit: float) -> None:
    show("FNMR", result.fnmr)
    first = next(iter(result.curves))
    click.echo(f"area below the curve, share discarded 0 to {limit:g}; in brackets 0 to 1")
    for name, curve in result.curves.items():
        whole = f"  [{curve.area.value:.4f}]"
        behind = curve.behind
        more = f"  {behind.value:+.4f} ({behind.low:+.4f} to {behind.high:+.4f}) to {first}"
        show(f"  {name}", curve.partial, whole + ("" if name == first else more))
    if result.reasons:
        click.echo("without the faces that carry a reason")
    for name, cost in result.reasons.items():
        refused = f"  refused {cost.refused:.4f}, saved {cost.saved.value:+.4f}"
        show(f"  {name}", cost.fnmr, refused)
