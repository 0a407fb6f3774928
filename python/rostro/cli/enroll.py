"""``rostro enroll``: people from pictures into a gallery."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from rostro.cli.batch import expand, find_pictures, for_each_picture, pictures_in, tell_skipped
from rostro.cli.common import (
    ERROR,
    detector_option,
    embedder_option,
    embeddings_of,
    largest,
    open_pipeline,
    precision_option,
    refine_option,
    report,
    run_options,
    say,
    turn_option,
)
from rostro.cli.gallery_options import gallery_option, key_option
from rostro.detect.detector import Turn
from rostro.errors import FileMissingError, ImageError
from rostro.models.choice import Precision
from rostro.types import FloatArray, Image


class _Taken(NamedTuple):
    """A face that is good enough."""

    quality: float
    picture: Path
    embedding: FloatArray


def _check_name(_ctx: click.Context, _param: click.Parameter, name: str | None) -> str | None:
    if name is not None and not name.strip():
        raise click.BadParameter(f"got {name!r}; the name of a person is wanted")
    return name


@click.command("enroll")
@click.argument("paths", nargs=-1, required=True)
@gallery_option
@click.option(
    "--name",
    callback=_check_name,
    help="Whose pictures these are. Default: the name of the folder right in PATH.",
)
@click.option(
    "--largest", "take_largest", is_flag=True, help="Take the largest face where there are several."
)
@click.option(
    "--best",
    metavar="N",
    type=click.IntRange(min=1),
    help="Of each person, take the N pictures of the best quality. Default: all.",
)
@click.option("--force", is_flag=True, help="Take faces that are not good enough, too.")
@key_option
@detector_option
@embedder_option
@refine_option
@turn_option("auto")
@precision_option
@run_options
@click.pass_context
def enroll(
    ctx: click.Context,
    paths: tuple[str, ...],
    path: Path,
    name: str | None,
    take_largest: bool,
    best: int | None,
    force: bool,
    key: bytes | None,
    detector: str,
    embedder: str,
    refine: str | None,
    turn: Turn,
    engine: str,
    threads: int | None,
    precision: Precision,
) -> None:
    """Add people to a gallery, which is made if it is not there yet.

    PATHS are folders with a folder for each person, called as the person is, whose pictures may lie
    in folders of their own; or, with --name, any pictures of one person. Hidden and system folders
    are skipped; pictures that lie beside the folders of people are refused.

    A picture that shows nobody, or several people, or a face that is not good enough by the limits
    of `rostro quality --for enroll`, is refused and reported, with what would help; the others are
    still enrolled. Whoever is left without a template is named at the end. The exit status is 1 if
    anything was refused or anybody is left. A picture that was enrolled before changes nothing.
    """
    if name is None:
        people, all_well = _people_in(paths)
    else:
        people, all_well = {name: find_pictures(paths)}, True
    person_on = {picture: person for person, pictures in people.items() for picture in pictures}
    if not person_on and all_well:
        raise FileMissingError(f"{', '.join(paths)}: no folder of a person with a picture in it")
    if not person_on:
        ctx.exit(ERROR)
    from rostro import Gallery, Quality

    gate = Quality(purpose="enroll")
    pipeline, model = open_pipeline(
        detector, embedder, engine, threads, precision, refine, turn, stages=[gate]
    )
    taken: dict[str, list[_Taken]] = {}
    added = 0
    with Gallery.open(path, model.dim, key=key, embedder=model) as gallery:

        def add(person: str, one: _Taken) -> None:
            nonlocal added
            new = gallery.add(person, one.embedding)
            if not new:
                say(f"{one.picture}: is a template of {person} already")
            added += new

        def work(picture: Path, image: Image) -> None:
            faces = pipeline(image)
            if not len(faces):
                raise ImageError(f"{picture}: refused: no face found")
            if len(faces) > 1 and not take_largest:
                raise ImageError(
                    f"{picture}: refused: {len(faces)} faces; --largest takes the largest"
                )
            face = largest(faces)
            why = gate.explain(faces, face)
            if why and not force:
                raise ImageError(f"{picture}: refused: {_text(why)}. --force takes it all the same")
            if why:
                say(f"rostro: {picture}: taken all the same: {_text(why)}", err=True)
            one = _Taken(faces[face].quality or 0.0, picture, embeddings_of(faces)[face])
            person = person_on[picture]
            taken.setdefault(person, []).append(one)
            if best is None:
                add(person, one)

        all_well &= for_each_picture(list(person_on), work)
        if best is not None:
            for person, pictures in taken.items():
                pictures.sort(key=lambda one: -one.quality)
                for one in pictures[:best]:
                    add(person, one)
                for one in pictures[best:]:
                    say(f"{one.picture}: left out, its quality is {one.quality:.2f}")
        say(f"{path}: {added} templates of {len(taken)} people added, {len(gallery)} in all")
    left = [person for person in people if person not in taken]
    if left:
        report(ImageError(f"no template of: {', '.join(left)}"))
    ctx.exit(0 if all_well and not left else ERROR)


def _text(sentences: Sequence[str]) -> str:
    first, *others = sentences
    return ". ".join([first, *(other[0].upper() + other[1:] for other in others)])


def _people_in(arguments: Sequence[str]) -> tuple[dict[str, list[Path]], bool]:
    """The pictures of each person; and whether nothing had to be refused, which is reported."""
    from rostro.pictures.folders import person_folders

    people: dict[str, list[Path]] = {}
    all_well = True
    for folder in [path for argument in arguments for path in expand(argument)]:
        loose = [folder]
        if folder.is_dir():
            persons, beside = person_folders(folder)
            tell_skipped(folder, beside)
            for person in persons:
                people.setdefault(person.name, []).extend(pictures_in(person))
            loose = beside.pictures
        elif not folder.exists():
            raise FileMissingError(f"{folder}: no such folder")
        if loose:
            all_well = False
            more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
            report(
                ImageError(
                    f"{loose[0]}{more}: refused: in no folder of a person; move it into one below "
                    "the folder to enroll, or say with --name whose picture it is"
                )
            )
    return people, all_well
