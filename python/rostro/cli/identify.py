"""``rostro identify``: who is in pictures?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rostro.attributes.reasons import reason_names
from rostro.cli.batch import find_pictures, for_each_picture
from rostro.cli.common import (
    ERROR,
    REFUSED,
    card_threshold,
    detector_option,
    echo_json,
    embedder_option,
    embeddings_of,
    live_options,
    open_pipeline,
    precision_option,
    refine_option,
    rounded,
    run_options,
    say,
    turn_option,
)
from rostro.cli.gallery_options import gallery_option, key_option
from rostro.detect.detector import Turn
from rostro.models.choice import Precision
from rostro.types import Image


@click.command("identify")
@click.argument("paths", nargs=-1, required=True)
@gallery_option
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help="Least cosine similarity of one person. Default: the one on the embedder's card.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@key_option
@detector_option
@embedder_option
@refine_option
@turn_option("auto")
@live_options
@precision_option
@run_options
@click.pass_context
def identify(
    ctx: click.Context,
    paths: tuple[str, ...],
    path: Path,
    threshold: float | None,
    as_json: bool,
    key: bytes | None,
    detector: str,
    embedder: str,
    refine: str | None,
    turn: Turn,
    live: str | None,
    live_threshold: float | None,
    engine: str,
    threads: int | None,
    precision: Precision,
) -> None:
    """Name the people in pictures whom a gallery knows.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns. A face that is
    not similar enough to anybody is unknown; what is wrong with it, by the limits that `rostro
    quality` goes by, is said beside.

    A picture that cannot be read is reported, the others are still done; the exit status is then 1.
    With --live a face that is not live is refused: nobody is named. The exit status is then 4.
    """
    pictures = find_pictures(paths)
    from rostro import Gallery, Quality

    measure = Quality()
    pipeline, model = open_pipeline(
        *(detector, embedder, engine, threads, precision, refine, turn, live, live_threshold),
        stages=[measure],
    )
    least = card_threshold(model) if threshold is None else threshold

    documents: list[dict[str, Any]] = []
    refused: list[str] = []
    with Gallery.open(path, key=key, embedder=model) as gallery:

        def work(picture: Path, image: Image) -> None:
            faces = pipeline(image)
            found = []
            matches = gallery.identify(embeddings_of(faces), least, threads=threads)
            refusals = pipeline.refusals(faces)
            for index, (face, match) in enumerate(zip(faces, matches, strict=True)):
                refusal, why = refusals[index], measure.explain(faces, index)
                match = None if refusal else match
                row = {
                    "box": rounded(face.box, 2),
                    "name": match and match.name,
                    "similarity": match and round(match.similarity, 6),
                    "quality": face.quality and round(face.quality, 4),
                    "reasons": reason_names(face.reasons or 0),
                    "why": why,
                }
                if face.live is not None:
                    row |= {"live": round(face.live, 4), "refused": refusal}
                found.append(row)
                if refusal:
                    refused.append(refusal)
                if not as_json:
                    x, y = face.box[:2]
                    who = f"{match.name} ({match.similarity:.3f})" if match else "unknown"
                    say(f"{picture}: face at {x:.0f},{y:.0f}: {refusal or who}")
                    for line in () if match or refusal else why:
                        say(f"  {line}")
            if not as_json and not found:
                say(f"{picture}: no face")
            documents.append({"file": str(picture), "faces": found})

        all_well = for_each_picture(pictures, work)
    if as_json:
        echo_json({"threshold": least, "pictures": documents})
    ctx.exit((REFUSED if refused else 0) if all_well else ERROR)
