"""What the commands share that use a gallery."""

from __future__ import annotations

from pathlib import Path

import click

from rostro.errors import FileMissingError, GalleryKeyError

__all__ = ["gallery_argument", "gallery_option", "key_option"]

_KEY_BYTES = 32
_PATH = click.Path(path_type=Path, dir_okay=False)


def _read_key(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        key = path.read_bytes()
    except OSError as error:
        raise FileMissingError(f"{path}: {error.strerror}") from error
    if len(key) != _KEY_BYTES:
        raise GalleryKeyError(
            f"{path}: {len(key)} bytes; a key file holds {_KEY_BYTES} random ones"
        )
    return key


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
