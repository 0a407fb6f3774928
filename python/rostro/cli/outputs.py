"""Files that commands write: nothing that is there is replaced unless --overwrite is given."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

__all__ = ["overwrite_option", "refuse_existing"]

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace files that are there.")


def refuse_existing(paths: Iterable[Path | None], overwrite: bool) -> None:
    """Ends the command, before anything is done, where a file to write is there already.

    Args:
        paths: what is to be written; None is not.
        overwrite: whether that was asked for.

    Raises:
        click.UsageError: names the first of them.
    """
    there = [path for path in paths if path is not None and path.exists()]
    if there and not overwrite:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        verb = "exist" if more else "exists"
        raise click.UsageError(
            f"{there[0]}{more} {verb} already; --overwrite replaces what is there"
        )
