"""What is remembered of one unknown."""

from __future__ import annotations

import dataclasses

from rostro.video.enrolling import Candidate
from rostro.video.review.background import Paper

__all__ = ["Unknown"]


@dataclasses.dataclass(slots=True, eq=False)
class Unknown:
    """Somebody who was announced as unknown."""

    paper: Paper
    first_seen: float  # seconds since 1970
    first_time: float
    last_seen: float
    last_time: float
    votes: int = 0  # at the last record
    written: float = float("-inf")
    judged: int = 0  # votes when it was last asked whether to enroll them
    mixed: bool = False  # it was told that they are not enrolled for this
    apart: dict[str, None] = dataclasses.field(default_factory=dict)  # ids, the last ones
    enrolled: str | None = None  # the provisional name
    left: Candidate | None = None  # when they left
    counted: bool = False  # again, after the entry was gone
