"""``rostro gallery review``: names for the unknowns that `rostro watch --review` kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rostro.cli.common import ERROR, echo_json, report
from rostro.cli.gallery_options import gallery_argument, key_option
from rostro.errors import EnrollmentError, FileMissingError, GalleryError, ReviewError, RostroError

if TYPE_CHECKING:
    from rostro import Gallery
    from rostro.video import ReviewQueue
    from rostro.video.review import Entry

__all__ = ["review"]

_CHOICES = {"n": "name", "s": "skip", "d": "discard", "q": "quit"}


def _pairs(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    pairs = []
    for value in values:
        id_, sign, name = value.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"got {value!r}; ID=NAME is wanted")
        pairs.append((id_, name))
    return pairs


@click.command()
@gallery_argument
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="QUEUE")
@click.option("--json", "as_json", is_flag=True, help="List all who wait as one JSON document.")
@click.option(
    "--accept",
    multiple=True,
    callback=_pairs,
    metavar="ID=NAME",
    help="Enroll an entry under a name; may be repeated.",
)
@click.option(
    "--discard",
    "discarded",
    multiple=True,
    metavar="ID",
    help="Delete an entry with its pictures; may be repeated.",
)
@click.option("--force", is_flag=True, help="Enroll who is not good enough, or like others, too.")
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help="Least cosine similarity of one person. Default: that of the tracker that kept them.",
)
@key_option
@click.pass_context
def review(
    ctx: click.Context,
    path: Path,
    folder: Path,
    as_json: bool,
    accept: list[tuple[str, str]],
    discarded: tuple[str, ...],
    force: bool,
    threshold: float | None,
    key: bytes | None,
) -> None:
    """Name the unknowns of a video, who wait in the folder QUEUE, one after another.

    Shows of each who it is most like, where the best picture is, and which others are the same
    person, it seems. Named ones are enrolled into GALLERY, which is made if it is not there yet,
    by the rules of `rostro enroll`, and leave the queue; discarded ones are deleted, with their
    pictures. `rostro watch` may be running with both.

    With --json, --accept or --discard nothing is asked. Exit status: 1 if anything was refused.
    """
    if not folder.is_dir():
        raise FileMissingError(f"{folder}: there is no such folder")
    from rostro import Gallery
    from rostro.video import ReviewQueue

    queue = ReviewQueue(folder)
    entries = queue.entries()
    broken = [ReviewError(why) for why in queue.broken().values()]
    for error in broken:
        report(error)
    asking = not (as_json or accept or discarded)
    dim = len(entries[0].template) if entries and (asking or accept) else None
    with Gallery.open(path, None if path.exists() else dim, key=key) as people:
        work = _Review(people, queue, threshold, force)
        if asking:
            work.ask(entries)
        for id_, name in accept:
            work.try_(lambda id_=id_, name=name: work.accept(queue.get(id_), name))
        for id_ in discarded:
            work.try_(lambda id_=id_: work.discard(id_))
        if as_json:
            entries = queue.entries()
            echo_json({"entries": [work.document(one, entries) for one in entries]}, indent=1)
    ctx.exit(0 if work.all_well and not broken else ERROR)


class _Review:
    def __init__(
        self, people: Gallery, queue: ReviewQueue, threshold: float | None, force: bool
    ) -> None:
        self._people, self._queue = people, queue
        self._threshold, self._force = threshold, force
        self.all_well = True

    def try_(self, work: Any) -> bool:
        """What cannot be done is told, and the rest is done all the same."""
        try:
            work()
        except (RostroError, OSError) as error:
            self.all_well = False
            report(error)
            return False
        return True

    def threshold(self, entry: Entry) -> float:
        return entry.threshold if self._threshold is None else self._threshold

    def accept(self, entry: Entry, name: str, *, force: bool = False) -> None:
        from rostro.video.review.deciding import accept

        try:
            accept(
                *(self._people, self._queue, entry, name, self.threshold(entry)),
                force=self._force or force,
            )
        except EnrollmentError as error:
            raise EnrollmentError(
                [f"{entry.id}: refused:", *error.reasons, "--force takes it all the same."]
            ) from error
        click.echo(f"{entry.id}: enrolled as {name.strip()}")

    def discard(self, id_: str) -> None:
        from rostro.video.review.deciding import discard

        try:
            discard(self._people, self._queue, self._queue.get(id_))
        except ReviewError:  # a record that cannot be read
            self._queue.discard(id_)
        click.echo(f"{id_}: discarded")

    def document(self, entry: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
        from rostro.video.review.deciding import likely, require_embedder, same_person

        best = next(iter(entry.pictures), None)
        document: dict[str, Any] = {
            "id": entry.id,
            "track": entry.track,
            "first_seen": entry.first_seen,
            "last_seen": entry.last_seen,
            "votes": entry.votes,
            "enrolled": entry.enrolled,
            "picture": None if best is None else str(self._queue.folder / best.file),
            "quality": None if best is None else round(best.quality, 4),
            "reasons": [] if best is None else list(best.reasons),
            "same": [
                {"id": other.id, "similarity": round(similarity, 4)}
                for other, similarity in same_person(entry, entries, self.threshold(entry))
            ],
            "likely": [],
            "refused": None,
        }
        try:
            require_embedder(self._people, entry)
        except GalleryError as error:
            document["refused"] = str(error)
        else:
            document["likely"] = [
                {"name": match.name, "similarity": round(match.similarity, 4)}
                for match in likely(self._people, entry)
            ]
        return document

    # One after another

    def ask(self, entries: list[Entry]) -> None:
        """Asks about each; the end of the input is as good as "quit"."""
        if not entries:
            click.echo("Nobody waits.")
        waiting = {entry.id: entry for entry in entries}
        try:
            while waiting:
                entry = waiting.pop(next(iter(waiting)))
                document = self.document(entry, list(waiting.values()))
                _show(document)
                if document["refused"] is not None:
                    self.all_well = False
                    continue
                group = [entry]
                others = [one["id"] for one in document["same"]]
                if others and click.confirm("Take them together?", default=True):
                    group += [waiting.pop(id_) for id_ in others]
                choice = click.prompt(
                    "[n]ame, [s]kip, [d]iscard, [q]uit",
                    type=click.Choice([*_CHOICES, *_CHOICES.values()]),
                    show_choices=False,
                )
                if choice[0] == "q":
                    return
                if choice[0] == "n":
                    self._name(group, click.prompt("Name"))
                elif choice[0] == "d":
                    for one in group:
                        self.try_(lambda one=one: self.discard(one.id))
        except click.Abort as error:
            if isinstance(error.__context__, KeyboardInterrupt):
                raise KeyboardInterrupt from error
            click.echo()

    def _name(self, group: list[Entry], name: str) -> None:
        for one in group:
            if self.try_(lambda one=one: self.accept(one, name)):
                continue
            if click.confirm("Enroll all the same?", default=False):
                self.try_(lambda one=one: self.accept(one, name, force=True))


def _show(document: dict[str, Any]) -> None:
    seen = f"{document['first_seen']} to {document['last_seen']}, {document['votes']} looks"
    click.echo(f"\n{document['id']}  {seen}")
    if document["enrolled"] is not None:
        click.echo(f"  enrolled by itself as {document['enrolled']}")
    if document["picture"] is not None:
        click.echo(f"  best picture: {document['picture']} ({document['quality']:.2f})")
    for reason in document["reasons"]:
        click.echo(f"  not good enough: {reason}")
    if document["refused"] is not None:
        click.echo(f"  refused: {document['refused']}")
    for what, key in (("most like", "name"), ("the same person, it seems", "id")):
        found = document["likely" if key == "name" else "same"]
        if found:
            listed = ", ".join(f"{one[key]} ({one['similarity']:.2f})" for one in found)
            click.echo(f"  {what}: {listed}")
