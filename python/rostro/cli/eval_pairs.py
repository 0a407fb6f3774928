"""``rostro eval pairs``: embedders by verification, and the thresholds of their cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from rostro.cli.common import echo_json
from rostro.cli.eval_common import (
    PATH,
    embed,
    estimate_document,
    rates_document,
    recognition_options,
    show,
    show_rates,
)
from rostro.cli.outputs import refuse_existing
from rostro.evaluate.calibration import calibrate, card_text
from rostro.evaluate.labelled_photos import (
    Pairs,
    Photos,
    compare_all,
    compare_listed,
    read_folder,
    read_pairs,
)
from rostro.evaluate.plot import check_plot, plot_roc
from rostro.evaluate.verification import Comparisons, Indices, accuracy, all_pairs, rates, roc


@click.command("pairs")
@click.argument("folder", type=PATH)
@click.option(
    "--pairs",
    "listed",
    type=PATH,
    metavar="FILE",
    help="Pairs to compare, in the format of LFW; default: every photo with every other.",
)
@click.option(
    "--calibrate",
    "data",
    metavar="DATA",
    help="Print the [thresholds] for the embedder's card instead; DATA names the photos there.",
)
@click.option(
    "--impostors",
    type=click.IntRange(min=1),
    metavar="N",
    help="Also name the N most alike pairs of different persons: wrong labels are among them.",
)
@recognition_options
def pairs(
    folder: Path,
    listed: Path | None,
    data: str | None,
    impostors: int | None,
    fars: tuple[float, ...],
    samples: int,
    as_json: bool,
    plot: Path | None,
    overwrite: bool,
    **models: Any,
) -> None:
    """Score an embedder on pairs of photos: same person or not.

    FOLDER has photos in a folder for each person. The face nearest the centre of each is taken.
    Prints the equal error rate, TAR at false accept rates, and for a list of pairs the accuracy by
    its ten folds. See docs/guide/evaluate.md.
    """
    if data is not None and (listed is not None or plot is not None or as_json):
        raise click.UsageError("--calibrate takes every pair of FOLDER and prints TOML alone")
    refuse_existing([plot], overwrite)
    if plot is not None:
        check_plot(plot)
    of_list = None if listed is None else read_pairs(listed, folder)
    photos = read_folder(folder) if of_list is None else of_list.photos
    embedded, facts = embed(photos.paths, **models)
    if of_list is None:
        compared = compare_all(photos, embedded, models["storage"])
    else:
        compared = compare_listed(of_list, embedded, models["storage"])
    if data is not None:
        click.echo(card_text(calibrate(compared), data, facts), nl=False)
    else:
        _print(compared, of_list, facts | {"persons": len(photos.names)}, fars, samples, as_json)
    if impostors is not None:
        _name_impostors(photos, of_list, compared, impostors)
    if plot is not None:
        plot_roc(plot, {facts["embedder"]: roc(compared)[1:]}, "Verification", "TAR")


def _print(
    compared: Comparisons,
    of_list: Pairs | None,
    facts: dict[str, Any],
    fars: tuple[float, ...],
    samples: int,
    as_json: bool,
) -> None:
    measured = rates(compared, fars, samples)
    by_folds = None if of_list is None else accuracy(compared, of_list.folds, samples)
    same = int(compared.same.sum())
    facts |= {"same": same, "different": len(compared.same) - same}
    if as_json:
        document = rates_document(measured, "tar") | facts
        document["accuracy"] = None if by_folds is None else estimate_document(by_folds)
        echo_json(document)
        return
    if by_folds is not None:
        show("accuracy, 10 folds", by_folds)
    show("equal error rate", measured.equal_error)
    show_rates(measured, "TAR")
    click.echo(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items()))


def _name_impostors(
    photos: Photos, of_list: Pairs | None, compared: Comparisons, count: int
) -> None:
    rows: tuple[Indices, Indices] = (
        all_pairs(len(photos.paths)) if of_list is None else (of_list.first, of_list.second)
    )
    different = np.flatnonzero(~compared.same)
    for i in different[np.argsort(-compared.scores[different], kind="stable")][:count]:
        one, other = (photos.paths[side[i]] for side in rows)
        click.echo(f"{compared.scores[i]:.4f}  {one}  {other}", err=True)
