"""``rostro eval unrecognizable``: where an embedder puts faces that nobody could recognise."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from rostro import _core
from rostro.cli.common import (
    detector_option,
    echo_json,
    embedder_option,
    install_missing,
    run_options,
    show_progress,
)
from rostro.cli.eval_common import PATH
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.detect.detector import Detector
from rostro.embed.embedder import Embedder
from rostro.errors import EvaluationError
from rostro.evaluate.unrecognizable import embed_all
from rostro.pictures.folders import find_pictures_in
from rostro.support.files import replacing


@click.command("unrecognizable")
@click.argument("folder", type=PATH)
@click.option(
    "-o", "--output", type=PATH, required=True, metavar="FILE", help="The .npz file to write."
)
@click.option(
    "--crops",
    is_flag=True,
    help="The photos are crops of faces, as the embedder takes them; no detector looks at them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@overwrite_option
@detector_option
@embedder_option
@run_options
def unrecognizable_command(
    folder: Path,
    output: Path,
    crops: bool,
    as_json: bool,
    overwrite: bool,
    detector: str,
    embedder: str,
    engine: str,
    threads: int | None,
) -> None:
    """Measure the center of the embeddings of faces that nobody could recognise.

    FOLDER has photos of such faces: blurred, tiny, covered, of many persons. Writes the direction
    of their mean, which a card with quality.kind = "recognizability" names. See
    docs/guide/quality-networks.md.
    """
    refuse_existing([output], overwrite)
    if output.suffix != ".npz":
        raise click.UsageError(f"--output: got {str(output)!r}; a name that ends in .npz is wanted")
    paths = find_pictures_in(folder).pictures
    install_missing(embedder, None if crops else detector)
    model = Embedder(embedder, engine=engine, threads=threads)
    finder = None if crops else Detector(detector, engine=engine, threads=threads)
    embeddings = embed_all(paths, model, finder, show_progress())
    if len(embeddings) == 0:
        raise EvaluationError(
            f"{folder}: no face was found on its {len(paths)} photos; --crops takes them as crops"
        )
    center = _core.center_of_embeddings(embeddings)
    with replacing(output) as file:
        np.savez(file, center=center, embedder=np.array(model.model.name))
    distances = _core.distances_to_center(embeddings, center)
    facts = {
        "photos": len(paths),
        "without_face": len(paths) - len(embeddings),
        "embedder": model.model.name,
        "mean_distance": round(float(distances.mean()), 4),
        "largest_distance": round(float(distances.max()), 4),
    }
    if as_json:
        echo_json(facts)
    else:
        click.echo(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in facts.items()))
