"""The command line. Each sub-command is a module of this package, loaded when it is called."""

from __future__ import annotations

import importlib
import io
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from rostro import simd
from rostro.cli.common import ERROR, UNDECIDED, report, tell_warnings
from rostro.errors import RostroError

__all__ = ["cli", "main"]

_COMMANDS = (
    "detect",
    "landmarks",
    "pose",
    "quality",
    "embed",
    "verify",
    "enroll",
    "identify",
    "watch",
    "anonymize",
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        ctx.invoked_subcommand = name
        if name != "doctor":  # which describes an installation that does not work, too
            simd.level()
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (RostroError, OSError, MemoryError) as error:
            # A closed pipe, as of `rostro ... | head`, is nobody's error.
            if not isinstance(error, BrokenPipeError):
                report(error)
            # Whoever asks by exit status must never take a failure for "different".
            ctx.exit(UNDECIDED if ctx.invoked_subcommand == "verify" else ERROR)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rostro")
def cli() -> None:
    """Find, align and recognise faces.

    Exit status: 0 done; 1 an error, told in one line on the standard error, also where others of
    many pictures were done; 2 wrong usage; 4 --live refused a face; 130 interrupted.
    `rostro verify --help` says what its own mean.

    ROSTRO_MAX_PIXELS in the environment bounds the size of pictures; a smaller one saves memory.
    """
    # Warnings of libraries are for logs (-v), not for whoever runs a command.
    logging.captureWarnings(True)
    tell_warnings()
    for stream in _text_streams():
        # A name that the terminal's encoding lacks must not end a batch.
        stream.reconfigure(errors="backslashreplace")


def main() -> None:
    """The entry point."""
    try:
        cli(prog_name="rostro")
    except OSError as error:  # from --help, which no command prints
        report(error)
        sys.exit(ERROR)
    finally:
        for stream in _text_streams():
            _end(stream)


def _text_streams() -> list[io.TextIOWrapper]:
    return [s for s in (sys.stdout, sys.stderr) if isinstance(s, io.TextIOWrapper)]


def _end(stream: io.TextIOWrapper) -> None:
    """Spares the interpreter's last flush the error that was told, with a traceback of its own."""
    try:
        stream.flush()
    except OSError:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
