"""``rostro landmarks``: dense points of the faces in pictures."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.cli.common import detector_option, install_missing, run_options, turn_option
from rostro.cli.drawings import drawings, output_option, picture_document, show_pictures
from rostro.cli.outputs import overwrite_option
from rostro.detect.detector import Turn
from rostro.faces import Faces
from rostro.types import Image

_HEADER = "face  score      x1      y1      x2      y2  certainty  points  picture"


@click.command("landmarks")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--model",
    metavar="NAME|PATH",
    default="face-landmarker",
    show_default=True,
    help="Landmark model.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with all points.")
@output_option
@overwrite_option
@detector_option
@turn_option("never")
@run_options
@click.pass_context
def landmarks(
    ctx: click.Context,
    paths: tuple[str, ...],
    model: str,
    as_json: bool,
    output: Path | None,
    overwrite: bool,
    detector: str,
    turn: Turn,
    engine: str,
    threads: int | None,
) -> None:
    """Find the points of the faces in pictures.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns.

    Points are in the picture's pixels, after its EXIF orientation is applied, in the order of the
    model's scheme, which --json names. A certainty below 0.5 says that there is no face, or one
    that is turned too far away: its points mean nothing.
    """
    from rostro import Detector, FacePipeline, Landmarker

    pictures, targets = drawings(paths, output, overwrite)
    install_missing(detector, model)
    find_faces = Detector(detector, engine=engine, threads=threads, turn=turn)
    find_points = Landmarker(model, engine=engine, threads=threads)
    find = FacePipeline(find_faces, embedder=None, stages=[find_points])

    def document(path: Path, image: Image, found: Faces) -> str:
        return picture_document(path, image, found, scheme=found.scheme)

    all_well = show_pictures(pictures, targets, find, _HEADER, _rows, as_json, document)
    ctx.exit(0 if all_well else 1)


def _rows(path: Path, found: Faces) -> list[str]:
    name = click.format_filename(path)
    if not len(found):
        return [f"   -  {'no face':56} {name}"]
    certainty = (found.attributes or {}).get("certainty")
    count = 0 if found.points is None else found.points.shape[1]
    rows = []
    for index in range(len(found)):
        box = "".join(f"{value:8.1f}" for value in found.boxes[index])
        trust = "-" if certainty is None else f"{certainty[index]:.3f}"
        score = f"{found.scores[index]:.3f}"
        rows.append(f"{index + 1:4}  {score}{box}  {trust:>9}  {count:6}  {name}")
    return rows
