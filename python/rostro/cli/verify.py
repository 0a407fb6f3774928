"""``rostro verify``: is it the same person in two pictures?"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from rostro.cli.common import (
    REFUSED,
    UNDECIDED,
    card_threshold,
    detector_option,
    echo_json,
    embedder_option,
    embeddings_of,
    largest,
    live_options,
    open_pipeline,
    precision_option,
    refine_option,
    rounded,
    run_options,
    say,
    turn_option,
)
from rostro.detect.detector import Turn
from rostro.errors import ImageError, RostroError
from rostro.faces import Faces
from rostro.models.choice import Precision
from rostro.pictures.naming import naming
from rostro.types import Image

if TYPE_CHECKING:
    from rostro import FacePipeline


_OpenOptions = tuple[
    str, str, str, int | None, Precision, str | None, Turn, str | None, float | None
]


@click.command("verify")
@click.argument("a")
@click.argument("b")
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help="Least cosine similarity of one person. Default: the one on the embedder's card.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@detector_option
@embedder_option
@refine_option
@turn_option("auto")
@live_options
@precision_option
@run_options
@click.pass_context
def verify(
    ctx: click.Context,
    a: str,
    b: str,
    threshold: float | None,
    as_json: bool,
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
    """Compare the persons in two pictures.

    Tells whether A and B show the same person: the largest face of each is compared.

    Exit status: 0 the same person; 1 different persons; 2 wrong usage; 3 it could not be decided:
    no face, a picture that cannot be read, or any other error; 4 with --live: one of the faces is
    not live, so that they were not compared.
    """
    options = (detector, embedder, engine, threads, precision, refine, turn, live, live_threshold)
    try:
        status = _verify(a, b, threshold, as_json, open_options=options)
    except (RostroError, OSError, MemoryError):
        raise  # is told, and ends with the same status
    except Exception:
        # Whoever asks by exit status must never take a bug for "different".
        traceback.print_exc()
        ctx.exit(UNDECIDED)
    ctx.exit(status)


def _verify(
    a: str,
    b: str,
    threshold: float | None,
    as_json: bool,
    open_options: _OpenOptions,
) -> int:
    """Prints the answer and gives the exit status."""
    from rostro.embed import verdict as verdicts

    images = [_load(path) for path in (a, b)]
    pipeline, embedder = open_pipeline(*open_options)
    face_a, face_b = (
        _face(pipeline, path, image) for path, image in zip((a, b), images, strict=True)
    )
    origin = "given"
    if threshold is None:
        threshold, origin = card_threshold(embedder), f"of {embedder.model.name}"
    document: dict[str, Any] = {"threshold": threshold, "threshold_origin": origin}
    refusals = [
        reason and f"{path}: {reason}"
        for path, face in ((a, face_a), (b, face_b))
        for reason in pipeline.refusals(face)
    ]
    if face_a.live is not None and face_b.live is not None:
        document |= {"live": rounded(np.append(face_a.live, face_b.live), 4), "refused": refusals}
    if any(refusals):
        if as_json:
            echo_json({"same": None, "similarity": None} | document)
        else:
            click.echo("\n".join(f"refused: {reason}" for reason in refusals if reason))
        return REFUSED
    verdict = verdicts.verify(embeddings_of(face_a)[0], embeddings_of(face_b)[0], threshold)
    if as_json:
        answer = {"same": verdict.same, "similarity": round(verdict.similarity, 6)}
        echo_json(answer | document)
    else:
        decision = "same person" if verdict.same else "different persons"
        click.echo(
            f"{decision}: similarity {verdict.similarity:.3f}, "
            f"threshold {verdict.threshold:.3f} ({origin})"
        )
    return 0 if verdict.same else 1


def _load(path: str) -> Image:
    from rostro.pictures.images import load_image

    with naming(path):
        return load_image(path)


def _face(pipeline: FacePipeline, path: str, image: Image) -> Faces:
    """The largest face."""
    with naming(path):
        faces = pipeline(image)
    if not len(faces):
        raise ImageError(f"{path}: no face found")
    if len(faces) > 1:
        say(f"rostro: {path}: {len(faces)} faces, the largest is compared", err=True)
    return faces[[largest(faces)]]
