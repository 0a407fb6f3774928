"""What somebody decides about an entry of a review queue, and what helps to decide."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from rostro.errors import FileMissingError, GalleryError
from rostro.gallery import Gallery
from rostro.gallery.rank_people import Match
from rostro.video.enrolling import NO_LOOK, Candidate, enroll
from rostro.video.review.queue import ReviewQueue
from rostro.video.review.records import Entry

__all__ = ["accept", "discard", "likely", "require_embedder", "same_person"]

_MOST_LIKELY = 3


def require_embedder(gallery: Gallery, entry: Entry) -> None:
    """Makes sure that an entry can be compared with a gallery; changes nothing.

    Raises:
        GalleryError: its template is another embedder's.
    """
    empty = not len(gallery) and not gallery.embedders
    if len(entry.template) != gallery.dim:
        raise GalleryError(
            f"{entry.id}: its template has {len(entry.template)} numbers, those of the gallery "
            f"have {gallery.dim}"
        )
    if not empty:
        try:
            gallery.require(entry.embedder)
        except GalleryError as error:
            raise GalleryError(f"{entry.id}: {error}") from error


def likely(gallery: Gallery, entry: Entry) -> list[Match]:
    """Who of the gallery is most like an entry, best first, without its provisional name."""
    (found,) = gallery.search(entry.template, _MOST_LIKELY + 1)
    return [match for match in found if match.name != entry.enrolled][:_MOST_LIKELY]


def same_person(
    entry: Entry, others: Iterable[Entry], threshold: float
) -> list[tuple[Entry, float]]:
    """Entries that are the same person, it seems, most similar first: alike from the threshold on,
    and never seen beside this one."""
    found = []
    for other in others:
        beside = other.id in entry.apart or entry.id in other.apart
        comparable = (other.embedder, other.template.shape) == (
            entry.embedder,
            entry.template.shape,
        )
        if other.id == entry.id or beside or not comparable:
            continue
        similarity = float(entry.template @ other.template)
        if similarity >= threshold:
            found.append((other, similarity))
    return sorted(found, key=lambda one: -one[1])


def accept(
    gallery: Gallery,
    queue: ReviewQueue,
    entry: Entry,
    name: str,
    threshold: float,
    *,
    force: bool = False,
) -> None:
    """Enrolls an entry; it leaves the queue once the gallery has it.

    Raises:
        EnrollmentError: there are reasons against it, and not ``force``.
        GalleryError: its template is another embedder's.
        ArgumentError, GalleryBusyError, WriteError: as `Gallery.add`, or the entry stays.
    """
    require_embedder(gallery, entry)
    gallery.require(entry.embedder)  # an empty gallery takes it for its own
    why = entry.pictures[0].reasons if entry.pictures else (NO_LOOK,)
    candidate = Candidate(entry.template, entry.votes, why=why, enrolled=entry.enrolled)
    enroll(candidate, name.strip(), gallery, threshold, force=force)
    with contextlib.suppress(FileMissingError):  # another program had it, too
        queue.discard(entry.id)


def discard(gallery: Gallery, queue: ReviewQueue, entry: Entry) -> None:
    """Deletes an entry, and from the gallery whom it was enrolled as by itself.

    Raises:
        FileMissingError: it is gone.
        GalleryBusyError, WriteError: it cannot be deleted.
    """
    if entry.enrolled is not None and entry.enrolled in gallery:
        gallery.remove(entry.enrolled)
    queue.discard(entry.id)
