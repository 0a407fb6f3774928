"""``rostro watch``: who is in a stream, told while it runs."""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rostro.cli.common import (
    ERROR,
    REFUSED,
    card_threshold,
    detector_option,
    embedder_option,
    install_missing,
    live_options,
    open_pipeline,
    precision_option,
    refine_option,
    run_options,
)
from rostro.cli.gallery_options import key_option
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.cli.watch_options import (
    output_options,
    record_option,
    serve_options,
    unknown_options,
    work_options,
)
from rostro.models.choice import Precision

if TYPE_CHECKING:
    from rostro import FacePipeline
    from rostro.types import Image
    from rostro.video.shots import BestShots
    from rostro.video.watch.naming import Naming
    from rostro.video.web.board import Board
    from rostro.video.web.server import Address, PageServer

_INTERRUPTED = 130


@click.command("watch")
@click.argument("source")
@click.option(
    "--gallery",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Who is known; with --serve or --enroll the file is made if it is not there yet.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help="Least cosine similarity of one person. Default: the one on the embedder's card.",
)
@output_options
@record_option
@overwrite_option
@serve_options
@unknown_options
@work_options
@key_option
@detector_option
@embedder_option
@refine_option
@live_options
@precision_option
@run_options
@click.pass_context
def watch(
    ctx: click.Context,
    source: str,
    path: Path | None,
    threshold: float | None,
    as_json: bool | None,
    figures: float | None,
    record: Path | None,
    overwrite: bool,
    serve: Address | None,
    token: str | None,
    hosts: tuple[str, ...],
    review: Path | None,
    enroll: bool,
    detect_every: int,
    budget_ms: float | None,
    no_embed: bool,
    realtime: bool,
    max_seconds: float | None,
    key: bytes | None,
    detector: str,
    embedder: str,
    refine: str | None,
    live: str | None,
    live_threshold: float | None,
    engine: str,
    threads: int | None,
    precision: Precision,
) -> None:
    """Follow the faces of a stream, and tell who comes, is known and leaves.

    SOURCE is a video, a folder of pictures, a camera (/dev/video0, or its number) or an address
    (rtsp://..., http://...). Of cameras and live streams the newest frame is taken, and those that
    came meanwhile are counted as dropped. A camera that dies is tried again.

    Each event is a line of the standard output; docs/guide/watch.md says what is in it. A terminal
    gets a line of figures, too. The last line is a summary.

    Exit status: 0 at the end of the stream, after --max-seconds and for SIGTERM; 130 for Ctrl-C; 1
    an error, also where the recording failed; 2 wrong usage; 4 --live refused somebody.
    """
    if no_embed and (path is not None or threshold is not None or refine or live or review):
        raise click.UsageError(
            "--gallery, --threshold, --refine, --live and --review are not for --no-embed"
        )
    if enroll and path is None:
        raise click.UsageError("--enroll is for --gallery")
    if hosts and serve is None:
        raise click.UsageError("--host is for --serve")
    refuse_existing([record], overwrite)
    from rostro import FaceTracker, Gallery, Liveness
    from rostro.video import EnrollSettings, NewestFrame, ReviewQueue, open_source
    from rostro.video.shots import BestShots
    from rostro.video.watch.liveness import LiveGate
    from rostro.video.watch.loop import Watch
    from rostro.video.watch.naming import Naming
    from rostro.video.watch.output import Output
    from rostro.video.watch.paced import Paced
    from rostro.video.watch.recording import Recording
    from rostro.video.watch.stop import stopping
    from rostro.video.web.board import Board

    if as_json is None:
        as_json = not sys.stdout.isatty()
    output = Output(as_json, in_place=sys.stderr.isatty())
    with contextlib.ExitStack() as stack:
        stream = open_source(source)
        stack.callback(stream.close)
        gate = gallery = None
        if no_embed:
            pipeline = _faces_alone(detector, engine, threads, precision)
        else:
            pipeline, model = open_pipeline(
                *(detector, embedder, engine, threads, precision, refine),
                live=live,
                live_threshold=live_threshold,
            )
            if path is not None:
                threshold = card_threshold(model) if threshold is None else threshold
                dim = model.dim if serve is not None or enroll else None
                gallery = stack.enter_context(Gallery.open(path, dim, key=key, embedder=model))
            for stage in pipeline.stages:
                if isinstance(stage, Liveness) and stage.threshold is not None:
                    gate = LiveGate(stage.threshold)
        queue = None if review is None else ReviewQueue(review)
        tracker = FaceTracker(
            *(pipeline, gallery),
            detect_every=detect_every,
            budget_ms=budget_ms,
            threshold=threshold,
            review=queue,
            enroll=EnrollSettings() if enroll else None,
        )
        recording = None if record is None else Recording(record, stream.rate or 30.0)
        board, shots = (None, None) if serve is None else (Board(stream.name), BestShots())
        watching = Watch(
            *(tracker, output),
            gate=gate,
            recording=recording,
            board=board,
            shots=shots,
            review=queue,
            figures_every=figures,
        )
        if board is not None and shots is not None and serve is not None:
            naming = None
            if gallery is not None and threshold is not None:
                naming = Naming(
                    *(tracker, gallery, threshold, watching.people, shots, watching.errands)
                )
            server = stack.enter_context(_server(board, shots, naming, serve, token, hosts))
            output.note(f"the page is at {server.url}")
        stop = stack.enter_context(stopping())
        newest = NewestFrame(Paced(stream) if realtime and not stream.live else stream)
        stack.callback(newest.close)
        watching.run(newest, stop, max_seconds)
    if stop.signal == signal.SIGINT:
        ctx.exit(_INTERRUPTED)
    if recording is not None and recording.failure is not None:
        ctx.exit(ERROR)
    ctx.exit(REFUSED if gate is not None and gate.refused else 0)


def _faces_alone(
    detector: str, engine: str, threads: int | None, precision: Precision
) -> FacePipeline:
    from rostro import Detector, FacePipeline

    install_missing(detector)
    return FacePipeline(
        Detector(detector, engine=engine, threads=threads, precision=precision), None
    )


def _server(
    board: Board,
    shots: BestShots,
    naming: Naming | None,
    address: Address,
    token: str | None,
    hosts: tuple[str, ...],
) -> PageServer:
    """With a token made for it, where others can reach it and none is given."""
    from rostro.video.web.access import is_loopback
    from rostro.video.web.server import PageServer

    if token is None and not is_loopback(address.host):
        token = secrets.token_urlsafe(18)

    def crop(id_: int) -> Image | None:
        shot = shots.get(id_)
        return None if shot is None else shot.crop

    return PageServer(board, address, token, hosts, naming, crop)
