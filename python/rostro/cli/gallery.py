"""``rostro gallery``: list, show, rename, remove, forget, export, import, check, review."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.cli.common import echo_json
from rostro.cli.gallery_options import gallery_argument, key_option
from rostro.cli.gallery_review import review
from rostro.cli.outputs import overwrite_option, refuse_existing

__all__ = ["gallery"]

_NAMES = click.argument("names", nargs=-1, required=True)
_EXPORT = click.argument("export", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def gallery() -> None:
    """Look after the people of a gallery."""


gallery.add_command(review)


@gallery.command("list")
@gallery_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@key_option
def list_(path: Path, as_json: bool, key: bytes | None) -> None:
    """List all names with their numbers of templates."""
    from rostro import Gallery

    with Gallery.open(path, key=key) as people:
        counts = people.counts()
    if as_json:
        echo_json(counts)
        return
    for name, count in counts.items():
        click.echo(f"{count:6}  {name}")


@gallery.command()
@gallery_argument
@click.argument("name", required=False)
@key_option
def show(path: Path, name: str | None, key: bytes | None) -> None:
    """Show what is known of a person; or of the gallery, without NAME."""
    from rostro import Gallery

    with Gallery.open(path, key=key) as people:
        if name is not None:
            metadata = people.metadata(name)
            facts = {"name": name, "templates": people.counts()[name], "metadata": metadata}
        else:
            facts = {
                "people": len(people),
                "templates": people.count,
                "dim": people.dim,
                "embedders": [str(embedder) for embedder in people.embedders],
                "encrypted": key is not None,
            }
    echo_json(facts, indent=1)


@gallery.command()
@gallery_argument
@click.argument("old")
@click.argument("new")
@key_option
def rename(path: Path, old: str, new: str, key: bytes | None) -> None:
    """Give the person OLD the name NEW."""
    from rostro import Gallery

    with Gallery.open(path, key=key) as people:
        people.rename(old, new)


@gallery.command()
@gallery_argument
@_NAMES
@key_option
def remove(path: Path, names: tuple[str, ...], key: bytes | None) -> None:
    """Remove people."""
    from rostro import Gallery

    with Gallery.open(path, key=key) as people:
        people.remove(names)


@gallery.command()
@gallery_argument
@_NAMES
@key_option
def forget(path: Path, names: tuple[str, ...], key: bytes | None) -> None:
    """Remove people; nothing of them is in any file of the gallery when this ends."""
    from rostro import Gallery

    with Gallery.open(path, key=key) as people:
        people.forget(names)


@gallery.command()
@gallery_argument
@_EXPORT
@click.option("--salvage", is_flag=True, help="Of a damaged gallery, all that is whole.")
@overwrite_option
@key_option
def export(path: Path, export: Path, salvage: bool, overwrite: bool, key: bytes | None) -> None:
    """Write everything into one file, EXPORT.npz, which is not encrypted."""
    from rostro import Gallery

    if export.suffix.lower() != ".npz":
        raise click.UsageError(f"{export} does not end in .npz")
    refuse_existing([export], overwrite)
    with Gallery.open(path, key=key, salvage=salvage) as people:
        people.export(export)
        click.echo(f"{export}: {people.count} templates of {len(people)} people")


@gallery.command("import")
@gallery_argument
@_EXPORT
@key_option
def import_(path: Path, export: Path, key: bytes | None) -> None:
    """Add what `export` wrote to a gallery, which is made if it is not there yet."""
    from rostro import Gallery
    from rostro.gallery.transfer import read_export

    dim = None if path.exists() else read_export(export).rows.codes.shape[1]
    with Gallery.open(path, dim, key=key) as people:
        count = people.import_(export)
        click.echo(f"{path}: {count} templates added, {len(people)} people in all")


@gallery.command()
@gallery_argument
@key_option
@click.pass_context
def check(ctx: click.Context, path: Path, key: bytes | None) -> None:
    """Read all of a gallery and say what is damaged; the exit status is then 1."""
    from rostro.gallery import check as check_gallery

    damage = check_gallery(path, key=key)
    for line in damage:
        click.echo(f"damaged: {line}", err=True)
    if damage:
        ctx.exit(1)
    click.echo(f"{path}: whole")
