"""``rostro embed``: embeddings of the faces in pictures, into one file."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.cli.batch import find_pictures, for_each_picture
from rostro.cli.common import (
    detector_option,
    embedder_option,
    embeddings_of,
    largest,
    open_pipeline,
    run_options,
    say,
)
from rostro.errors import FileMissingError
from rostro.types import FloatArray, Image


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
@click.option("--largest", "only_largest", is_flag=True, help="One face a picture: the largest.")
@detector_option
@embedder_option
@run_options
@click.pass_context
def embed(
    ctx: click.Context,
    paths: tuple[str, ...],
    output: Path,
    only_largest: bool,
    detector: str,
    embedder: str,
    engine: str,
    threads: int | None,
) -> None:
    """Save the embeddings of faces.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns.

    OUT.npz holds, a row a face: embeddings (N, D) float32 of unit norm, boxes (N, 4) and scores
    (N,) float32, files (N,) and index (N,), the face's place in its picture, best score first;
    besides, embedder: the name of the model. Read it with numpy.load.

    A picture that cannot be read is reported, the others are still done; the exit status is then 1.
    """
    if output.suffix.lower() != ".npz":
        raise click.UsageError(f"-o {output} does not end in .npz")
    if not output.parent.is_dir():
        raise FileMissingError(f"{output}: cannot be written, there is no folder {output.parent}")
    pictures = find_pictures(paths)
    pipeline, model = open_pipeline(detector, embedder, engine, threads)

    import numpy as np

    from rostro.support.files import replacing

    embeddings: list[FloatArray] = [np.empty((0, model.dim), np.float32)]
    boxes: list[FloatArray] = [np.empty((0, 4), np.float32)]
    scores: list[FloatArray] = [np.empty(0, np.float32)]
    files: list[str] = []
    index: list[int] = []

    def work(path: Path, image: Image) -> None:
        faces = pipeline(image)
        kept = list(range(len(faces)))
        if only_largest and kept:
            kept = [largest(faces)]
        embeddings.append(embeddings_of(faces)[kept])
        boxes.append(faces.boxes[kept])
        scores.append(faces.scores[kept])
        files.extend([str(path)] * len(kept))
        index.extend(kept)

    all_well = for_each_picture(pictures, work)
    if len(embeddings) > 1:  # else not one picture could be read
        with replacing(output) as file:
            np.savez(
                file,
                embeddings=np.concatenate(embeddings),
                boxes=np.concatenate(boxes),
                scores=np.concatenate(scores),
                files=np.array(files, np.str_),
                index=np.array(index, np.int64),
                embedder=np.array(model.model.name),
            )
        done = len(embeddings) - 1
        say(f"{output}: {len(files)} faces of {done} pictures, {model.dim} numbers each")
    ctx.exit(0 if all_well else 1)
