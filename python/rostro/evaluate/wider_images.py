"""Running a detector on the images of WIDER FACE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from rostro import models
from rostro.detect.detector import Detector
from rostro.errors import EvaluationError
from rostro.evaluate.wider_detections import ScoredBoxes, scored_boxes
from rostro.pictures.images import load_image
from rostro.pictures.naming import naming

__all__ = ["LEAST_SCORE", "NativeOrSize", "detect", "find_images", "open_detector"]

NativeOrSize = tuple[int, int] | Literal["native"]

LEAST_SCORE = 0.02
"""The usual score threshold of evaluations: the curve needs nearly all detections."""


def find_images(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Those of the images ``"EVENT/NAME"`` that are there as ``EVENT/NAME.jpg``, by name.

    Raises:
        EvaluationError: there is none.
    """
    paths = {name: folder / f"{name}.jpg" for name in names}
    there = {name: path for name, path in paths.items() if path.is_file()}
    if not there:
        example = next(iter(paths.values()), folder)
        raise EvaluationError(f"{folder}: no image of the set in it, such as {example}")
    return there


def open_detector(
    name_or_path: str | Path,
    *,
    engine: str = "auto",
    threads: int | None = None,
    det_size: NativeOrSize = "native",
    score_threshold: float = LEAST_SCORE,
) -> Detector:
    """A detector as it is evaluated: of a low score threshold, by default on every pixel.

    Args:
        name_or_path, engine, threads: as for `rostro.Detector`.
        det_size: (width, height) of the network's input, which images are scaled to fit;
            ``"native"``: each image's own size, unless the network takes one size only.
        score_threshold: 0..1.

    Raises:
        As `rostro.Detector`.
    """
    card = models.resolve(name_or_path, "detect").card
    takes_any_size = card is None or card.input.size is None
    return Detector(
        name_or_path,
        engine=engine,
        threads=threads,
        det_size=det_size if takes_any_size or det_size != "native" else None,
        score_threshold=score_threshold,
    )


def detect(
    detector: Detector, images: Mapping[str, Path], progress: bool = False
) -> dict[str, ScoredBoxes]:
    """What a detector finds on images, by their names; a bar on the standard error if wanted.

    Raises:
        ImageError: one of them cannot be read; without it the result would be of another set.
    """
    from tqdm import tqdm

    found = {}
    for name, path in tqdm(images.items(), unit="image", leave=False, disable=not progress):
        with naming(path):
            found[name] = scored_boxes(detector(load_image(path)))
    return found
