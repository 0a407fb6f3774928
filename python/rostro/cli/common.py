"""What the sub-commands share: options, what they print, and the networks they open."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click
import numpy as np

from rostro import models
from rostro.detect.detector import Turn
from rostro.errors import ModelError
from rostro.faces import Faces
from rostro.models.choice import PRECISIONS, Precision
from rostro.types import FloatArray

if TYPE_CHECKING:
    from rostro import Embedder, FacePipeline, Liveness
    from rostro.pipeline import Stage

__all__ = [
    "ERROR",
    "REFUSED",
    "UNDECIDED",
    "card_threshold",
    "detector_option",
    "echo_json",
    "embedder_option",
    "embeddings_of",
    "install_missing",
    "json_text",
    "largest",
    "live_options",
    "open_pipeline",
    "precision_option",
    "refine_option",
    "report",
    "rounded",
    "run_options",
    "say",
    "show_progress",
    "tell_warnings",
    "turn_option",
    "verbose_option",
]

ERROR = 1
UNDECIDED = 3
REFUSED = 4
"""Exit statuses: of an error, of `rostro verify`, whose 1 is an answer, and of a face that was not
compared, for it is not live."""

_F = TypeVar("_F", bound=Callable[..., Any])


class _Teller(logging.Handler):
    """Shows the warnings of rostro itself, as lines like the others."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            say(f"rostro: warning: {' '.join(record.getMessage().split())}", err=True)


_teller = _Teller(logging.WARNING)


def tell_warnings() -> None:
    """Show the warnings of rostro on the standard error, unless --verbose shows more."""
    logging.getLogger("rostro").addHandler(_teller)


def _log_to_stderr(_ctx: click.Context, _param: click.Parameter, count: int) -> None:
    if count:
        level = logging.INFO if count == 1 else logging.DEBUG
        logging.basicConfig(format="%(name)s: %(message)s", stream=sys.stderr)
        logging.getLogger("rostro").setLevel(level)
        logging.getLogger("rostro").removeHandler(_teller)


verbose_option = click.option(
    "-v",
    "--verbose",
    count=True,
    expose_value=False,
    callback=_log_to_stderr,
    help="Log to the standard error; twice for more.",
)
detector_option = click.option(
    "--detector",
    metavar="NAME|PATH",
    default=models.DEFAULTS["detect"],
    show_default=True,
    help="Detection model.",
)
embedder_option = click.option(
    "--embedder",
    metavar="NAME|PATH",
    default=models.DEFAULTS["embed"],
    show_default=True,
    help="Embedding model.",
)


precision_option = click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="auto",
    show_default=True,
    help="Of the networks; auto takes int8 where that is there and quicker on this CPU.",
)


def turn_option(default: Turn) -> Callable[[_F], _F]:
    """--turn; ``auto`` by default where a useless embedding would not be noticed."""
    return click.option(
        "--turn",
        type=click.Choice(get_args(Turn)),
        default=default,
        show_default=True,
        help="Search a picture that may lie on its side in all four quarters: if no face in it is "
        "surely upright, or always.",
    )


refine_option = click.option(
    "--refine",
    metavar="NAME|PATH",
    help="Landmark model by whose points faces are aligned. Default: the detector's landmarks.",
)


def _with_live(ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and ctx.params.get("live") is None:
        raise click.UsageError("--live-threshold is for --live MODEL")
    return value


def live_options(command: _F) -> _F:
    """--live and --live-threshold."""
    live = click.option(
        "--live",
        is_eager=True,
        metavar="NAME|PATH",
        help="Liveness model: faces that it does not take for live ones are refused.",
    )
    threshold = click.option(
        "--live-threshold",
        type=click.FloatRange(0, 1),
        callback=_with_live,
        help="From which probability on a face is live. Default: the one on that model's card.",
    )
    return live(threshold(command))


def run_options(command: _F) -> _F:
    """--engine, --threads and --verbose."""
    engine = click.option(
        "--engine",
        type=click.Choice(["auto", "onnxruntime", "ncnn"]),
        default="auto",
        show_default=True,
        help="What runs the networks; auto takes the faster one for each.",
    )
    threads = click.option(
        "--threads", type=click.IntRange(min=1), help="Default: the CPUs this process may use."
    )
    return engine(threads(verbose_option(command)))


def show_progress() -> bool:
    """Whether someone is watching the standard error."""
    return sys.stderr.isatty()


def say(line: str, *, err: bool = False) -> None:
    """Print one line, above the progress bar where there is one."""
    from tqdm import tqdm

    with tqdm.external_write_mode():
        click.echo(line, err=err)


def report(error: Exception) -> None:
    """Print an error on the standard error, in one line."""
    # Nobody is left to be told where the standard error is closed or full.
    with contextlib.suppress(OSError):
        say(f"rostro: error: {' '.join(_cause(error).split())}", err=True)


def _cause(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}" if str(error) else "not enough memory"
    if isinstance(error, OSError) and error.strerror is not None:
        # What commands print is all that they write without a name.
        return f"{error.filename or 'standard output'}: {error.strerror}"
    return str(error)


def echo_json(document: object, indent: int | None = None) -> None:
    """Print a document as JSON."""
    click.echo(json_text(document, indent))


def json_text(document: object, indent: int | None = None) -> str:
    """JSON of plain values, arrays and NumPy's numbers, in ASCII, for any terminal takes that.

    A float32 is written in as few digits as tell it from others; NaN and infinity, which JSON has
    not, as null.
    """
    return json.dumps(_plain(document), indent=indent, allow_nan=False)


def rounded(values: FloatArray, digits: int) -> list[Any]:
    """An array for JSON, to so many decimals."""
    # As float64, for a rounded float32 is 0.10000000149011612; and 0 for -0.
    numbers: list[Any] = (values.astype(np.float64).round(digits) + 0.0).tolist()
    return numbers


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.floating):
        value = float(str(value))
    elif isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def install_missing(*names: str | None) -> None:
    """Install those of these models that are built in and not there yet."""
    for name in names:
        if name is not None and name in models.cards() and not models.resolve(name).installed:
            models.install(name, progress=show_progress())


def open_pipeline(
    detector: str,
    embedder: str,
    engine: str,
    threads: int | None,
    precision: Precision = "auto",
    refine: str | None = None,
    turn: Turn = "never",
    live: str | None = None,
    live_threshold: float | None = None,
    stages: Sequence[Stage] = (),
) -> tuple[FacePipeline, Embedder]:
    """The pipeline that the options name, and its embedder; installs models that are missing."""
    from rostro import Detector, Embedder, FacePipeline

    install_missing(detector, embedder, refine, live)
    if live is not None:
        stages = [*stages, _open_live(live, live_threshold, engine, threads)]
    detect = Detector(detector, engine=engine, threads=threads, precision=precision, turn=turn)
    embed = Embedder(embedder, engine=engine, threads=threads, precision=precision, refine=refine)
    return FacePipeline(detect, embed, stages), embed


def _open_live(name: str, threshold: float | None, engine: str, threads: int | None) -> Liveness:
    from rostro import Liveness

    liveness = Liveness(name, engine=engine, threads=threads, threshold=threshold)
    if liveness.threshold is None:
        raise ModelError(
            f"{liveness.model.name}: its card gives no threshold 'live'; use --live-threshold"
        )
    return liveness


def embeddings_of(faces: Faces) -> FloatArray:
    """The embeddings of a pipeline that has an embedder, as those of `open_pipeline` do."""
    if faces.embeddings is None:
        raise ModelError("this pipeline has no embedder")
    return faces.embeddings


def card_threshold(embedder: Embedder) -> float:
    """The least cosine similarity of one person, as the card of an embedder names it.

    Raises:
        ModelError: it names none for faces that are aligned so.
    """
    if embedder.threshold is None:
        how = f" for faces aligned by {embedder.refine.model.name}" if embedder.refine else ""
        raise ModelError(
            f"{embedder.model.name}: no card gives its threshold 'cosine'{how}; use --threshold"
        )
    return embedder.threshold


def largest(faces: Faces) -> int:
    """Index of the face whose box has the largest area; of at least one face."""
    sides = faces.boxes[:, 2:] - faces.boxes[:, :2]
    return int(sides.prod(axis=1).argmax())
