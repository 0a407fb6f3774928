"""``rostro quantize``: from a float network to a measured int8 one."""

from __future__ import annotations

from pathlib import Path

import click

from rostro import models
from rostro.cli.common import install_missing, say, show_progress, verbose_option
from rostro.errors import QuantizationError
from rostro.quantization import FORMS, METHODS, Form, Method
from rostro.quantization import quantize as quantize_model

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("model", metavar="NAME|PATH")
@click.option(
    "--calibrate",
    type=_PATH,
    required=True,
    metavar="FOLDER",
    help="Photos with faces; for an embedder best a folder for each person.",
)
@click.option(
    "-o", "--output", type=_PATH, required=True, metavar="CARD.toml", help="The new model's card."
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "onnxruntime", "ncnn"]),
    default="auto",
    show_default=True,
    help="What the network is made for.",
)
@click.option(
    "--form",
    type=click.Choice(FORMS),
    default="int8",
    show_default=True,
    help="float16: weights in half the bytes, for ncnn alone.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="minmax",
    show_default=True,
    help="How the ranges of values are found.",
)
@click.option("--keep", multiple=True, metavar="LAYER", help="Leave it in float; name or pattern.")
@click.option("--all-layers", is_flag=True, help="Also the first layer and the last ones.")
@click.option(
    "--search",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="Time to find more layers to leave in float, where a limit is missed.",
)
@click.option(
    "--detector",
    metavar="NAME|PATH",
    default=models.DEFAULTS["detect"],
    show_default=True,
    help="Finds the faces for an embedder.",
)
@click.option(
    "--ranges",
    type=_PATH,
    metavar="FILE.int8.toml",
    help="Also write the ranges there, from which the same network is made without photos.",
)
@click.option("--force", is_flag=True, help="Write the network even where it misses a limit.")
@verbose_option
def quantize(
    model: str,
    calibrate: Path,
    output: Path,
    engine: str,
    form: Form,
    method: Method,
    keep: tuple[str, ...],
    all_layers: bool,
    search: float,
    detector: str,
    ranges: Path | None,
    force: bool,
) -> None:
    """Make an int8 network of a float one, measure it, and refuse what loses accuracy.

    A quarter of the photos calibrate, the others are measured on. Writes CARD.toml and the weights
    beside it. docs/guide/quantize.md says what is measured and which limits there are.
    """
    install_missing(model, detector)
    try:
        made = quantize_model(
            model,
            output,
            calibrate,
            engine=engine,
            form=form,
            method=method,
            keep=keep,
            keep_ends=not all_layers,
            search_seconds=search,
            detector=detector,
            ranges=ranges,
            force=force,
            progress=show_progress(),
        )
    except QuantizationError as error:
        if error.table:
            say(error.table)
        raise
    say(made.table())
    for note in made.notes:
        say(note)
    if made.in_float:
        say(f"in float: {', '.join(made.in_float)}")
    for miss in made.misses:
        say(f"rostro: kept although {miss}", err=True)
    say(str(made.card))
