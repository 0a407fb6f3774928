"""Why a face is of little use: the bits of the face table's column ``reasons``."""

from __future__ import annotations

import enum

__all__ = ["Reason", "reason_names"]


class Reason(enum.IntFlag):
    """What is wrong with a face; none of these, 0, is a good one.

    Attributes:
        BLURRED: out of focus, or moved.
        DARK: under-exposed.
        BRIGHT: over-exposed.
        FLAT: of little dynamic range.
        UNEVEN: lit from one side.
        COLORED: of a color that no skin has.
        COMPRESSED: with the blocks of a strong compression.
        SMALL: of too few pixels.
        CUT: by the image's border.
        TURNED: to a side, by its yaw.
        TILTED: up, down or to a shoulder, by its pitch or roll.
        EYES_CLOSED: by a mesh, or a network that says so.
        MOUTH_OPEN: likewise.
        COVERED: by a hand, a mask, dark glasses.
        EXPRESSION: not neutral.
        UNCERTAIN: the detector, or the fit of the landmarks, is not sure that this is a face.
    """

    BLURRED = 1 << 0
    DARK = 1 << 1
    BRIGHT = 1 << 2
    FLAT = 1 << 3
    UNEVEN = 1 << 4
    COLORED = 1 << 5
    COMPRESSED = 1 << 6
    SMALL = 1 << 7
    CUT = 1 << 8
    TURNED = 1 << 9
    TILTED = 1 << 10
    EYES_CLOSED = 1 << 11
    MOUTH_OPEN = 1 << 12
    COVERED = 1 << 13
    EXPRESSION = 1 << 14
    UNCERTAIN = 1 << 15


def reason_names(reasons: int) -> list[str]:
    """The names of the bits that are set, for people and for JSON."""
    return [str(reason.name) for reason in Reason if reason & reasons]
