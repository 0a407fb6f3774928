"""``rostro embed``: embeddings of the faces in pictures, into one file."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.cli.batch import find_pictures, for_each_picture
from rostro.cli.common import (
    ERROR,
    detector_option,
    embedder_option,
    embeddings_of,
    largest,
    open_pipeline,
    precision_option,
    refine_option,
    run_options,
    say,
    turn_option,
)
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.detect.detector import Turn
from rostro.errors import FileMissingError
from rostro.faces import Faces
from rostro.models.choice import Precision
from rostro.types import Image


@click.command("embed")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OUT.npz",
    required=True,
    help="The file to write.",
)
@overwrite_option
@click.option("--largest", "only_largest", is_flag=True, help="One face a picture: the largest.")
@detector_option
@embedder_option
@refine_option
@turn_option("auto")
@precision_option
@run_options
@click.pass_context
def embed(
    ctx: click.Context,
    paths: tuple[str, ...],
    output: Path,
    overwrite: bool,
    only_largest: bool,
    detector: str,
    embedder: str,
    refine: str | None,
    turn: Turn,
    engine: str,
    threads: int | None,
    precision: Precision,
) -> None:
    """Save the embeddings of faces.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns.

    OUT.npz holds, a row a face: embeddings (N, D) float32 of unit norm, boxes (N, 4) and scores
    (N,) float32, files (N,) and index (N,), the face's place in its picture, best score first;
    besides, embedder: the name of the model. Read it with numpy.load.

    A picture that cannot be read, or exceeds the memory, is reported, the others are still done and
    written; the exit status is then 1.
    """
    if output.suffix.lower() != ".npz":
        raise click.UsageError(f"-o {output} does not end in .npz")
    if not output.parent.is_dir():
        raise FileMissingError(f"{output}: cannot be written, there is no folder {output.parent}")
    refuse_existing([output], overwrite)
    pictures = find_pictures(paths)
    pipeline, model = open_pipeline(detector, embedder, engine, threads, precision, refine, turn)

    import numpy as np

    from rostro.support.files import replacing

    done: list[tuple[Path, list[int], Faces]] = []

    def work(path: Path, image: Image) -> None:
        faces = pipeline(image)
        kept = list(range(len(faces)))
        if only_largest and kept:
            kept = [largest(faces)]
        done.append((path, kept, faces.select(kept)))  # all of a picture, or nothing

    all_well = for_each_picture(pictures, work)
    if done:  # else not one picture could be read
        table = Faces.concatenate([faces for _, _, faces in done])
        with replacing(output) as file:
            np.savez(
                file,
                embeddings=embeddings_of(table),
                boxes=table.boxes,
                scores=table.scores,
                files=np.array([str(path) for path, kept, _ in done for _ in kept], np.str_),
                index=np.array([i for _, kept, _ in done for i in kept], np.int64),
                embedder=np.array(model.model.name),
            )
        say(f"{output}: {len(table)} faces of {len(done)} pictures, {model.dim} numbers each")
    ctx.exit(0 if all_well else ERROR)
