"""The options of `rostro watch` that need a word of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rostro.errors import RostroError

if TYPE_CHECKING:
    from rostro.video.web.server import Address

__all__ = ["output_options", "record_option", "serve_options", "unknown_options", "work_options"]

_F = TypeVar("_F", bound=Callable[..., Any])


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Address | None:
    from rostro.video.web.server import parse_address

    try:
        return None if value is None else parse_address(value)
    except RostroError as error:
        raise click.BadParameter(str(error)) from error


def _token(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    from rostro.video.web.access import SHORTEST_TOKEN

    if value is not None and not (len(value) >= SHORTEST_TOKEN and value.isascii()):
        raise click.BadParameter(f"at least {SHORTEST_TOKEN} characters of ASCII are wanted")
    return value


def _record(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    from rostro.video.writer import VIDEO_SUFFIXES

    if path is not None and path.suffix.lower() not in VIDEO_SUFFIXES:
        wanted = ", ".join(sorted(VIDEO_SUFFIXES))
        raise click.BadParameter(f"got the suffix {path.suffix!r}; one of {wanted} is wanted")
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}")
    return path


record_option = click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_record,
    metavar="FILE",
    help="Write the video with what was found: .mp4, .mkv, .mov, .m4v or .webm.",
)


def unknown_options(command: _F) -> _F:
    """--review, --enroll."""
    review = click.option(
        "--review",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="Keep pictures of unknowns in a folder, for `rostro gallery review`.",
    )
    enroll = click.option(
        "--enroll",
        is_flag=True,
        help="Enroll unknowns into the gallery, under provisional names, when they were seen well "
        "and are like nobody in it. Default: nobody is.",
    )
    return review(enroll(command))


def output_options(command: _F) -> _F:
    """--json, --figures."""
    as_json = click.option(
        "--json/--text",
        "as_json",
        default=None,
        help="Each event as one JSON object a line; or in words. Default: JSON where the standard "
        "output is no terminal.",
    )
    figures = click.option(
        "--figures",
        metavar="SECONDS",
        type=click.FloatRange(min=0.5),
        help="With JSON, also a line of figures every so many seconds.",
    )
    return as_json(figures(command))


def work_options(command: _F) -> _F:
    """--detect-every, --budget-ms, --no-embed, --realtime, --max-seconds."""
    options = (
        click.option(
            "--detect-every",
            type=click.IntRange(1, 1000),
            default=5,
            show_default=True,
            help="Frames from one look of the detector to the next.",
        ),
        click.option(
            "--budget-ms",
            type=click.FloatRange(min=0, min_open=True),
            help="Milliseconds a frame may take; work that does not fit is dropped and counted.",
        ),
        click.option(
            "--no-embed", is_flag=True, help="Follow faces alone: nobody is known, or named."
        ),
        click.option(
            "--realtime",
            is_flag=True,
            help="Play a file at its own speed, as if it were a camera.",
        ),
        click.option(
            "--max-seconds",
            type=click.FloatRange(min=0, min_open=True),
            help="End after so many seconds of the stream.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def serve_options(command: _F) -> _F:
    """--serve, --token, --host."""
    serve = click.option(
        "--serve",
        metavar="[ADDRESS:]PORT",
        callback=_address,
        help="Show all this on a page for browsers; without an address, on this computer alone.",
    )
    token = click.option(
        "--token",
        callback=_token,
        envvar="ROSTRO_WATCH_TOKEN",
        help="What browsers must know to see the page; better as ROSTRO_WATCH_TOKEN in the "
        "environment. Default: one is made where others can reach the page.",
    )
    hosts = click.option(
        "--host",
        "hosts",
        multiple=True,
        metavar="NAME",
        help="A further name by which the page may be asked for.",
    )
    return serve(token(hosts(command)))
