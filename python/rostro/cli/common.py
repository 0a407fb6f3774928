"""What the sub-commands share: options, errors in one line, the walk over many pictures."""

from __future__ import annotations

import glob
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rostro import models
from rostro.errors import FileMissingError, ModelError, RostroError
from rostro.faces import Faces
from rostro.types import FloatArray, Image

if TYPE_CHECKING:
    from rostro import Embedder, FacePipeline
    from rostro.models import Model

__all__ = [
    "card_threshold",
    "detector_option",
    "embedder_option",
    "embeddings_of",
    "find_pictures",
    "for_each_picture",
    "install_missing",
    "largest",
    "open_pipeline",
    "report",
    "run_options",
    "say",
    "show_progress",
    "verbose_option",
]

_F = TypeVar("_F", bound=Callable[..., Any])


def _log_to_stderr(_ctx: click.Context, _param: click.Parameter, count: int) -> None:
    if count:
        level = logging.INFO if count == 1 else logging.DEBUG
        logging.basicConfig(format="%(name)s: %(message)s", stream=sys.stderr)
        logging.getLogger("rostro").setLevel(level)


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
    message = str(error)
    if isinstance(error, OSError) and error.filename is not None:
        message = f"{error.filename}: {error.strerror}"
    say(f"rostro: error: {' '.join(message.split())}", err=True)


def find_pictures(arguments: Sequence[str]) -> list[Path]:
    """The files that arguments name: files, folders (searched to the bottom) and glob patterns.

    A file is taken as it is, whatever its suffix. A name that nothing has stays in the list, for
    the reading to report.

    Raises:
        FileMissingError: a folder holds no picture.
    """
    from rostro.pictures.formats import picture_suffixes

    suffixes = picture_suffixes()

    def pictures_in(folder: Path) -> list[Path]:
        found = [path for path in folder.rglob("*") if path.suffix.lower() in suffixes]
        return sorted(path for path in found if path.is_file())

    paths: dict[Path, None] = {}  # a set that keeps the order
    for argument in arguments:
        matches: list[str] = []
        if not Path(argument).exists():  # a file may be called "[1].jpg": what exists is no pattern
            matches = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 (absolute patterns)
        for path in map(Path, matches or [argument]):
            inside = pictures_in(path) if path.is_dir() else [path]
            if not inside:
                raise FileMissingError(f"{path}: no picture in this folder")
            paths.update(dict.fromkeys(inside))
    return list(paths)


def for_each_picture(paths: Sequence[Path], work: Callable[[Path, Image], None]) -> bool:
    """Read every picture and do the work on it; report those that fail and go on.

    Returns:
        Whether all went well.
    """
    from tqdm import tqdm

    from rostro.pictures.images import load_image

    all_well = True
    hidden = len(paths) < 2 or not show_progress()
    for path in tqdm(paths, unit="picture", leave=False, disable=hidden):
        try:
            work(path, load_image(path))
        except RostroError as error:
            report(error)
            all_well = False
    return all_well


def install_missing(*names: str) -> None:
    """Install those of these models that are built in and not there yet."""
    for name in names:
        if name in models.cards() and not models.resolve(name).installed:
            models.install(name, progress=show_progress())


def open_pipeline(
    detector: str, embedder: str, engine: str, threads: int | None
) -> tuple[FacePipeline, Embedder]:
    """The pipeline that the options name, and its embedder; installs models that are missing."""
    from rostro import Detector, Embedder, FacePipeline

    install_missing(detector, embedder)
    detect = Detector(detector, engine=engine, threads=threads)
    embed = Embedder(embedder, engine=engine, threads=threads)
    return FacePipeline(detect, embed), embed


def embeddings_of(faces: Faces) -> FloatArray:
    """The embeddings of a pipeline that has an embedder, as those of `open_pipeline` do."""
    if faces.embeddings is None:
        raise ModelError("this pipeline has no embedder")
    return faces.embeddings


def card_threshold(model: Model) -> float:
    """The least cosine similarity of one person, as the card of an embedder names it.

    Raises:
        ModelError: it names none.
    """
    threshold = model.card and model.card.thresholds.get("cosine")
    if not threshold:
        raise ModelError(f"{model.name}: no card gives its threshold 'cosine'; use --threshold")
    return threshold.value


def largest(faces: Faces) -> int:
    """Index of the face whose box has the largest area; of at least one face."""
    sides = faces.boxes[:, 2:] - faces.boxes[:, :2]
    return int(sides.prod(axis=1).argmax())
