"""``rostro detect``: faces in pictures."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.cli.attributes import AttributeStages, attributes_option
from rostro.cli.common import (
    detector_option,
    install_missing,
    precision_option,
    run_options,
    turn_option,
)
from rostro.cli.drawings import drawings, output_option, picture_document, show_pictures
from rostro.cli.outputs import overwrite_option
from rostro.cli.pixel_size import pixel_size
from rostro.detect.detector import Turn
from rostro.detect.input_sizes import DetSize
from rostro.faces import Faces
from rostro.models.choice import Precision
from rostro.types import Image

_HEADER = f"face  score      x1      y1      x2      y2  {'landmarks':40} picture"


@click.command("detect")
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@output_option
@overwrite_option
@click.option("--score-threshold", type=click.FloatRange(0, 1), help="Default: the model's.")
@click.option(
    "--det-size",
    metavar="WxH|auto|native",
    callback=pixel_size("auto", "native"),
    help="Size of the network's input; auto: the smallest that shows faces of --min-face; native: "
    "the picture's own. By default that, but its longer side at most 640.",
)
@click.option(
    "--min-face",
    metavar="PIXELS",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="Height of the smallest faces that --det-size auto is to find.",
)
@click.option(
    "--tile",
    metavar="WxH",
    callback=pixel_size(),
    help="Search a larger picture in tiles of this size, too: for small faces in huge pictures.",
)
@attributes_option
@detector_option
@turn_option("never")
@precision_option
@run_options
@click.pass_context
def detect(
    ctx: click.Context,
    paths: tuple[str, ...],
    as_json: bool,
    output: Path | None,
    overwrite: bool,
    score_threshold: float | None,
    det_size: DetSize,
    min_face: float,
    tile: tuple[int, int] | None,
    attributes: tuple[str, ...],
    detector: str,
    turn: Turn,
    engine: str,
    threads: int | None,
    precision: Precision,
) -> None:
    """Find faces in pictures.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns.

    Boxes and landmarks are in the picture's pixels, after its EXIF orientation is applied. A
    picture that cannot be read is reported, the others are still done; the exit status is then 1.

    Pictures that lie in OUT are not searched. Of a format that rostro does not write, the drawing
    is a PNG; no two drawings have one name.

    What the models of --attributes say is printed below each face, drawn, and in the JSON; of a
    mask there is the share of its pixels by class.
    """
    from rostro import Detector, FacePipeline

    pictures, targets = drawings(paths, output, overwrite)
    install_missing(detector, *attributes)
    find_faces = Detector(
        detector,
        engine=engine,
        threads=threads,
        precision=precision,
        det_size=det_size,
        min_face=min_face,
        tile=tile,
        turn=turn,
        score_threshold=score_threshold,
    )
    ask = AttributeStages(attributes, engine, threads)
    find = FacePipeline(find_faces, embedder=None, stages=[ask])

    def rows(path: Path, found: Faces) -> list[str]:
        return _rows(path, found, ask.words(found))

    def document(path: Path, image: Image, found: Faces) -> str:
        return picture_document(path, image, found, ask.rows(found))

    def captions(found: Faces) -> list[str]:
        return ["\n".join(words) for words in ask.words(found)]

    all_well = show_pictures(pictures, targets, find, _HEADER, rows, as_json, document, captions)
    ctx.exit(0 if all_well else 1)


def _rows(path: Path, found: Faces, words: list[list[str]]) -> list[str]:
    name = click.format_filename(path)
    if not len(found):
        return [f"   -  {'no face':79} {name}"]
    rows = []
    for index in range(len(found)):
        box = "".join(f"{value:8.1f}" for value in found.boxes[index])
        landmarks = [] if found.landmarks is None else found.landmarks[index].tolist()
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in landmarks)
        rows.append(f"{index + 1:4}  {found.scores[index]:.3f}{box}  {points:40} {name}")
        if words[index]:
            rows.append(f"      {', '.join(words[index])}")
    return rows
