"""``rostro quality``: how good the faces in pictures are, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rostro.attributes.reasons import reason_names
from rostro.cli.attributes import AttributeStages, attributes_option
from rostro.cli.common import detector_option, install_missing, run_options, turn_option
from rostro.cli.drawings import drawings, output_option, picture_document, show_pictures
from rostro.cli.outputs import overwrite_option
from rostro.detect.detector import Turn
from rostro.faces import Faces
from rostro.types import Image

if TYPE_CHECKING:
    from rostro import Quality
    from rostro.pipeline import Stage

_HEADER = "face  score  quality  reasons                         picture"


@click.command("quality")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["recognize", "enroll"]),
    default="recognize",
    show_default=True,
    help="What the faces are needed for: whose limits make a reason.",
)
@click.option(
    "--landmarks",
    metavar="NAME|PATH",
    help="Landmark model, by whose points eyes and mouth are judged. Default: they are not.",
)
@attributes_option
@click.option("--why", is_flag=True, help="Say below each face what was measured and would help.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with all measures.")
@output_option
@overwrite_option
@detector_option
@turn_option("never")
@run_options
@click.pass_context
def quality(
    ctx: click.Context,
    paths: tuple[str, ...],
    purpose: str,
    landmarks: str | None,
    attributes: tuple[str, ...],
    why: bool,
    as_json: bool,
    output: Path | None,
    overwrite: bool,
    detector: str,
    turn: Turn,
    engine: str,
    threads: int | None,
) -> None:
    """Measure how good the faces in pictures are, and tell what is wrong with them.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns.

    The quality is 0 to 1, the better the higher. The reasons are the limits that a face misses; a
    dash is none. What covers a face is judged where a model of --attributes gives masks, and its
    card says what covers one.
    """
    from rostro import Detector, FacePipeline, Landmarker, Quality

    pictures, targets = drawings(paths, output, overwrite)
    install_missing(detector, landmarks, *attributes)
    find_faces = Detector(detector, engine=engine, threads=threads, turn=turn)
    measure = Quality(purpose=purpose)
    ask = AttributeStages(attributes, engine, threads)
    stages: list[Stage] = [ask, measure]
    if landmarks is not None:
        stages.insert(0, Landmarker(landmarks, engine=engine, threads=threads))
    find = FacePipeline(find_faces, embedder=None, stages=stages)

    def rows(path: Path, found: Faces) -> list[str]:
        return _rows(path, measure, found, why)

    def document(path: Path, image: Image, found: Faces) -> str:
        return picture_document(path, image, found, _documents(measure, ask, found))

    all_well = show_pictures(pictures, targets, find, _HEADER, rows, as_json, document)
    ctx.exit(0 if all_well else 1)


def _documents(measure: Quality, ask: AttributeStages, found: Faces) -> list[dict[str, Any]]:
    """Rows of the table with the reasons by name and in words, and measured values by name."""
    names = measure.attribute_names["quality.measured"]
    rows = ask.rows(found)
    for index, row in enumerate(rows):
        values = row["attributes"].pop("quality.measured")
        row["measured"] = dict(zip(names, values, strict=True))
        row["reasons"] = reason_names(row["reasons"])
        row["why"] = measure.explain(found, index)
    return rows


def _rows(path: Path, measure: Quality, found: Faces, why: bool) -> list[str]:
    name = click.format_filename(path)
    if not len(found) or found.quality is None or found.reasons is None:
        return [f"   -  {'no face':46} {name}"]
    rows = []
    for index in range(len(found)):
        reasons = ",".join(reason_names(int(found.reasons[index]))).lower() or "-"
        score, good = f"{found.scores[index]:.3f}", f"{found.quality[index]:.3f}"
        rows.append(f"{index + 1:4}  {score}  {good:>7}  {reasons:30}  {name}")
        if why:
            rows += [f"      {line}" for line in measure.explain(found, index)]
    return rows
