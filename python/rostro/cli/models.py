"""``rostro models``: list, install, verify, path, convert."""

from __future__ import annotations

from pathlib import Path

import click

from rostro import models as api
from rostro.cli.common import show_progress
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.engines import ENGINES
from rostro.errors import FileMissingError, ModelError, RostroError
from rostro.models.card import Card
from rostro.support.files import cache_folder, replacing

__all__ = ["models"]


def _shape(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    sides = value.split(",")
    if len(sides) != 4 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise click.BadParameter(f"got {value!r}; four numbers, as in 1,3,640,640, are wanted")
    return tuple(int(side) for side in sides)


_FOLDER = click.Path(file_okay=False, path_type=Path)
_NAMES = click.argument("names", nargs=-1, metavar="[NAMES]...")


@click.group()
def models() -> None:
    """Install, check and convert models."""


@models.command("list")
def list_() -> None:
    """List the built-in models."""
    rows = [("NAME", "TASK", "LICENCE", "SIZE", "INSTALLED", "FOLDER")]
    for name in api.cards():
        card, model = api.builtin_card(name), api.resolve(name)
        size = f"{sum(file.size or 0 for file in card.files) / 1e6:.1f} MB"
        formats = " ".join(engine for engine in ENGINES if model.supports(engine)) or "-"
        rows.append((name, card.task, card.licence, size, formats, str(model.folder)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


@models.command()
@_NAMES
@click.option("--from", "source", type=_FOLDER, help="Folder to look in before downloading.")
@click.option("--no-ncnn", is_flag=True, help="Do not convert for ncnn.")
@click.option(
    "--int8/--no-int8",
    default=None,
    help="Also make the int8 forms, for both engines. Default: the one that is quicker on this CPU "
    "than float32, if any.",
)
def install(names: tuple[str, ...], source: Path | None, no_ncnn: bool, int8: bool | None) -> None:
    """Install models (by default those that rostro uses by default), or mend them.

    Of a model of your own, by its path, a form is made in the cache that ONNX Runtime runs in less
    time; its files stay as they are.
    """
    for name in names or tuple(api.DEFAULTS.values()):
        model = api.install(
            name, source=source, progress=show_progress(), ncnn=not no_ncnn, int8=int8
        )
        if model.own_files:
            click.echo(f"{name}: prepared for onnxruntime in {cache_folder() / 'prepared'}")
            continue
        formats = " and ".join(engine for engine in ENGINES if model.supports(engine))
        for engine in ENGINES:
            if model.supports(engine, "int8"):
                formats += f", in int8 for {engine}"
        click.echo(f"{name}: installed for {formats} in {model.folder}")


@models.command()
@_NAMES
def verify(names: tuple[str, ...]) -> None:
    """Check the files of models (by default of all that are installed) against their hashes."""
    wanted = names or tuple(name for name in api.cards() if api.resolve(name).installed)
    if not wanted:
        raise FileMissingError("no model is installed; run: rostro models install")
    failed = False
    for name in wanted:
        try:
            api.resolve(name).verify()
        except RostroError as error:
            failed = True
            click.echo(f"{name}: {error}", err=True)
        else:
            click.echo(f"{name}: good")
    if failed:
        raise click.exceptions.Exit(1)


@models.command()
@click.argument("name", required=False)
def path(name: str | None) -> None:
    """Print the folder of a model, or the one that holds them all."""
    click.echo(api.resolve(name).folder if name else cache_folder() / "models")


@models.command()
@click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
@click.option("-o", "--output", "folder", type=_FOLDER, required=True, help="Folder of the result.")
@click.option(
    "--shape",
    metavar="N,C,H,W",
    callback=_shape,
    help="Input shape; by default that of the card or the model.",
)
@click.option(
    "--shape2",
    metavar="N,C,H,W",
    callback=_shape,
    help="A second one: sides that differ stay free.",
)
@overwrite_option
def convert(
    model: Path,
    folder: Path,
    shape: tuple[int, ...] | None,
    shape2: tuple[int, ...] | None,
    overwrite: bool,
) -> None:
    """Convert a network for ncnn: writes MODEL.ncnn.param and MODEL.ncnn.bin.

    MODEL is an .onnx file; the .xml file of an OpenVINO network, its .bin beside it, of which
    MODEL.onnx is made first; or the card of an .onnx file: then the result is checked with numbers
    as the card's mean and std give them, and without a card with noise of 0 to 255 or, where the
    network does not take that, of 0 to 1.
    """
    from rostro.models.convert import convert as convert_model
    from rostro.models.convert import input_shape
    from rostro.models.openvino_to_onnx import openvino_to_onnx

    values: tuple[float, float] | None = None
    shapes: list[tuple[int, ...]] = []
    if model.suffix.lower() == ".toml":
        onnx_file, card = _onnx_of_card(model)
        values, shapes = card.input.values, list(card.ncnn.shapes)
    else:
        onnx_file = model
    files = [folder / f"{onnx_file.stem}.ncnn.{end}" for end in ("param", "bin")]
    if model.suffix.lower() == ".xml":
        onnx_file = folder / f"{model.stem}.onnx"
        files.append(onnx_file)
    refuse_existing(files, overwrite)
    if onnx_file in files:
        _write(onnx_file, openvino_to_onnx(model))
        click.echo(onnx_file)
    if shape is not None or not shapes:
        shapes = [shape or input_shape(onnx_file)]
    if shape2 is not None:
        shapes = [shapes[0], shape2]
    for file in convert_model(onnx_file, folder, shapes, values=values, progress=show_progress()):
        click.echo(file)


def _write(path: Path, data: bytes) -> None:
    with replacing(path) as file:
        file.write(data)


def _onnx_of_card(path: Path) -> tuple[Path, Card]:
    model = api.resolve(path)
    if model.card is None or "onnx" not in model.files:
        raise ModelError(f"{path}: got a card without an .onnx file; one with it is wanted")
    return model.files["onnx"], model.card
