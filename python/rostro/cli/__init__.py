"""The command line. Each sub-command is a module of this package, loaded when it is called."""

from __future__ import annotations

import importlib
import logging
from typing import Any

import click

from rostro.cli.common import report
from rostro.errors import RostroError

__all__ = ["cli", "main"]

_COMMANDS = (
    "detect",
    "embed",
    "verify",
    "enroll",
    "identify",
    "gallery",
    "models",
    "quantize",
    "eval",
    "demo",
    "doctor",
)

INTERRUPTED = 130


class _LazyGroup(click.Group):
    """Sub-commands by name: module ``rostro.cli.NAME``, its attribute ``NAME``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"rostro.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RostroError as error:
            report(error)
            ctx.exit(1)
        except OSError as error:
            if error.filename is None:
                raise  # a bug, or a closed pipe, which click keeps quiet about
            report(error)
            ctx.exit(1)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rostro")
def cli() -> None:
    """Find, align and recognise faces.

    Exit status: 0 done; 1 an error, told in one line on the standard error; 2 wrong usage.
    `rostro verify --help` says what its own mean.
    """
    # Warnings of libraries are for logs (-v), not for whoever runs a command.
    logging.captureWarnings(True)


def main() -> None:
    """The entry point."""
    cli(prog_name="rostro")
