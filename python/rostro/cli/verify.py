"""``rostro verify``: is it the same person in two pictures?"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from rostro.cli.common import (
    UNDECIDED,
    card_threshold,
    detector_option,
    echo_json,
    embedder_option,
    embeddings_of,
    largest,
    open_pipeline,
    refine_option,
    run_options,
    say,
)
from rostro.errors import ImageError, RostroError
from rostro.pictures.naming import naming
from rostro.types import FloatArray, Image

if TYPE_CHECKING:
    from rostro import FacePipeline


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
    engine: str,
    threads: int | None,
) -> None:
    """Compare the persons in two pictures.

    Tells whether A and B show the same person: the largest face of each is compared.

    Exit status: 0 the same person; 1 different persons; 2 wrong usage; 3 it could not be decided:
    no face, a picture that cannot be read, or any other error.
    """
    try:
        same = _verify(
            a, b, threshold, as_json, open_options=(detector, embedder, engine, threads, refine)
        )
    except (RostroError, OSError, MemoryError):
        raise  # is told, and ends with the same status
    except Exception:
        # Whoever asks by exit status must never take a bug for "different".
        traceback.print_exc()
        ctx.exit(UNDECIDED)
    ctx.exit(0 if same else 1)


def _verify(
    a: str,
    b: str,
    threshold: float | None,
    as_json: bool,
    open_options: tuple[str, str, str, int | None, str | None],
) -> bool:
    from rostro.embed import verdict as verdicts

    images = [_load(path) for path in (a, b)]
    pipeline, embedder = open_pipeline(*open_options)
    embedding_a, embedding_b = (
        _embedding(pipeline, path, image) for path, image in zip((a, b), images, strict=True)
    )
    origin = "given"
    if threshold is None:
        threshold, origin = card_threshold(embedder), f"of {embedder.model.name}"
    verdict = verdicts.verify(embedding_a, embedding_b, threshold)
    if as_json:
        document = {
            "same": verdict.same,
            "similarity": round(verdict.similarity, 6),
            "threshold": verdict.threshold,
            "threshold_origin": origin,
        }
        echo_json(document)
    else:
        decision = "same person" if verdict.same else "different persons"
        click.echo(
            f"{decision}: similarity {verdict.similarity:.3f}, "
            f"threshold {verdict.threshold:.3f} ({origin})"
        )
    return verdict.same


def _load(path: str) -> Image:
    from rostro.pictures.images import load_image

    with naming(path):
        return load_image(path)


def _embedding(pipeline: FacePipeline, path: str, image: Image) -> FloatArray:
    """The embedding of the largest face."""
    with naming(path):
        faces = pipeline(image)
    if not len(faces):
        raise ImageError(f"{path}: no face found")
    if len(faces) > 1:
        say(f"rostro: {path}: {len(faces)} faces, the largest is compared", err=True)
    embedding: FloatArray = embeddings_of(faces)[largest(faces)]
    return embedding
