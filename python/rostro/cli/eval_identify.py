"""``rostro eval identify``: embedders by identification among many, strangers included."""

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
from rostro.errors import EvaluationError
from rostro.evaluate.identification import identify, split
from rostro.evaluate.labelled_photos import read_folder
from rostro.evaluate.plot import check_plot, plot_roc
from rostro.evaluate.verification import roc


@click.command("identify")
@click.argument("folder", type=PATH)
@click.option(
    "--probes",
    "probe_folder",
    type=PATH,
    metavar="FOLDER",
    help="Photos to look up. Default: all of FOLDER but the first photo of each person who has "
    "several, which alone are enrolled.",
)
@recognition_options
def identify_command(
    folder: Path,
    probe_folder: Path | None,
    fars: tuple[float, ...],
    samples: int,
    as_json: bool,
    plot: Path | None,
    overwrite: bool,
    **models: Any,
) -> None:
    """Score an embedder on finding persons in a gallery.

    FOLDER, the gallery, has photos in a folder for each person, and so have the probes; persons of
    other names are strangers. The face nearest the centre of each photo is taken. Prints rank 1,
    and DIR at false accept rates: the share of probes found at a threshold that so many strangers
    pass. See docs/guide/evaluate.md.
    """
    refuse_existing([plot], overwrite)
    if plot is not None:
        check_plot(plot)
    photos = read_folder(folder)
    paths, names = list(photos.paths), [photos.names[person] for person in photos.persons]
    if probe_folder is None:
        enrolled, probes = split(photos.persons)
    else:
        others = read_folder(probe_folder)
        paths += others.paths
        names += [others.names[person] for person in others.persons]
        enrolled = np.arange(len(paths)) < len(photos.paths)
        probes = ~enrolled
    persons = np.unique(names, return_inverse=True)[1].astype(np.int32)
    embedded, facts = embed(tuple(paths), **models)
    enrolled &= embedded.found  # nobody can be enrolled without a face
    outcome = identify(
        embedded.embeddings[enrolled],
        persons[enrolled],
        embedded.embeddings[probes],
        persons[probes],
        found=embedded.found[probes],
        storage=models["storage"],
    )
    measured = outcome.rates(fars, samples)
    rank1 = outcome.rank1(samples)
    facts |= {
        "templates": int(enrolled.sum()),
        "persons": len(np.unique(persons[enrolled])),
        "enrolled_probes": int(outcome.mated.sum()),
        "strangers": int((~outcome.mated).sum()),
    }
    if as_json:
        document = {"rank1": estimate_document(rank1)} | facts
        document |= {} if measured is None else rates_document(measured, "dir")
        echo_json(document)
    else:
        show("rank 1", rank1)
        if measured is not None:
            show_rates(measured, "DIR")
        click.echo(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items()))
    if plot is not None:
        if measured is None:
            raise EvaluationError("no probe is of a stranger, and so there is no curve to draw")
        plot_roc(plot, {facts["embedder"]: roc(outcome.comparisons)[1:]}, "Identification", "DIR")
