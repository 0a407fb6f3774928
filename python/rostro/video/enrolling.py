"""Who is enrolled from a video, by a person or by itself: the rules, and the gallery's part."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from rostro.errors import ArgumentError, EnrollmentError
from rostro.gallery import Gallery
from rostro.support.arguments import check_integer, check_number, shown
from rostro.types import FloatArray

__all__ = ["NO_LOOK", "Candidate", "EnrollSettings", "enroll", "provisional", "reasons_against"]

_LEAST_VOTES = 3
"""Embeddings before somebody is enrolled: one may be of a bad moment."""
NO_LOOK = "no good look at this face yet"


class Candidate(NamedTuple):
    """Somebody to be enrolled.

    Attributes:
        template: the mean of all embeddings, (D,) float32; ``None`` where there is none.
        votes: how many embeddings that are.
        name: of who is known already.
        refused: why the face may not be matched.
        why: the best shot is not good enough; none of a good one, or where nobody looked.
        enrolled: the provisional name under which the gallery has them.
        mixed: the embeddings are of more than one person, by the tracker's threshold.
    """

    template: FloatArray | None
    votes: int
    name: str | None = None
    refused: str | None = None
    why: Sequence[str] = ()
    enrolled: str | None = None
    mixed: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnrollSettings:
    """When a `FaceTracker` enrolls an unknown by itself.

    Besides, the best shot must be good enough for `rostro enroll`, no embedding may have been taken
    for anybody of the gallery's, all must be of one person by the tracker's threshold, and nobody
    may have been taken for a face that is not live.

    Attributes:
        votes: embeddings of the unknown (5), over at least ``seconds`` (5).
        margin: by how much less than the tracker's threshold the unknown must be like everybody in
            the gallery (0.1).
    """

    votes: int = 5
    seconds: float = 5.0
    margin: float = 0.1

    def __post_init__(self) -> None:
        check_integer("votes", self.votes, 1)
        for what in ("seconds", "margin"):
            value = check_number(what, getattr(self, what))
            if not 0 <= value < float("inf"):
                raise ArgumentError(f"{what}: got {shown(value)}; 0 or more is wanted")


def provisional(id_: str) -> str:
    """The name of an unknown who is enrolled by itself."""
    return f"unknown {id_}"


def reasons_against(
    candidate: Candidate | None,
    name: str,
    gallery: Gallery,
    threshold: float,
    *,
    force: bool = False,
) -> list[str]:
    """Why somebody is not enrolled under a name, in sentences; none: may be. With ``force`` only
    what cannot be done is a reason."""
    if candidate is None or candidate.template is None:
        return ["This person has left, or was not seen well enough yet."]
    if not name.strip():
        return ["The name of a person is wanted."]
    if force:
        return []
    if candidate.refused is not None:
        return [f"This face is refused: {candidate.refused}."]
    if candidate.name not in (None, candidate.enrolled):
        return [f"This is {candidate.name} already."]
    if candidate.mixed:
        return ["What was seen of this face is of more than one person."]
    if candidate.votes < _LEAST_VOTES:
        return [
            f"Only {candidate.votes} good looks at this face so far; {_LEAST_VOTES} are wanted."
        ]
    if candidate.why:
        return [_sentence(reason) for reason in candidate.why]
    (found,) = gallery.search(candidate.template, 2, threshold)
    match = next((one for one in found if one.name != candidate.enrolled), None)
    if match is None and name in gallery and name != candidate.enrolled:
        return [f"The gallery has a {name} already, who looks different; take another name."]
    if match is not None and match.name != name:
        return [f"This face is too much like {match.name}'s in the gallery "
                f"({match.similarity:.2f}; less than {threshold:.2f} is wanted)."]  # fmt: skip
    return []


def enroll(
    candidate: Candidate | None,
    name: str,
    gallery: Gallery,
    threshold: float,
    *,
    force: bool = False,
) -> None:
    """Adds somebody's template to a gallery; who is there under a provisional name is renamed. Any
    thread may call this, for the disk is waited for.

    Raises:
        EnrollmentError: there are reasons against it; nothing is changed.
        Others as `Gallery.add`.
    """
    why = reasons_against(candidate, name, gallery, threshold, force=force)
    if why or candidate is None or candidate.template is None:
        raise EnrollmentError(why)
    before = candidate.enrolled
    if before is None or before not in gallery:
        gallery.add(name, candidate.template)
    elif name not in gallery or name == before:
        gallery.rename(before, name)
    else:
        gallery.add(name, candidate.template)
        gallery.remove(before)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")
