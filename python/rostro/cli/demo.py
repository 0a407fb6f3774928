"""``rostro demo``: the main job on sample photos, from nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from rostro import models
from rostro.cli.common import (
    card_threshold,
    embeddings_of,
    largest,
    open_pipeline,
    run_options,
    show_progress,
)
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.errors import ImageError
from rostro.faces import Faces
from rostro.types import Image

if TYPE_CHECKING:
    from rostro import Embedder, FacePipeline

_REPEATS = 20
_DRAWINGS = ("astronaut.jpg", "astronaut-altered.jpg", "hopper.jpg")


@click.command("demo")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rostro-demo"),
    show_default=True,
    metavar="FOLDER",
    help="Where the pictures go.",
)
@overwrite_option
@run_options
def demo(output: Path, overwrite: bool, engine: str, threads: int | None) -> None:
    """Show it all on sample photos.

    Installs the default models and fetches two photos in the public domain, where they are not
    there yet; writes the photos with the faces drawn.
    """
    from rostro.pictures.images import load_image
    from rostro.samples import ASTRONAUT, GRACE_HOPPER

    drawings = [output / name for name in _DRAWINGS]
    refuse_existing(drawings, overwrite)
    output.mkdir(parents=True, exist_ok=True)
    names = models.DEFAULTS
    pipeline, embedder = open_pipeline(names["detect"], names["embed"], engine, threads)
    click.echo("Models")
    for part in (pipeline.detector, embedder):
        licence = models.builtin_card(part.model.name).licence
        click.echo(f"  {part.model.name} ({licence}), run by {part.engine.name}")

    samples = (ASTRONAUT, GRACE_HOPPER)
    astronaut, hopper = (load_image(sample.fetch(show_progress())) for sample in samples)
    altered = astronaut[::2, ::-2] // 2

    click.echo("\nDetect")
    faces = [
        _detect(pipeline, astronaut, drawings[0], ASTRONAUT.title),
        _detect(pipeline, altered, drawings[1], "her photo, altered"),
        _detect(pipeline, hopper, drawings[2], GRACE_HOPPER.title),
    ]

    click.echo("\nVerify")
    threshold = card_threshold(embedder)
    _verify(threshold, "her photo mirrored, of half the size, darker", faces[0], faces[1])
    _verify(threshold, "the photo of Grace Hopper", faces[0], faces[2])

    height, width = astronaut.shape[:2]
    click.echo(f"\nTime for the astronaut, {width}x{height}, one face, median of {_REPEATS}")
    _time_stages(pipeline, embedder, astronaut)


def _detect(pipeline: FacePipeline, image: Image, path: Path, title: str) -> Faces:
    from rostro.pictures.draw import draw_faces
    from rostro.pictures.images import save_image

    faces = pipeline(image)
    if not len(faces):
        raise ImageError(f"{title}: no face found, though there is one: see rostro doctor")
    save_image(path, draw_faces(image, faces))
    x1, y1, x2, y2 = faces.boxes[0]
    click.echo(f"  {title}")
    click.echo(f"    face at {x1:.0f},{y1:.0f} to {x2:.0f},{y2:.0f}, score {faces.scores[0]:.2f}")
    click.echo(f"    drawn in {path}")
    return faces


def _verify(threshold: float, other: str, a: Faces, b: Faces) -> None:
    from rostro.embed.verdict import verify

    verdict = verify(embeddings_of(a)[largest(a)], embeddings_of(b)[largest(b)], threshold)
    sign, decision = (">=", "the same person") if verdict.same else ("<", "different persons")
    click.echo(f"  the astronaut and {other}:")
    click.echo(f"    similarity {verdict.similarity:.3f} {sign} {threshold:.3f}: {decision}")


def _time_stages(pipeline: FacePipeline, embedder: Embedder, image: Image) -> None:
    found = pipeline.detector(image)
    crops = embedder.crops(image, found)
    stages: list[tuple[str, Callable[[], object]]] = [
        ("detect", lambda: pipeline.detector(image)),
        ("align", lambda: embedder.crops(image, found)),
        ("embed", lambda: embedder.embed_crops(crops)),
        ("all in one call", lambda: pipeline(image)),
    ]
    for name, stage in stages:
        click.echo(f"  {name:16}{_milliseconds(stage):8.2f} ms")


def _milliseconds(stage: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        stage()
        times.append(time.perf_counter() - start)
    return 1e3 * median(times)
