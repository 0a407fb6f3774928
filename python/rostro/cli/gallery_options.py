"""What the commands share that use a gallery."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.gallery.key_file import read_key_file

__all__ = ["gallery_argument", "gallery_option", "key_option"]

_PATH = click.Path(path_type=Path, dir_okay=False)


def _read_key(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> bytes | None:
    return None if path is None else read_key_file(path)


key_option = click.option(
    "--key-file",
    "key",
    type=_PATH,
    callback=_read_key,
    metavar="FILE",
    help="32 random bytes, the key of an encrypted gallery.",
)
gallery_option = click.option(
    "--gallery", "path", type=_PATH, required=True, metavar="FILE", help="The gallery's file."
)
gallery_argument = click.argument("path", type=_PATH, metavar="GALLERY")
