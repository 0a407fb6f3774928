"""Records of a review queue, as JSON. docs/reference/formats.md has the table."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
from typing import Any

import numpy as np

from rostro.errors import ArgumentError
from rostro.gallery.identity import MAX_DIM, EmbedderIdentity
from rostro.gallery.templates import NORM_TOLERANCE
from rostro.support.arguments import check_text, shown
from rostro.types import FloatArray

__all__ = ["Entry", "Picture", "check_id", "new_id"]

FORMAT = "rostro-review-1"
_ID = re.compile(r"[0-9a-f]{8}")
_PICTURE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{16}\.png")
_LARGEST = 1e30  # of any number


def new_id() -> str:
    """The id of somebody new in a queue."""
    return secrets.token_hex(4)


def check_id(id_: str) -> str:
    """An id, which is part of file names: nothing else may pass."""
    if not _ID.fullmatch(check_text("id", id_)):
        raise ArgumentError(
            f"id: got {shown(id_)}; the eight hexadecimal digits of an entry are wanted"
        )
    return id_


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an unknown.

    Attributes:
        file: its name in the queue's folder: a PNG of the crop that the embedder saw.
        quality: 0..1, by the limits of `rostro enroll`.
        reasons: it is not good enough, in sentences; none of a good one.
        time: of the frame, seconds of its stream.
    """

    file: str
    quality: float
    reasons: tuple[str, ...]
    time: float

    @property
    def rank(self) -> tuple[bool, float]:
        """The better, the larger: one without reasons before any with some."""
        return not self.reasons, self.quality


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """An unknown of a review queue.

    Attributes:
        id: of the entry, eight hexadecimal digits.
        track: the id that the tracker gave; another run gives the same to others.
        embedder: who made the template.
        threshold: from which similarity on that tracker took two faces for one person's.
        template: the mean of all embeddings, (D,) float32 of unit norm.
        votes: how many embeddings that are.
        first_seen, last_seen: time of the day, UTC, as ISO 8601 has it.
        times: the same two, in seconds of the stream.
        pictures: best first.
        apart: ids of entries who were seen beside this one, and so are other people.
        enrolled: the provisional name under which the tracker enrolled them by itself.
    """

    id: str
    track: int
    embedder: EmbedderIdentity
    threshold: float
    template: FloatArray
    votes: int
    first_seen: str
    last_seen: str
    times: tuple[float, float]
    pictures: tuple[Picture, ...] = ()
    apart: tuple[str, ...] = ()
    enrolled: str | None = None

    def encode(self) -> bytes:
        """For the file."""
        fields = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("embedder", "template", "pictures")
        }
        fields |= {
            "format": FORMAT,
            "embedder": self.embedder.encode(),
            "template": self.template.tolist(),
            "pictures": [dataclasses.asdict(picture) for picture in self.pictures],
        }
        return json.dumps(fields, allow_nan=False, indent=1).encode()

    @classmethod
    def decode(cls, data: bytes, id_: str) -> Entry:
        """Of the file of an entry; ValueError if it is something else."""
        try:
            fields = json.loads(data)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        names = {field.name for field in dataclasses.fields(cls)} | {"format"}
        if not isinstance(fields, dict) or fields.keys() != names:
            raise ValueError("not the fields of a record")
        if fields.pop("format") != FORMAT or fields["id"] != id_:
            raise ValueError("of another format or id")
        first, last = _list_of(fields["times"], _number)
        pictures = tuple(_list_of(fields["pictures"], _picture))
        if not all(one.file.startswith(id_) for one in pictures):
            raise ValueError("pictures of somebody else")
        enrolled = fields["enrolled"]
        return cls(
            id=id_,
            track=_whole(fields["track"]),
            embedder=EmbedderIdentity.decode(fields["embedder"]),
            threshold=_number(fields["threshold"]),
            template=_template(fields["template"]),
            votes=_whole(fields["votes"]),
            first_seen=_text(fields["first_seen"]),
            last_seen=_text(fields["last_seen"]),
            times=(first, last),
            pictures=pictures,
            apart=tuple(_list_of(fields["apart"], _text)),
            enrolled=None if enrolled is None else _text(enrolled),
        )


def _picture(fields: Any) -> Picture:
    if not isinstance(fields, dict) or fields.keys() != {"file", "quality", "reasons", "time"}:
        raise ValueError("not the fields of a picture")
    file = _text(fields["file"])
    if not _PICTURE.fullmatch(file):  # a path to elsewhere must not pass
        raise ValueError("not the name of a picture")
    reasons = tuple(_list_of(fields["reasons"], _text))
    return Picture(file, _number(fields["quality"]), reasons, _number(fields["time"]))


def _template(value: Any) -> FloatArray:
    numbers = _list_of(value, _number)
    if not 1 <= len(numbers) <= MAX_DIM:
        raise ValueError("a template without numbers, or of too many")
    template = np.array(numbers, np.float64)
    if not abs(float(np.linalg.norm(template)) - 1) <= NORM_TOLERANCE:
        raise ValueError("a template that is not of unit norm")
    return template.astype(np.float32)


def _list_of(value: Any, check: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list where one is wanted")
    return [check(one) for one in value]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text where one is wanted")
    try:
        return check_text("text", value)
    except ArgumentError as error:
        raise ValueError("a text that cannot be written") from error


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError("no whole number where one is wanted")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not -_LARGEST <= value <= _LARGEST:  # also NaN
        raise ValueError("no number where one is wanted")
    return float(value)
