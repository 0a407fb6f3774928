"""``rostro enroll``: people from pictures into a gallery."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.cli.common import (
    detector_option,
    embedder_option,
    embeddings_of,
    find_pictures,
    for_each_picture,
    largest,
    open_pipeline,
    run_options,
    say,
)
from rostro.cli.gallery_options import gallery_option, key_option
from rostro.errors import ImageError
from rostro.types import Image


@click.command("enroll")
@click.argument("paths", nargs=-1, required=True)
@gallery_option
@click.option("--name", help="Whose pictures these are. Default: the name of each one's folder.")
@click.option(
    "--largest", "take_largest", is_flag=True, help="Take the largest face where there are several."
)
@key_option
@detector_option
@embedder_option
@run_options
@click.pass_context
def enroll(
    ctx: click.Context,
    paths: tuple[str, ...],
    path: Path,
    name: str | None,
    take_largest: bool,
    key: bytes | None,
    detector: str,
    embedder: str,
    engine: str,
    threads: int | None,
) -> None:
    """Add people to a gallery, which is made if it is not there yet.

    PATHS are folders with a folder of pictures for each person, called as the person is; or, with
    --name, any pictures of one person.

    A picture that shows nobody, or several people, is refused and reported, the others are still
    enrolled; the exit status is then 1.
    """
    pictures = find_pictures(paths)
    pipeline, model = open_pipeline(detector, embedder, engine, threads)

    from rostro import Gallery

    enrolled: dict[str, int] = {}
    with Gallery.open(path, model.dim, key=key, embedder=model) as gallery:

        def work(picture: Path, image: Image) -> None:
            faces = pipeline(image)
            if not len(faces):
                raise ImageError(f"{picture}: refused: no face found")
            if len(faces) > 1 and not take_largest:
                raise ImageError(
                    f"{picture}: refused: {len(faces)} faces; --largest takes the largest"
                )
            person = name or picture.absolute().parent.name
            gallery.add(person, embeddings_of(faces)[largest(faces)])
            enrolled[person] = enrolled.get(person, 0) + 1

        all_well = for_each_picture(pictures, work)
        added = sum(enrolled.values())
        say(f"{path}: {added} templates of {len(enrolled)} people added, {len(gallery)} in all")
    ctx.exit(0 if all_well else 1)
