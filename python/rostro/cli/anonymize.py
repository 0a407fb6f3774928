"""``rostro anonymize``: photos and videos with faces hidden."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rostro.cli.anonymize_options import Choice, finder_options, hiding_options, open_finder
from rostro.cli.batch import find_pictures
from rostro.cli.common import ERROR, echo_json, report, run_options, say, show_progress
from rostro.cli.drawings import targets_of
from rostro.cli.outputs import overwrite_option, refuse_existing
from rostro.errors import RostroError

if TYPE_CHECKING:
    from rostro.video.anonymize.find import Finder
    from rostro.video.anonymize.hiding import How, Shape
    from rostro.video.anonymize.regions import Regions

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("anonymize")
@click.argument("paths", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    required=True,
    help="A file for one photo or video, else a folder.",
)
@overwrite_option
@hiding_options
@finder_options
@click.option("--regions", type=_FILE, metavar="FILE", help="Write what was hidden, as JSON.")
@click.option(
    "--from",
    "known",
    type=_FILE,
    metavar="FILE",
    help="Hide what this JSON says; nothing is searched.",
)
@click.option("--no-sound", is_flag=True, help="Leave the sound of videos out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@run_options
@click.pass_context
def anonymize(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    output: Path,
    overwrite: bool,
    how: How,
    shape: Shape,
    regions: Path | None,
    known: Path | None,
    no_sound: bool,
    as_json: bool,
    **choice: Any,
) -> None:
    """Hide the faces of photos and videos.

    SOURCE are photos, videos, folders of such (with all below them) and glob patterns. They stay as
    they are; OUT is written without their metadata: no EXIF, no places, no tags, no thumbnails. The
    sound of videos is copied, unless --no-sound is given.

    A video is read twice: faces are found and followed first, so that one is hidden also in the
    frames between two in which it was found, and in some before and after. Who is hidden is decided
    by all that was seen of a face; in doubt it is hidden. What is said of frames without any face
    is to be looked at: no detector finds all.

    A photo or video that fails is reported, and nothing is written of it; the others are still
    done, and the exit status is then 1.
    """
    from rostro.video.anonymize.hiding import Hiding
    from rostro.video.anonymize.regions import read_regions, write_regions
    from rostro.video.sources.open_source import VIDEO_FILES

    for path in paths:
        if "://" in path:
            raise click.UsageError(f"{path}: a stream is read once; record it, and give the file")
    one_file = _is_one_file(output)
    sources = find_pictures(paths, None if one_file else output, VIDEO_FILES)
    targets = targets_of(sources, output, one_file, _written)
    if one_file and not _is_kind_of(sources[0], output):
        raise click.UsageError(f"-o {output} is no file for {sources[0]}: photo and video differ")
    if regions is not None and regions.resolve() in {path.resolve() for path in sources}:
        raise click.UsageError(f"--regions {regions} would overwrite one of the sources")
    refuse_existing([*targets.values(), regions], overwrite)
    given = None if known is None else read_regions(known)
    work = _Work(Hiding(how, shape), not no_sound, known, given)
    documents: list[dict[str, Any]] = []
    hidden: list[Regions] = []
    failed = False
    with contextlib.ExitStack() as stack:
        if given is None:
            work.finder = stack.enter_context(open_finder(Choice(**choice)))
        for source in sources:
            try:
                found, document = work.do(source, targets[source])
            except (RostroError, MemoryError) as error:
                report(error)
                failed = True
                continue
            hidden.append(found)
            documents.append(document)
            if not as_json:
                for line in _lines(document, found):
                    say(line)
    if regions is not None and hidden:
        write_regions(regions, hidden)
    if as_json:
        echo_json({"how": how, "shape": shape, "sources": documents})
    ctx.exit(ERROR if failed else 0)


class _Work:
    """What is done with one photo or video after the other."""

    finder: Finder

    def __init__(
        self, hiding: Any, sound: bool, known: Path | None, given: list[Regions] | None
    ) -> None:
        self._hiding, self._sound, self._known, self._given = hiding, sound, known, given

    def do(self, source: Path, target: Path) -> tuple[Regions, dict[str, Any]]:
        from rostro.video.anonymize.apply import hide_in_photo, hide_in_video
        from rostro.video.anonymize.regions import regions_for
        from rostro.video.sources.open_source import is_picture

        photo = is_picture(source)
        if self._given is not None and self._known is not None:
            found = regions_for(self._given, str(source), self._known)
        elif photo:
            found = self.finder.in_photo(source)
        else:
            with _bar(f"{source.name}: faces") as step:
                found = self.finder.in_video(source, step)
        target.parent.mkdir(parents=True, exist_ok=True)
        problems: list[str] = []
        if photo:
            hide_in_photo(source, target, found, self._hiding)
        else:
            with _bar(f"{source.name}: hidden") as step:
                told = hide_in_video(
                    source, target, found, self._hiding, sound=self._sound, progress=step
                )
            problems = [str(problem) for problem in told]
        return found, _document(found, target, problems)


def _document(found: Regions, target: Path, problems: list[str]) -> dict[str, Any]:
    hidden = [track for track in found.tracks if track.hide]
    covered = [len(regions) > 0 for regions in found.by_frame()]
    shown = [track for track in found.tracks if not track.hide]
    return {
        "file": found.file,
        "output": str(target),
        "frames": found.frames,
        "faces_hidden": len(hidden),
        "faces_shown": len(shown),
        "shown": sorted({track.name for track in shown if track.name is not None}),
        "frames_with_hidden": sum(covered),
        "frames_without_detection": found.empty,
        "of_these_not_covered": [frame for frame in found.empty if not covered[frame]],
        "cuts": found.cuts,
        "problems": problems,
    }


def _lines(document: dict[str, Any], found: Regions) -> Iterator[str]:
    name = click.format_filename(document["file"])
    shown = f", {document['faces_shown']} shown" if document["faces_shown"] else ""
    hidden = document["faces_hidden"]
    yield f"{name}: {hidden} face{'s' * (hidden != 1)} hidden{shown}: {document['output']}"
    if found.frames > 1:
        yield f"  in {document['frames_with_hidden']} of {found.frames} frames"
    empty, bare = found.empty, document["of_these_not_covered"]
    if found.frames == 1 and empty:
        yield "  no face was found: look at it"
    elif empty:
        yield (
            f"  no face was found in {len(empty)} frames; of these {len(empty) - len(bare)} are "
            "covered by what was found around them"
        )
        if bare:
            yield f"  look at frames {_numbers(bare)}"
    for problem in document["problems"]:
        yield f"  {problem}"


def _numbers(frames: list[int]) -> str:
    from rostro.video.anonymize.regions import runs

    return ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in runs(frames))


@contextlib.contextmanager
def _bar(name: str) -> Iterator[Callable[[], object]]:
    from tqdm import tqdm

    with tqdm(desc=name, unit="frame", leave=False, disable=not show_progress()) as bar:
        yield bar.update


def _is_one_file(output: Path) -> bool:
    from rostro.pictures.images import is_writable
    from rostro.video.writer import VIDEO_SUFFIXES

    known = is_writable(output) or output.suffix.lower() in VIDEO_SUFFIXES
    return known and not output.is_dir()


def _is_kind_of(source: Path, output: Path) -> bool:
    from rostro.pictures.images import is_writable
    from rostro.video.sources.open_source import is_picture

    return is_picture(source) == is_writable(output)


def _written(path: Path) -> Path:
    """The name under which it is written: its own where rostro writes such, else another one."""
    from rostro.pictures.images import is_writable
    from rostro.video.sources.open_source import is_picture
    from rostro.video.writer import VIDEO_SUFFIXES

    if is_picture(path):
        return path if is_writable(path) else path.with_name(f"{path.name}.png")
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return path
    return path.with_name(f"{path.name}.mkv")  # which holds every kind of sound
