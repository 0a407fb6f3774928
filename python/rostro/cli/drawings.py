"""Commands that go through pictures and may draw on them: what goes where, and JSON of each."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import click

from rostro.cli.batch import find_pictures, for_each_picture
from rostro.cli.common import json_text, say
from rostro.cli.outputs import refuse_existing
from rostro.faces import Faces
from rostro.types import Image

__all__ = ["drawings", "output_option", "picture_document", "show_pictures", "targets_of"]

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the pictures with what was found: a file for one picture, else a folder.",
)


def drawings(
    paths: Sequence[str], output: Path | None, overwrite: bool
) -> tuple[list[Path], dict[Path, Path]]:
    """The pictures that the arguments name, and where the drawing of each goes.

    Pictures that lie in the folder ``output`` are not among them.

    Raises:
        click.UsageError: a drawing would overwrite a picture, or a file that is there.
    """
    from rostro.pictures.images import is_writable

    one_file = output is not None and is_writable(output) and not output.is_dir()
    into_folder = output is not None and not one_file
    pictures = find_pictures(paths, output) if into_folder else find_pictures(paths)
    targets = targets_of(pictures, output, one_file, _drawing_of) if output else {}
    refuse_existing(targets.values(), overwrite)
    return pictures, targets


def picture_document(
    path: Path,
    image: Image,
    found: Faces,
    rows: Sequence[dict[str, Any]] | None = None,
    **more: Any,
) -> str:
    """JSON of a picture and its faces; ``rows`` are theirs, by default those of the table."""
    height, width = image.shape[:2]
    rows = found.rows() if rows is None else list(rows)
    return json_text({"file": str(path), "width": width, "height": height, **more, "faces": rows})


def show_pictures(
    pictures: Sequence[Path],
    targets: dict[Path, Path],
    find: Callable[[Image], Faces],
    header: str,
    rows: Callable[[Path, Faces], list[str]],
    as_json: bool,
    document: Callable[[Path, Image, Faces], str] = picture_document,
    captions: Callable[[Faces], list[str]] | None = None,
) -> bool:
    """Finds, draws and prints what is in each picture: ``rows`` below a ``header``, or a document.

    Returns:
        Whether all pictures could be read.
    """
    from rostro.pictures.draw import draw_faces
    from rostro.pictures.images import save_image

    documents: list[str] = []
    if not as_json:
        say(header)

    def work(path: Path, image: Image) -> None:
        found = find(image)
        if path in targets:
            targets[path].parent.mkdir(parents=True, exist_ok=True)
            drawn = draw_faces(image, found, captions=captions and captions(found))
            save_image(targets[path], drawn)
        if as_json:
            documents.append(document(path, image, found))
            return
        for row in rows(path, found):
            say(row)

    all_well = for_each_picture(pictures, work)
    if as_json:
        click.echo("[" + ",\n ".join(documents) + "]")
    return all_well


def targets_of(
    pictures: Sequence[Path], output: Path, one_file: bool, written: Callable[[Path], Path]
) -> dict[Path, Path]:
    """Where what is made of each picture goes: the folders below the one they share are kept.

    Args:
        one_file: whether ``output`` is the file for the one picture.
        written: the name under which a picture of a name is written.

    Raises:
        click.UsageError: one file for several, or a picture would be overwritten.
    """
    if one_file and len(pictures) > 1:
        raise click.UsageError(f"-o {output} is one file for {len(pictures)} pictures")
    if not one_file and output.exists() and not output.is_dir():
        raise click.UsageError(f"-o {output} is neither a folder nor a picture of a known format")
    inputs = {path: Path(os.path.abspath(path)) for path in pictures}  # noqa: PTH100 (without "..")
    targets: dict[Path, Path] = {}
    if one_file:
        targets[pictures[0]] = output
    else:
        shared = os.path.commonpath([path.parent for path in inputs.values()])
        # First those that keep their names.
        for path in sorted(pictures, key=lambda path: written(path) != path):
            target = written(output / inputs[path].relative_to(shared))
            targets[path] = _unused(target, targets.values())
    read = {path.resolve() for path in pictures}
    for target in targets.values():
        if target.resolve() in read:
            raise click.UsageError(f"-o {output} would overwrite {target}, one of the pictures")
    return targets


def _drawing_of(path: Path) -> Path:
    from rostro.pictures.images import is_writable

    return path if is_writable(path) else path.with_name(f"{path.name}.png")


def _unused(target: Path, used: Collection[Path]) -> Path:
    """``a.gif.png``, or ``a.gif-2.png`` where that is used, and so on."""
    names = (target.with_name(f"{target.stem}-{i}{target.suffix}") for i in itertools.count(2))
    return next(name for name in itertools.chain([target], names) if name not in used)
