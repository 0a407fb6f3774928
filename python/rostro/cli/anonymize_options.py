"""What `rostro anonymize` hides, and how: its options."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from rostro.cli.common import (
    card_threshold,
    detector_option,
    embedder_option,
    install_missing,
    refine_option,
    turn_option,
)
from rostro.cli.gallery_options import key_option
from rostro.cli.pixel_size import pixel_size
from rostro.detect.detector import Turn
from rostro.detect.input_sizes import DetSize
from rostro.errors import GalleryError

if TYPE_CHECKING:
    from rostro.video.anonymize.find import Finder

__all__ = ["Choice", "finder_options", "hiding_options", "open_finder"]

_F = TypeVar("_F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path, dir_okay=False)


def hiding_options(command: _F) -> _F:
    """--how and --shape."""
    how = click.option(
        "--how",
        type=click.Choice(["blur", "pixelate", "fill"]),
        default="blur",
        show_default=True,
        help="fill leaves nothing of a face, the others a few mean colors.",
    )
    shape = click.option(
        "--shape",
        type=click.Choice(["ellipse", "rectangle"]),
        default="ellipse",
        show_default=True,
        help="Of what is hidden.",
    )
    return how(shape(command))


_OPTIONS = [
    click.option(
        "--only-known",
        type=_FILE,
        metavar="GALLERY",
        help="Hide those whom this gallery knows, and those of whom that cannot be told.",
    ),
    click.option(
        "--except-known",
        type=_FILE,
        metavar="GALLERY",
        help="Hide all but those whom this gallery surely knows.",
    ),
    key_option,
    click.option(
        "--threshold",
        type=click.FloatRange(-1, 1),
        help="Least cosine similarity of one person. Default: the one on the embedder's card.",
    ),
    click.option(
        "--score-threshold",
        type=click.FloatRange(0, 1),
        default=0.3,
        show_default=True,
        help="From which score on something is hidden; low, for a missed face is worse than a "
        "hidden wall.",
    ),
    click.option(
        "--det-size",
        metavar="WxH|auto|native",
        callback=pixel_size("auto", "native"),
        help="As of `rostro detect`: native or a larger size for small faces.",
    ),
    click.option(
        "--tile",
        metavar="WxH",
        callback=pixel_size(),
        help="Search in tiles of this size, too: for small faces.",
    ),
    click.option(
        "--margin",
        type=click.IntRange(0, 10_000),
        default=5,
        show_default=True,
        help="Frames before a face was first found, and after it was last found.",
    ),
    click.option(
        "--gap",
        type=click.FloatRange(0, 60),
        default=2.0,
        show_default=True,
        help="Seconds between two frames with a face for which it is hidden, too.",
    ),
    detector_option,
    embedder_option,
    refine_option,
    turn_option("auto"),
]


def finder_options(command: _F) -> _F:
    """Whose faces are hidden, and how they are found."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Choice:
    """What these options, and those of how networks are run, say."""

    only_known: Path | None
    except_known: Path | None
    key: bytes | None
    threshold: float | None
    score_threshold: float
    det_size: DetSize
    tile: tuple[int, int] | None
    margin: int
    gap: float
    detector: str
    embedder: str
    refine: str | None
    turn: Turn
    engine: str
    threads: int | None


@contextlib.contextmanager
def open_finder(choice: Choice) -> Iterator[Finder]:
    """Finds what is to be hidden; installs models that are missing.

    Raises:
        click.UsageError: options that do not go together.
    """
    if choice.only_known is not None and choice.except_known is not None:
        raise click.UsageError("--only-known and --except-known: one of them is wanted")
    gallery_path = choice.only_known or choice.except_known
    if gallery_path is None and choice.threshold is not None:
        raise click.UsageError("--threshold is for --only-known or --except-known")
    from rostro import Detector, Embedder, Gallery
    from rostro.video.anonymize.find import Finder
    from rostro.video.anonymize.who import ByGallery, Everybody

    install_missing(choice.detector)
    detector = Detector(
        choice.detector,
        engine=choice.engine,
        threads=choice.threads,
        det_size=choice.det_size,
        tile=choice.tile,
        turn=choice.turn,
        score_threshold=choice.score_threshold,
    )
    settings: dict[str, Any] = {"gap": choice.gap, "margin": choice.margin}
    if gallery_path is None:
        yield Finder(detector, Everybody(), **settings)
        return
    install_missing(choice.embedder, choice.refine)
    embedder = Embedder(
        choice.embedder, engine=choice.engine, threads=choice.threads, refine=choice.refine
    )
    least = card_threshold(embedder) if choice.threshold is None else choice.threshold
    hide: Literal["known", "unknown"] = "unknown" if choice.only_known is None else "known"
    with Gallery.open(gallery_path, key=choice.key, embedder=embedder) as gallery:
        if not len(gallery):
            raise GalleryError(f"{gallery_path}: holds nobody; a gallery of people is wanted")
        yield Finder(detector, ByGallery(gallery, hide, least), embedder, **settings)
