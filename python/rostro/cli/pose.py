"""``rostro pose``: how the heads in pictures stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rostro.cli.common import detector_option, install_missing, run_options, turn_option
from rostro.cli.drawings import drawings, output_option, show_pictures
from rostro.cli.outputs import overwrite_option
from rostro.detect.detector import Turn
from rostro.faces import Faces

if TYPE_CHECKING:
    from rostro.pipeline import Stage

_HEADER = "face  score     yaw   pitch    roll  +-    metres  error  picture"


@click.command("pose")
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--model",
    metavar="NAME|PATH",
    help="Head pose model. Default: none, a mean face is laid over the points.",
)
@click.option(
    "--landmarks",
    metavar="NAME|PATH",
    help="Landmark model whose points are used. Default: the detector's five landmarks.",
)
@click.option(
    "--hfov",
    type=click.FloatRange(0, 180, min_open=True, max_open=True),
    default=60.0,
    show_default=True,
    help="Degrees from the left edge of the pictures to the right one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@output_option
@overwrite_option
@detector_option
@turn_option("never")
@run_options
@click.pass_context
def pose(
    ctx: click.Context,
    paths: tuple[str, ...],
    model: str | None,
    landmarks: str | None,
    hfov: float,
    as_json: bool,
    output: Path | None,
    overwrite: bool,
    detector: str,
    turn: Turn,
    engine: str,
    threads: int | None,
) -> None:
    """Tell how the heads in pictures are turned, and where they are.

    PATHS are pictures, folders of pictures (with all below them) and glob patterns.

    Yaw, pitch and roll are in degrees, positive to the picture's right, up and clockwise. Without
    --model also: by how many degrees they may be off (+-), how far away the face is for a camera of
    --hfov, and by how many pixels the mean face misses the points (error).
    """
    from rostro import Detector, FacePipeline, HeadPose, Landmarker

    if model is not None and landmarks is not None:
        raise click.UsageError("--landmarks: got a model beside --model; one of them is wanted")
    pictures, targets = drawings(paths, output, overwrite)
    install_missing(detector, model, landmarks)
    find_faces = Detector(detector, engine=engine, threads=threads, turn=turn)
    find_poses = HeadPose(model, hfov=hfov, engine=engine, threads=threads)
    stages: list[Stage] = [find_poses]
    if landmarks is not None:
        stages.insert(0, Landmarker(landmarks, engine=engine, threads=threads))
    find = FacePipeline(find_faces, embedder=None, stages=stages)

    all_well = show_pictures(pictures, targets, find, _HEADER, _rows, as_json)
    ctx.exit(0 if all_well else 1)


def _rows(path: Path, found: Faces) -> list[str]:
    name = click.format_filename(path)
    if not len(found) or found.poses is None:
        return [f"   -  {'no face':52} {name}"]
    attributes = found.attributes or {}
    rows = []
    for index in range(len(found)):
        angles = "".join(f"{angle:8.1f}" for angle in found.poses[index])
        fitted = f"{'-':>4} {'-':>9} {'-':>6}"
        if found.translations is not None:
            fitted = (
                f"{attributes['pose_sigma'][index]:4.1f} {found.translations[index, 2]:9.2f} "
                f"{attributes['pose_error'][index]:6.1f}"
            )
        rows.append(f"{index + 1:4}  {found.scores[index]:.3f}{angles}  {fitted}  {name}")
    return rows
